package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
)

// academy is a client file as client new writes it.
func academy(t *testing.T) string {
	t.Helper()
	a := answers{name: "academy", account: "111122223333", region: "eu-west-1", workload: "engine", size: "M", cidr: "10.77.0.0/16"}
	first, err := clientFile(a, nil)
	require.NoError(t, err)
	f, problems := config.Parse("academy.yaml", first)
	require.Empty(t, problems)
	p, problems := plan.Resolve(f)
	require.Empty(t, problems)
	text, err := clientFile(a, decided(p))
	require.NoError(t, err)
	return string(text)
}

// TestClientFileIsComplete: every key of the schema stands in the file, set or
// commented out.
func TestClientFileIsComplete(t *testing.T) {
	var root schemaNode
	require.NoError(t, json.Unmarshal(config.Schema(), &root))
	text := academy(t)
	var walk func(depth int, properties orderedProperties)
	walk = func(depth int, properties orderedProperties) {
		for _, p := range properties {
			indent := strings.Repeat("  ", depth)
			require.Regexp(t, regexp.MustCompile(`(?m)^`+indent+`#?`+p.name+`:`), text)
			walk(depth+1, p.Properties)
		}
	}
	require.NotEmpty(t, root.Properties)
	walk(0, root.Properties)
}

// commented is a key that is commented out, with its indentation.
var commented = regexp.MustCompile(`^( *)#([A-Za-z]+):(.*)$`)

// TestClientFileKeysCanBeSet takes away the "#" of each key that shows a value, one
// at a time: the file must still be readable and, unless the key means something
// only together with another, be right.
func TestClientFileKeysCanBeSet(t *testing.T) {
	lines := strings.Split(academy(t), "\n")
	needsMore := map[string]bool{ // what is shown makes sense only together with another key
		"min": true, "max": true, "backlogPerWorker": true, // workload.workers without dedicated
		"name": true, "zoneId": true, "certificateArn": true, "edgeCertificateArn": true, "moreCertificateArns": true, "alternativeNames": true,
		"players": true, "playersZoneId": true,
		"acknowledgeSubscription": true, "ports": true, "replicas": true, "minAcu": true, "maxAcu": true,
		"endpoint": true, "bucket": true, "region": true,
	}
	tried := 0
	for i, line := range lines {
		m := commented.FindStringSubmatch(line)
		if m == nil || m[3] == "" {
			continue
		}
		set := slices.Clone(lines)
		set[i] = m[1] + m[2] + ":" + m[3]
		for above, depth := i-1, len(m[1]); above >= 0 && depth > 0; above-- {
			parent := commented.FindStringSubmatch(lines[above])
			if parent == nil {
				parent = regexp.MustCompile(`^( *)([A-Za-z]+):(.*)$`).FindStringSubmatch(lines[above])
			}
			if parent != nil && len(parent[1]) < depth {
				depth = len(parent[1])
				set[above] = parent[1] + parent[2] + ":" + parent[3]
			}
		}
		f, problems := config.Parse("academy.yaml", []byte(strings.Join(set, "\n")))
		require.Equal(t, "academy", f.Client.Name, "setting %s made the file unreadable: %s", line, problems)
		if needsMore[m[2]] {
			continue
		}
		require.Empty(t, problems, "setting %s", line)
		_, problems = plan.Resolve(f)
		require.Empty(t, problems, "setting %s", line)
		tried++
	}
	require.Greater(t, tried, 40)
}
