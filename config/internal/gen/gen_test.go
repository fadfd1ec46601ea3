package gen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/internal/gen"
)

// root is the folder config.
const root = "../.."

func TestGeneratedFilesAreCurrent(t *testing.T) {
	for path, generate := range gen.Files() {
		want, err := generate(root)
		require.NoError(t, err)
		have, err := os.ReadFile(filepath.Join(root, path))
		require.NoError(t, err)
		require.Equal(t, string(want), string(have), "%s has drifted; run: go generate ./config", path)
	}
}

func TestEveryKeyIsDocumented(t *testing.T) {
	page, err := gen.Page(root)
	require.NoError(t, err)
	for _, path := range config.Paths() {
		// Sections of the first level are headings, workload has one for each kind.
		require.Truef(t, bytes.Contains(page, []byte("`"+path+"`")) || bytes.Contains(page, []byte("\n## "+path+"\n")), "%s is not on the page", path)
	}
	require.NotContains(t, string(page), "|  |\n| `", "a key has no meaning")
}

func TestReferenceClientsMatchTheSchema(t *testing.T) {
	schema := compile(t)
	paths, err := filepath.Glob(root + "/clients/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(data, []byte("# yaml-language-server: $schema=../schema.json\n")), path)
		require.NoError(t, schema.Validate(value(t, data)), path)
	}
}

// TestSchemaRefuses what the decoder refuses by the same tables.
func TestSchemaRefuses(t *testing.T) {
	const demo = "name: demo\naccount: '111122223333'\nregion: eu-west-1\nsize: S\n"
	schema := compile(t)
	require.NoError(t, schema.Validate(value(t, []byte(demo+"workload: {kind: engine, workers: {dedicated: true}}\n"))))
	for name, line := range map[string]string{
		"unknown key":         "workload: engine\nnetwerk: {}\n",
		"unknown nested key":  "workload: engine\nedge: {waf: {on: true}}\n",
		"no workload":         "",
		"workload":            "workload: engin\n",
		"setting of workload": "workload: {kind: engine, workers: {dedicate: true}}\n",
		"range":               "workload: engine\nnetwork: {natGateways: 0}\n",
		"unit":                "workload: engine\ncompute: {diskGiB: 20GB}\n",
		"choice":              "workload: engine\nlogs: {retentionDays: 13}\n",
		"pattern":             "workload: engine\ndomain: {name: Learn}\n",
		"one zone":            "workload: engine\nnetwork: {zones: [eu-west-1a]}\n",
		"step":                "workload: engine\ndatabase: {minAcu: 0.7}\n",
		"reason":              "workload: engine\nreasons: {database.multiAz: short}\n",
		"reason for nothing":  "workload: engine\nreasons: {size: it is large enough}\n",
	} {
		require.Error(t, schema.Validate(value(t, []byte(demo+line))), name)
	}
}

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(root + "/schema.json")
	require.NoError(t, err)
	return schema
}

func value(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	require.NoError(t, yaml.Unmarshal(data, &v))
	return v
}
