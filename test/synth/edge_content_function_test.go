package synth_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/edge"
	"github.com/lectern/lectern/constructs/grant"
)

// Content goes through a function that knows its keys from a store, and what is deployed holds none.
func TestEdgeContentFunction(t *testing.T) {
	_, stack := newStack(t)
	distribution := newDistribution(stack, nil)
	grant.Attach(dataRole(stack), distribution.ContentFunction().Grants()...)
	tpl := template(stack)

	store := only(t, tpl, "AWS::CloudFront::KeyValueStore")
	require.Equal(t, "demo-eu-west-1-grants", store["Name"])
	require.NotContains(t, store, "ImportSource", "keys come from instances, not from a deployment")

	function := only(t, tpl, "AWS::CloudFront::Function")
	require.Equal(t, "demo-eu-west-1-content", function["Name"])
	require.Equal(t, true, function["AutoPublish"])
	require.Equal(t, "cloudfront-js-2.0", dig(function, "FunctionConfig", "Runtime"))
	require.LessOrEqual(t, len(function["FunctionCode"].(string)), 10_000, "CloudFront takes no more")
	associations := dig(function, "FunctionConfig", "KeyValueStoreAssociations").([]any)
	require.Len(t, associations, 1)
	storeArn := dig(associations[0], "KeyValueStoreARN")
	require.NotNil(t, dig(storeArn, "Fn::GetAtt"))

	behaviour := distributionConfig(t, tpl)["CacheBehaviors"].([]any)[0]
	before := dig(behaviour, "FunctionAssociations").([]any)
	require.Len(t, before, 1)
	require.Equal(t, "viewer-request", dig(before[0], "EventType"), "before the cache: every request is checked")
	require.Nil(t, dig(distributionConfig(t, tpl), "DefaultCacheBehavior", "FunctionAssociations"))

	statements := dig(only(t, tpl, "AWS::IAM::Policy"), "PolicyDocument", "Statement").([]any)
	require.Len(t, statements, 1)
	require.Equal(t, storeArn, dig(statements[0], "Resource"), "this store and no other")
	require.Contains(t, dig(statements[0], "Action"), "cloudfront-keyvaluestore:UpdateKeys")
}

func TestEdgeContentWithoutGrants(t *testing.T) {
	_, stack := newStack(t)
	distribution := newDistribution(stack, func(p *edge.DistributionProps) { p.Content.Granted = false })
	require.Nil(t, distribution.ContentFunction())
	tpl := template(stack)
	require.Empty(t, resources(t, tpl, "AWS::CloudFront::Function"))
	require.Empty(t, resources(t, tpl, "AWS::CloudFront::KeyValueStore"))

	_, elsewhere := newStack(t)
	require.Contains(t, panicText(t, func() {
		newDistribution(elsewhere, func(p *edge.DistributionProps) { p.Content.PathPattern = "/files/*" })
	}), "the function reads /content/*")
}

// contentGrants is the table that the service is held to as well (runtime/launch).
type contentGrants struct {
	Keys     map[string]string `json:"keys"`
	Requests []struct {
		Name          string    `json:"name"`
		Now           time.Time `json:"now"`
		Sent          string    `json:"sent"`
		SentHost      string    `json:"sentHost"`
		ServiceWorker bool      `json:"serviceWorker"`
		Outcome       string    `json:"outcome"`
		Key           string    `json:"key"`
	} `json:"requests"`
}

// answer is a request that the function lets through, or a response of its own.
type answer struct {
	URI         string         `json:"uri"`
	Querystring map[string]any `json:"querystring"`
	StatusCode  int            `json:"statusCode"`
	Headers     map[string]any `json:"headers"`
	Body        struct {
		Encoding, Data string
	} `json:"body"`
}

// The function as it is deployed decides as the service does, and what it lets through reaches the right object.
func TestEdgeContentFunctionDecidesAsTheService(t *testing.T) {
	var table contentGrants
	readJSON(t, "../../runtime/launch/testdata/content-grants.json", &table)
	require.NotEmpty(t, table.Requests)
	answers := runContentFunction(t, table)
	require.Len(t, answers, len(table.Requests))

	status := map[string]int{"unauthorized": 403, "not-found": 403, "gone": 410}
	for i, r := range table.Requests {
		t.Run(r.Name, func(t *testing.T) {
			a := answers[i]
			if r.Outcome != "served" {
				require.Equal(t, status[r.Outcome], a.StatusCode)
				require.Empty(t, a.URI)
				require.Equal(t, map[string]any{"value": "no-store"}, a.Headers["cache-control"])
				require.Equal(t, "text", a.Body.Encoding)
				require.Less(t, len(a.Body.Data), 100)
				return
			}
			require.Zero(t, a.StatusCode)
			require.Equal(t, "/"+r.Key, s3Key(t, a.URI))
			require.Regexp(t, `^(/([A-Za-z0-9._~-]|%[0-9A-F]{2})+)+$`, a.URI, "one spelling, so one cache key")
			require.Contains(t, a.Querystring, "v", "the rest of the request stays as it is")
		})
	}
}

// A store that cannot be read, or is still empty, opens nothing.
func TestEdgeContentFunctionWithoutKeys(t *testing.T) {
	var table contentGrants
	readJSON(t, "../../runtime/launch/testdata/content-grants.json", &table)
	table.Keys = map[string]string{}
	for i, a := range runContentFunction(t, table) {
		require.Equal(t, 403, a.StatusCode, table.Requests[i].Name)
	}
}

// s3Key is the key that S3 reads in a path, with the slash before it: S3 takes + for a space.
func s3Key(t *testing.T, path string) string {
	t.Helper()
	key, err := url.QueryUnescape(path)
	require.NoError(t, err)
	return key
}

func runContentFunction(t *testing.T, table contentGrants) []answer {
	t.Helper()
	_, stack := newStack(t)
	newDistribution(stack, nil)
	code := filepath.Join(t.TempDir(), "function.js")
	text := only(t, template(stack), "AWS::CloudFront::Function")["FunctionCode"].(string)
	require.NoError(t, os.WriteFile(code, []byte(text), 0o600))

	type request struct {
		URI     string            `json:"uri"`
		Headers map[string]string `json:"headers"`
		Now     time.Time         `json:"now"`
	}
	input := struct {
		Keys     map[string]string `json:"keys"`
		Requests []request         `json:"requests"`
	}{Keys: table.Keys}
	for _, r := range table.Requests {
		headers := map[string]string{}
		if r.SentHost != "" {
			headers["Host"] = r.SentHost
		}
		if r.ServiceWorker {
			headers["Service-Worker"] = "script"
		}
		input.Requests = append(input.Requests, request{URI: r.Sent, Headers: headers, Now: r.Now})
	}
	stdin, err := json.Marshal(input)
	require.NoError(t, err)
	command := exec.Command("node", "testdata/edge/content_function.mjs", code)
	command.Stdin = bytes.NewReader(stdin)
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	require.NoError(t, err, stderr.String())
	var answers []answer
	require.NoError(t, json.Unmarshal(output, &answers))
	return answers
}
