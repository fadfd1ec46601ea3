package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

// FuzzParse holds that no content makes Parse panic, and that every problem
// names a line of the file and says something.
func FuzzParse(f *testing.F) {
	clients, err := filepath.Glob("clients/*.yaml")
	require.NoError(f, err)
	for _, path := range clients {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(data)
	}
	archives, err := filepath.Glob("testdata/*.txtar")
	require.NoError(f, err)
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		require.NoError(f, err)
		for _, file := range archive.Files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, problems := config.Parse("demo.yaml", data)
		_, _, more := workload.For(file)
		problems = append(problems, more...)
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 2
		for _, p := range problems {
			require.NotEmpty(t, p.Found)
			require.NotEmpty(t, p.Fix)
			require.LessOrEqual(t, p.Line, lines)
		}
		config.Weakenings(file)
	})
}
