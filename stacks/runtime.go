package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/runtime/contract"
)

// Runtime is a built runtime binary.
type Runtime struct {
	Path string
	// SHA256 of the file in hexadecimal; it names the asset and is checked at boot.
	SHA256 string
}

// Runtimes are the binaries by architecture.
type Runtimes map[string]Runtime

// RuntimeFile is the name of the built binary for an architecture. The extension
// keeps the CDK from making one up for the object's key.
func RuntimeFile(architecture string) string {
	return contract.BinaryName + "-" + architecture + ".elf"
}

// LoadRuntimes reads from a folder the binaries that the plans' instances run.
func LoadRuntimes(dir string, plans ...plan.Plan) (Runtimes, error) {
	found := Runtimes{}
	for _, p := range plans {
		architecture := p.Web.Architecture
		if _, read := found[architecture]; read {
			continue
		}
		path := filepath.Join(dir, RuntimeFile(architecture))
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading the runtime for %s (make runtime builds it): %w", architecture, err)
		}
		sum := sha256.Sum256(content)
		found[architecture] = Runtime{Path: path, SHA256: hex.EncodeToString(sum[:])}
	}
	return found, nil
}

// For is the runtime that a plan's instances run. Web and worker fleets share it.
func (r Runtimes) For(p plan.Plan) Runtime {
	return r[p.Web.Architecture]
}
