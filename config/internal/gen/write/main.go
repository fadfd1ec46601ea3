// Command write writes the generated files about client files. It is run by
// `go generate ./config`, in the folder config.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/lectern/lectern/config/internal/gen"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	for path, generate := range gen.Files() {
		content, err := generate(".")
		if err != nil {
			return fmt.Errorf("generating %s: %w", path, err)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("making the folder of %s: %w", path, err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	return nil
}
