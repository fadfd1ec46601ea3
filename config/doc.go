// Package config reads client files: it decodes YAML strictly, checks what each
// file says by itself, and reports every problem at once with file, line, path,
// what was found and what would do. It decides nothing, and it compares no two
// files but by name: that is package plan.
//
// A key is declared once. To add one:
//
//   - client.go: the field with its yaml tag; the comment is the reference.
//   - default.go: its default, unless it follows from other keys.
//   - validate_SECTION.go: its bounds, as a Key; what it cannot be combined with, as
//     a rule listed in validate.go; and in weakening.go what weakens safety.
//   - testdata: a bad file and the problems it gets (go test ./config -update).
//   - go generate ./config writes the schema and the reference page.
//
//go:generate go run ./internal/gen/write
package config
