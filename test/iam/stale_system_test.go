//go:build system

package iam

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/test/iam/record"
)

// TestEveryCallIsStillMade comes after a whole run of the system tests, which wrote what they recorded into the folder
// that LECTERN_CALLS names. A call of a catalogue that none of them made any more keeps a permission alive that nothing
// needs: remove its line.
func TestEveryCallIsStillMade(t *testing.T) {
	folder := os.Getenv(record.EnvFolder)
	if folder == "" {
		t.Skipf("%s names no folder with the calls of a whole run; make stale-calls does, after make test-system", record.EnvFolder)
	}
	calls := 0
	for name, c := range newProof(t).catalogues {
		made := recordedIn(t, filepath.Join(folder, name+".jsonl"))
		for _, call := range c.Calls {
			calls++
			if !made.Has(call) {
				t.Errorf("%s.json: no test makes the call any more: %s", name, call)
			}
		}
	}
	t.Logf("%d calls in the catalogues, looked for in what %s holds", calls, folder)
}

// recordedIn are the calls in a file of JSON lines; none if it does not exist.
func recordedIn(t *testing.T, file string) record.Catalogue {
	t.Helper()
	var c record.Catalogue
	content, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c
	}
	require.NoError(t, err)
	defer content.Close()
	for lines := json.NewDecoder(content); ; {
		var call record.Call
		if err := lines.Decode(&call); errors.Is(err, io.EOF) {
			return c
		} else {
			require.NoError(t, err)
		}
		c.Calls = append(c.Calls, call)
	}
}
