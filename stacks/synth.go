package stacks

import (
	"fmt"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/stacks/references"
)

// Synth writes the assembly of an app in which environments were built: what the CDK
// writes, the fingerprints of references in the consumers' templates, and a stack
// policy beside each stateful template. It returns the assembly's folder.
func Synth(app cdk.App, environments []Environment) (string, error) {
	dir := *app.Synth(nil).Directory()
	for _, e := range environments {
		var ids []string
		for _, s := range e.plan.Stacks {
			ids = append(ids, s.ID)
		}
		if err := references.Write(dir, ids, references.AllButTags); err != nil {
			return "", fmt.Errorf("writing the fingerprints of references into the templates of %s: %w", e.plan.Client, err)
		}
	}
	return dir, writePolicies(dir, environments)
}
