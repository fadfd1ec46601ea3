// Package iam proves what the roles of every reference client may do, offline:
//
//	record/Recorder ──► testdata/calls/*.json   what instances called in the system tests
//	                    named-calls.yaml        what AWS's own agents and services call, which no test can record
//	templates ──► Environment ──► roles, resource policies, names of everything
//	both ──► simulate.mjs (@cloud-copilot/iam-simulate) ──► allowed or denied, and by which statement
//
// All calls have to be allowed, each action of each statement has to be needed by a call (unneeded.yaml explains the
// others), and no call of one client is allowed on anything of another (shared.yaml explains the others).
//
// The templates are those of test/synth/testdata/golden, which TestGoldenTemplates compares whole with what is
// synthesized; only the hashes of the runtime's binaries are other ones there.
package iam
