package synth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/stacks/references"
)

// Whoever reads another stack says so in its metadata, and the CLI uploads the template
// under the hash that it then has.
func TestReferencesAreFingerprinted(t *testing.T) {
	for _, p := range referencePlans(t) {
		e := build(t, p)
		manifest, err := os.ReadFile(filepath.Join(e.dir, "manifest.json"))
		require.NoError(t, err)
		for _, s := range p.Stacks {
			for id, r := range e.templates[s.Kind].Resources {
				require.Equal(t, strings.Contains(text(t, r.Properties), `"Fn::GetStackOutput"`), r.Metadata[references.Key] != nil, "%s %s", s.ID, id)
			}
			content, err := os.ReadFile(filepath.Join(e.dir, s.ID+".template.json"))
			require.NoError(t, err)
			sum := sha256.Sum256(content)
			assets, err := os.ReadFile(filepath.Join(e.dir, s.ID+".assets.json"))
			require.NoError(t, err)
			require.Contains(t, string(assets), hex.EncodeToString(sum[:]), s.ID)
			require.Contains(t, string(manifest), hex.EncodeToString(sum[:])+".json", s.ID)
		}
	}
}

// What a plan replaces in one stack changes every resource elsewhere that reads it, also where its own properties
// are the same to the letter.
func TestReplacementReachesTheConsumers(t *testing.T) {
	for name, c := range map[string]struct {
		client   string
		change   func(p *plan.Plan)
		consumer string // type of a resource of the app stack
	}{
		"certificate of CloudFront": {"scorm-engine", func(p *plan.Plan) {
			p.Domain.Names = append(slices.Clone(p.Domain.Names), "second.example.com")
		}, "AWS::CloudFront::Distribution"},
		"load balancer's VPC": {"scorm-engine", func(p *plan.Plan) { p.Network.CIDR = "10.99.0.0/16" }, "AWS::ElasticLoadBalancingV2::TargetGroup"},
		"database's name":     {"demo", func(p *plan.Plan) { p.Database.Name = "renamed" }, "AWS::SSM::Parameter"},
		"database's engine":   {"gitapp", func(p *plan.Plan) { p.Database.Engine, p.Database.Version = "mariadb", "11.8.3" }, "AWS::IAM::Policy"},
		"fleet's subnets":     {"moodle", func(p *plan.Plan) { p.Network.Zones[0].Private = "10.22.250.0/24" }, "AWS::AutoScaling::AutoScalingGroup"},
	} {
		t.Run(name, func(t *testing.T) {
			p := reference(t, c.client)
			before := build(t, p).templates["app"].ofType(c.consumer)
			c.change(&p)
			after := build(t, p).templates["app"].ofType(c.consumer)
			changed := 0
			for id, r := range before {
				if text(t, r.Metadata) != text(t, after[id].Metadata) {
					changed++
				}
			}
			require.Positive(t, changed, "no %s of the app stack knows of the change", c.consumer)
		})
	}
}

// What is changed in place gives the same values, so its consumers are left alone.
func TestChangesInPlaceLeaveTheConsumersAlone(t *testing.T) {
	p := reference(t, "scorm-engine")
	before := build(t, p).templates["app"]
	p.Database.Class, p.Database.StorageGiB = "db.m6g.large", 200
	require.Equal(t, text(t, before), text(t, build(t, p).templates["app"]))
}
