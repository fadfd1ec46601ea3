package synth_test

import (
	"encoding/json"
	"os"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"
)

const (
	testAccount = "111122223333"
	testRegion  = "eu-west-1"
)

// newStack returns an empty stack in a fixed environment, with the feature
// flags of cdk.json, as an app synthesized for a client would have.
func newStack(t *testing.T) (cdk.App, cdk.Stack) {
	t.Helper()
	app := newApp(t)
	return app, cdk.NewStack(app, new("test"), &cdk.StackProps{
		Env: &cdk.Environment{Account: new(testAccount), Region: new(testRegion)},
	})
}

func newApp(t *testing.T) cdk.App {
	t.Helper()
	return cdk.NewApp(&cdk.AppProps{
		Context:            new(cdkContext(t)),
		AnalyticsReporting: new(false),
		Outdir:             new(t.TempDir()),
	})
}

// cdkContext is the context of cdk.json, so that tests see the templates that
// the CLI would.
func cdkContext(t *testing.T) map[string]any {
	t.Helper()
	data, err := os.ReadFile("../../cdk.json")
	require.NoError(t, err)
	var file struct {
		Context map[string]any `json:"context"`
	}
	require.NoError(t, json.Unmarshal(data, &file))
	return file.Context
}

func template(stack cdk.Stack) assertions.Template {
	return assertions.Template_FromStack(stack, nil)
}
