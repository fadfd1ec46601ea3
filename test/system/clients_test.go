//go:build system

package system_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// clientFile is a client file as a tree, to be changed and written elsewhere.
type clientFile map[string]any

// referenceClients are the client files of the repository, by name.
func referenceClients(t *testing.T) map[string]clientFile {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), "config", "clients", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths, "there is no client file in config/clients")
	found := map[string]clientFile{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		found[strings.TrimSuffix(filepath.Base(path), ".yaml")] = parseClient(t, content)
	}
	return found
}

// chosenClients are the reference clients that LECTERN_CLIENTS names, separated by commas, or "all". Without it they are
// those of the sample, or all where there is no sample.
func chosenClients(t *testing.T, sample ...string) map[string]clientFile {
	t.Helper()
	clients := referenceClients(t)
	if chosen := os.Getenv("LECTERN_CLIENTS"); chosen != "" {
		sample = strings.Split(chosen, ",")
	}
	if len(sample) == 0 || slices.Contains(sample, "all") {
		return clients
	}
	for _, name := range sample {
		require.Contains(t, clients, name, "LECTERN_CLIENTS names no reference client")
	}
	maps.DeleteFunc(clients, func(name string, _ clientFile) bool { return !slices.Contains(sample, name) })
	t.Logf("a sample of the clients: %s; LECTERN_CLIENTS=all takes all", strings.Join(sample, ", "))
	return clients
}

func parseClient(t *testing.T, content []byte) clientFile {
	t.Helper()
	file := map[string]any{} // not a clientFile: the decoder would make the sections that type too
	require.NoError(t, yaml.Unmarshal(content, &file))
	return file
}

func (c clientFile) text(key string) string {
	value, _ := c[key].(string)
	return value
}

func (c clientFile) section(key string) map[string]any {
	section, ok := c[key].(map[string]any)
	if !ok {
		section = map[string]any{}
		c[key] = section
	}
	return section
}

// copy is independent of the original. Regions appear in zone names too, so a move to
// another region is a replacement in the text.
func (c clientFile) copy(t *testing.T, region string) clientFile {
	t.Helper()
	content, err := yaml.Marshal(map[string]any(c))
	require.NoError(t, err)
	return parseClient(t, []byte(strings.ReplaceAll(string(content), c.text("region"), region)))
}

// grown is the client one size up, with another tag: a change that reaches instances,
// database and cache, and every resource that takes tags.
func (c clientFile) grown(t *testing.T) clientFile {
	t.Helper()
	file := c.copy(t, c.text("region"))
	next := map[string]string{"S": "M", "M": "L", "L": "XL", "XL": "2XL"}[c.text("size")]
	require.NotEmpty(t, next, "size %q has no next one", c.text("size"))
	file["size"] = next
	file.section("tags")["system-test"] = "changed"
	return file
}

// neighbour is another client of the same kind for the same account and region: its
// own name, network and host names, and one NAT gateway, since two clients with three
// each would need more elastic IP addresses than a region has.
func (c clientFile) neighbour(t *testing.T) clientFile {
	t.Helper()
	file := c.copy(t, c.text("region"))
	file["name"] = c.text("name") + "-two"
	network := file.section("network")
	network["cidr"] = "10.240.0.0/16"
	network["natGateways"] = 1
	file.section("reasons")["network.natGateways"] = "two clients share the region's elastic IP addresses"
	if domain, has := file["domain"].(map[string]any); has {
		domain["name"] = "two-" + domain["name"].(string)
		if players, has := domain["players"].(string); has {
			domain["players"] = "two-" + players
		}
		if names, has := domain["alternativeNames"].([]any); has {
			for i, name := range names {
				names[i] = "two-" + name.(string)
			}
		}
	}
	return file
}

// write puts client files into a new folder, to be handed over as -c clients=DIR.
func write(t *testing.T, clients ...clientFile) string {
	t.Helper()
	folder := t.TempDir()
	for _, client := range clients {
		content, err := yaml.Marshal(map[string]any(client))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, client.text("name")+".yaml"), content, 0o600))
	}
	return folder
}
