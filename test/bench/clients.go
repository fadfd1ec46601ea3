package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// maxClients is how many /16 networks 10.0.0.0/8 has.
const maxClients = 256

// regions the copies are spread over; all have zones a, b and c.
var regions = []string{"us-east-1", "eu-west-1", "us-west-2", "eu-central-1"}

func clientName(i int) string { return fmt.Sprintf("c%03d", i+1) }

// writeClients writes n copies of a reference client file into dir, each in an
// account, a network and a domain of its own, so that they pass every check that
// clients are put to together.
func writeClients(reference, dir string, n int) error {
	content, err := os.ReadFile(reference)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i := range n {
		client := map[string]any{}
		if err := yaml.Unmarshal(content, &client); err != nil {
			return fmt.Errorf("reading %s: %w", reference, err)
		}
		region := regions[i%len(regions)]
		client["name"] = clientName(i)
		client["account"] = fmt.Sprintf("1111222233%02d", i%100)
		client["region"] = region
		network := section(client, "network")
		network["cidr"] = fmt.Sprintf("10.%d.0.0/16", i)
		network["zones"] = []string{region + "a", region + "b", region + "c"}
		if domain, ok := client["domain"].(map[string]any); ok {
			ownNames(domain, clientName(i))
		}
		out, err := yaml.Marshal(client)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, clientName(i)+".yaml"), out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// ownNames puts every name of a domain below a label of the client's own.
func ownNames(domain map[string]any, label string) {
	domain["name"] = fmt.Sprintf("%s.%v", label, domain["name"])
	if players, ok := domain["players"]; ok {
		domain["players"] = fmt.Sprintf("%s.%v", label, players)
	}
	if alternatives, ok := domain["alternativeNames"].([]any); ok {
		for i := range alternatives {
			alternatives[i] = fmt.Sprintf("%s.%v", label, alternatives[i])
		}
	}
}

func section(m map[string]any, key string) map[string]any {
	if s, ok := m[key].(map[string]any); ok {
		return s
	}
	s := map[string]any{}
	m[key] = s
	return s
}
