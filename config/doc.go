// Package config reads client files: it decodes YAML strictly, checks what each
// file says by itself and what all files say together, and reports every problem
// at once with file, line, path, what was found and what would do. It decides
// nothing: that is package plan.
//
//go:generate go run ./internal/gen/write
package config
