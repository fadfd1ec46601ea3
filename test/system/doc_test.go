//go:build system

// Package system_test tries Lectern for real: the CDK CLI deploys every reference
// client into an emulated AWS account, changes it, puts a second client beside it and
// destroys it; the procedures of docs/procedures are followed for each, command by command;
// the user data it deployed boots a machine under systemd; and cfn-lint reads every template.
//
// The emulator (folder emulator) is tested for its own honesty in emulator_test.go,
// since a deploy proves no more than the emulator refuses. What it cannot prove is
// listed, with reasons, in emulator/accepted-gaps.yaml.
//
// Run it with make test-system. Nothing here is skipped when a tool is missing: the
// test fails and says how to get the tool.
package system_test
