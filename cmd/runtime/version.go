package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print what this binary is: the SHA-256 that user data checked, and the Go it was built with",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sum, err := ownSHA256()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "lectern-runtime sha256:%s %s %s/%s\n", sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// ownSHA256 identifies the build. A version stamped in by the linker would make equal sources give different binaries.
func ownSHA256() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find my own executable: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read my own executable: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read my own executable: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
