package synth_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/runtime/contract"
)

// Whoever serves is told what to sign with, where the edge looks for the keys, and may use both. Workers sign nothing that
// the edge checks.
func TestInstancesLearnWhatSignsAndWhereTheEdgeLooks(t *testing.T) {
	for _, p := range append(referencePlans(t), feature(t, "r2-storage"), feature(t, "without-cloudfront"), feature(t, "domain")) {
		t.Run(p.Client+" "+p.Storage.Kind, func(t *testing.T) {
			app := build(t, p).templates["app"]
			stores := app.ofType("AWS::CloudFront::KeyValueStore")
			require.Equal(t, p.Needs.SigningSecret && p.Edge.CDN && p.Storage.Kind == "s3", len(stores) == 1, "a store where CloudFront serves content, and only there")

			for id, parameter := range app.ofType("AWS::SSM::Parameter") {
				if parameter.Properties["Name"] == nil {
					continue // no configuration, which has a name that user data knows
				}
				raw := text(t, parameter.Properties["Value"])
				c := unresolved(t, parameter.Properties["Value"])
				if !p.Needs.SigningSecret {
					require.Zero(t, c.Signing, id)
					require.NotContains(t, raw, "SigningSecret")
					continue
				}
				require.Equal(t, "TOKEN", c.Signing.SecretARN, id)
				require.Equal(t, p.Workers.Enabled, c.Queue.Dedicated, "web instances leave the queue to workers where there are some")
				require.Contains(t, raw, "SigningSecret")
				if len(stores) == 1 && c.Role == contract.RoleWeb {
					require.Equal(t, "TOKEN", c.Edge.KeyValueStoreARN)
					for store := range stores {
						require.Contains(t, raw, store)
					}
				} else {
					require.Zero(t, c.Edge)
				}
				if p.Domain.Enabled {
					require.Equal(t, "https://"+p.Domain.Names[0], c.PublicURL)
				} else {
					require.Contains(t, []string{"https://TOKEN", "http://TOKEN"}, c.PublicURL, "the address of what is in front")
				}
				if p.Domain.Enabled {
					require.Equal(t, "https://"+p.Domain.PlayersName(), c.PlayerURL)
				} else {
					require.Equal(t, "https://TOKEN", c.PlayerURL)
					require.Contains(t, raw, "DistributionPlayers")
				}
			}

			for id, policy := range app.ofType("AWS::IAM::Policy") {
				allowed := text(t, policy.Properties["PolicyDocument"])
				require.Equal(t, p.Needs.SigningSecret, strings.Contains(allowed, "SigningSecret"), id)
				publishes := len(stores) == 1 && strings.HasPrefix(id, "Web")
				require.Equal(t, publishes, strings.Contains(allowed, "cloudfront-keyvaluestore:UpdateKeys"), id)
			}
		})
	}
}

// A domain, or a CDN, changes what a running instance was told at boot: it has to be replaced.
func TestTheRevisionChangesWithWhatInstancesAreTold(t *testing.T) {
	base := reference(t, "demo")
	userData := func(p plan.Plan) string {
		return text(t, build(t, p).templates["app"].one(t, "AWS::EC2::LaunchTemplate").Properties["LaunchTemplateData"])
	}
	before := userData(base)
	require.Equal(t, before, userData(base))
	unsigned := base
	unsigned.Needs.SigningSecret = false
	require.NotEqual(t, before, userData(unsigned))
	require.NotEqual(t, before, userData(feature(t, "domain")))
}

// unresolved is the configuration in a parameter, each reference in it read as TOKEN.
func unresolved(t *testing.T, value any) contract.Config {
	t.Helper()
	var b strings.Builder
	for _, part := range dig(value, "Fn::Join").([]any)[1].([]any) {
		if s, literal := part.(string); literal {
			b.WriteString(s)
		} else {
			b.WriteString("TOKEN")
		}
	}
	var c contract.Config
	require.NoError(t, json.Unmarshal([]byte(b.String()), &c))
	return c
}

// feature is the plan of testdata/features/NAME.
func feature(t *testing.T, name string) plan.Plan {
	t.Helper()
	clients, problems := plan.Load(filepath.Join("testdata", "features", name))
	require.Empty(t, problems)
	require.Len(t, clients.Plans, 1)
	return clients.Plans[0]
}
