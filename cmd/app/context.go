package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/lectern/lectern/config/plan"
)

type context struct {
	client, clients, runtimes string
}

// readContext takes the context as the CDK CLI hands it over, in the environment, so
// that a wrong client file is refused before the CDK starts.
// https://docs.aws.amazon.com/cdk/v2/guide/context.html
func readContext() (context, error) {
	values := map[string]any{}
	if handed := os.Getenv("CDK_CONTEXT_JSON"); handed != "" {
		if err := json.Unmarshal([]byte(handed), &values); err != nil {
			return context{}, fmt.Errorf("reading CDK_CONTEXT_JSON: %w", err)
		}
	}
	text := func(key, fallback string) string {
		if v, ok := values[key].(string); ok && v != "" {
			return v
		}
		return fallback
	}
	return context{
		client:   text("client", ""),
		clients:  text("clients", "config/clients"),
		runtimes: text("runtimes", "build/runtime"),
	}, nil
}

// choose picks the plans to build: only those that are named, so that work on one
// client never touches another.
func choose(clients plan.Clients, names string) ([]plan.Plan, error) {
	switch names {
	case "":
		return nil, fmt.Errorf("no client is chosen; say which with -c client=NAME: %s, or all", strings.Join(clients.Names(), ", "))
	case "all":
		return clients.Plans, nil
	}
	var chosen []plan.Plan
	for name := range strings.SplitSeq(names, ",") {
		p, err := clients.Find(name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}
