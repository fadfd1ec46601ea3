package references_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/references"
)

type template = map[string]any

// environments are the golden templates of the reference clients, by client and stack.
func environments(t *testing.T) map[string]map[string]template {
	t.Helper()
	found := map[string]map[string]template{}
	files, err := filepath.Glob("../../test/synth/testdata/golden/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		client := name[:strings.LastIndexByte(name, '-')]
		if found[client] == nil {
			found[client] = map[string]template{}
		}
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var decoded template
		require.NoError(t, json.Unmarshal(content, &decoded))
		found[client]["lectern-"+name] = decoded
	}
	return found
}

// write puts templates into an assembly, adds the metadata, and returns what is there then.
func write(t *testing.T, stacks map[string]template) map[string]template {
	t.Helper()
	dir := t.TempDir()
	names := slices.Sorted(maps.Keys(stacks))
	manifest := ""
	for _, name := range names {
		content, err := json.Marshal(stacks[name])
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".template.json"), content, 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".assets.json"), []byte(asset(content)), 0o644))
		manifest += asset(content) + "\n"
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(manifest), 0o644))
	require.NoError(t, references.Write(dir, names, references.AllButTags))

	written := map[string]template{}
	after, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(dir, name+".template.json"))
		require.NoError(t, err)
		assets, err := os.ReadFile(filepath.Join(dir, name+".assets.json"))
		require.NoError(t, err)
		require.Equal(t, asset(content), string(assets), "the asset's name is the template's hash")
		require.Contains(t, string(after), asset(content))
		var decoded template
		require.NoError(t, json.Unmarshal(content, &decoded))
		written[name] = decoded
	}
	return written
}

func asset(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// consumer is a resource that reads an output, and what that output comes from.
type consumer struct{ stack, id, producer, output string }

func consumers(stacks map[string]template) []consumer {
	var found []consumer
	for stack, t := range stacks {
		for id, r := range t["Resources"].(map[string]any) {
			var walk func(value any)
			walk = func(value any) {
				switch v := value.(type) {
				case map[string]any:
					if read, ok := v["Fn::GetStackOutput"].(map[string]any); ok {
						found = append(found, consumer{stack, id, read["StackName"].(string), read["OutputName"].(string)})
					}
					for _, child := range v {
						walk(child)
					}
				case []any:
					for _, child := range v {
						walk(child)
					}
				}
			}
			walk(r.(map[string]any)["Properties"])
		}
	}
	return found
}

// producing is the id of the resource that an output gives an attribute of.
func producing(t *testing.T, c consumer, stacks map[string]template) string {
	t.Helper()
	value := stacks[c.producer]["Outputs"].(map[string]any)[c.output].(map[string]any)["Value"].(map[string]any)
	if id, ok := value["Ref"].(string); ok {
		return id
	}
	return value["Fn::GetAtt"].([]any)[0].(string)
}

func metadata(stacks map[string]template, c consumer) any {
	r := stacks[c.stack]["Resources"].(map[string]any)[c.id].(map[string]any)
	m, _ := r["Metadata"].(map[string]any)
	read, _ := m[references.Key].(map[string]any)
	return read[c.producer+"."+c.output]
}

// For every reference between stacks of every reference client: another producing
// resource is another consumer's template; other tags of it are not.
func TestEveryConsumerChangesWithWhatItReads(t *testing.T) {
	count := 0
	for client, stacks := range environments(t) {
		before := write(t, stacks)
		for _, c := range consumers(stacks) {
			require.NotNil(t, metadata(before, c), "%s: %+v", client, c)
		}
		seen := map[string]bool{}
		for _, c := range consumers(stacks) {
			id := producing(t, c, stacks)
			if seen[c.producer+"."+id] {
				continue
			}
			seen[c.producer+"."+id] = true
			resource := stacks[c.producer]["Resources"].(map[string]any)[id].(map[string]any)
			original := resource["Properties"]

			resource["Properties"] = with(original, "Changed", "by the test")
			changed := write(t, stacks)
			resource["Properties"] = with(original, "Tags", "of the test")
			tagged := write(t, stacks)
			resource["Properties"] = original

			for _, o := range consumers(stacks) {
				if o.producer != c.producer || producing(t, o, stacks) != id {
					continue
				}
				count++
				require.NotEqual(t, metadata(before, o), metadata(changed, o), "%s: %+v does not change with %s", client, o, id)
				require.Equal(t, metadata(before, o), metadata(tagged, o), "%s: %+v changes with the tags of %s", client, o, id)
			}
		}
	}
	t.Logf("%d references", count)
	require.Positive(t, count)
}

func with(properties any, key string, value any) map[string]any {
	changed := map[string]any{}
	if p, ok := properties.(map[string]any); ok {
		changed = maps.Clone(p)
	}
	changed[key] = value
	return changed
}

func resource(properties any) map[string]any {
	return map[string]any{"Type": "AWS::Test::Thing", "Properties": properties}
}

func ref(id string) any { return map[string]any{"Ref": id} }

func read(stack, output string) any {
	return map[string]any{"Fn::GetStackOutput": map[string]any{"StackName": stack, "OutputName": output}}
}

// The fingerprint follows references inside the producing stack and into further ones, and
// does not follow what stands beside them.
func TestFingerprintsFollowReferences(t *testing.T) {
	stacks := func(far, near, beside string) map[string]template {
		return map[string]template{
			"a": {
				"Resources": map[string]any{"Far": resource(map[string]any{"Name": far})},
				"Outputs":   map[string]any{"Far": map[string]any{"Value": ref("Far")}},
			},
			"b": {
				"Resources": map[string]any{
					"Near":   resource(map[string]any{"Name": near, "In": read("a", "Far")}),
					"Top":    resource(map[string]any{"Of": []any{map[string]any{"Fn::GetAtt": []any{"Near", "Arn"}}}}),
					"Beside": resource(map[string]any{"Name": beside}),
				},
				"Outputs": map[string]any{"Top": map[string]any{"Value": ref("Top")}},
			},
			"c": {"Resources": map[string]any{"Reader": map[string]any{
				"Type": "AWS::Test::Thing", "Metadata": map[string]any{"kept": "<&>"},
				"Properties": map[string]any{"Value": map[string]any{"Fn::Join": []any{"", []any{"x", read("b", "Top")}}}},
			}}},
		}
	}
	reader := consumer{"c", "Reader", "b", "Top"}
	before := write(t, stacks("1", "1", "1"))
	require.Equal(t, metadata(before, reader), metadata(write(t, stacks("1", "1", "2")), reader))
	require.NotEqual(t, metadata(before, reader), metadata(write(t, stacks("1", "2", "1")), reader))
	require.NotEqual(t, metadata(before, reader), metadata(write(t, stacks("2", "1", "1")), reader))
	kept := before["c"]["Resources"].(map[string]any)["Reader"].(map[string]any)["Metadata"].(map[string]any)
	require.Equal(t, "<&>", kept["kept"])
}

// What is wrong with an assembly is said, not written.
func TestAnOutputThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	content := `{"Resources": {"Reader": {"Type": "T", "Properties": {"A": {"Fn::GetStackOutput": {"StackName": "b", "OutputName": "O"}}}}}}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.template.json"), []byte(content), 0o644))
	err := references.Write(dir, []string{"a"}, references.AllButTags)
	require.EqualError(t, err, "a: Reader: it reads the output O of b, which is not there")
}
