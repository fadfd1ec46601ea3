package main

import (
	"encoding/json"
	"fmt"
	"os"
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
