package synth_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/edge"
)

// everyTemplate runs a check on each template of each reference client.
func everyTemplate(t *testing.T, check func(t *testing.T, p plan.Plan, kind string, template stackTemplate, raw string)) {
	t.Helper()
	for _, p := range referencePlans(t) {
		e := build(t, p)
		for kind, template := range e.templates {
			raw, err := os.ReadFile(filepath.Join(e.dir, "lectern-"+p.Client+"-"+kind+".template.json"))
			require.NoError(t, err)
			t.Run(p.Client+"/"+kind, func(t *testing.T) { check(t, p, kind, template, string(raw)) })
		}
	}
}

// No export that holds a stack hostage, no function that runs at deployment.
func TestReferencesAreWeakAndNothingRunsAtDeployment(t *testing.T) {
	everyTemplate(t, func(t *testing.T, _ plan.Plan, _ string, template stackTemplate, raw string) {
		require.NotContains(t, raw, "Fn::ImportValue")
		require.NotContains(t, raw, `"Export"`)
		for id, r := range template.Resources {
			require.NotEqual(t, "AWS::Lambda::Function", r.Type, id)
			require.False(t, strings.HasPrefix(r.Type, "Custom::") || r.Type == "AWS::CloudFormation::CustomResource", id)
		}
		require.NotContains(t, text(t, template.Outputs), "Fn::GetStackOutput", "CloudFormation refuses it in outputs")
		refuseInside(t, template.Resources, "Fn::GetStackOutput", "Fn::Sub", "Fn::Base64")
	})
}

// refuseInside fails when the intrinsic appears below one of the others.
func refuseInside(t *testing.T, value any, intrinsic string, below ...string) {
	t.Helper()
	var walk func(v any, inside string)
	walk = func(v any, inside string) {
		switch v := v.(type) {
		case map[string]any:
			for key, child := range v {
				require.False(t, key == intrinsic && inside != "", "%s inside %s", intrinsic, inside)
				next := inside
				for _, b := range below {
					if key == b {
						next = b
					}
				}
				walk(child, next)
			}
		case []any:
			for _, child := range v {
				walk(child, inside)
			}
		}
	}
	walk(plain(t, value), "")
}

// D6: RDS makes up passwords, the cache's token is a dynamic reference, and
// instances learn ARNs.
func TestNoSecretInAnyTemplate(t *testing.T) {
	everyTemplate(t, func(t *testing.T, _ plan.Plan, _ string, template stackTemplate, raw string) {
		require.NotContains(t, raw, `"MasterUserPassword"`)
		for id, r := range template.ofType("AWS::SecretsManager::Secret") {
			require.NotContains(t, r.Properties, "SecretString", id)
		}
		for id, r := range template.ofType("AWS::ElastiCache::ReplicationGroup") {
			require.Contains(t, text(t, r.Properties["AuthToken"]), "{{resolve:secretsmanager:", id)
		}
	})
}

// D8: what is stateful is retained, protected, and named by the stack policy.
func TestStatefulStacksAreProtected(t *testing.T) {
	keep := []string{
		"AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::S3::Bucket", "AWS::KMS::Key",
		"AWS::EFS::FileSystem", "AWS::SecretsManager::Secret", "AWS::SQS::Queue",
	}
	for _, p := range referencePlans(t) {
		e := build(t, p)
		for kind, template := range e.templates {
			for id, r := range template.Resources {
				for _, kept := range keep {
					if r.Type == kept && !replaceable(id, r) {
						require.Equal(t, "data", kind, "%s belongs in the data stack", id)
						require.Equal(t, "RetainExceptOnCreate", r.DeletionPolicy, id)
						require.Equal(t, "Retain", r.UpdateReplacePolicy, id)
					}
				}
			}
		}
		for _, s := range p.Stacks {
			require.Equal(t, s.Kind == "data" || s.Kind == "network", s.Stateful, s.ID)
			require.Equal(t, s.Stateful, manifestProtects(t, e.dir, s.ID), s.ID)
			if s.Stateful {
				requirePolicy(t, e.dir, s.ID, e.templates[s.Kind])
			}
		}
	}
}

// replaceable is what goes with its stack although others of its type are kept: the token of a cache that goes with it too,
// and the readers of an Aurora cluster, whose data is in the cluster's volume.
func replaceable(id string, r resource) bool {
	_, reader := r.Properties["DBClusterIdentifier"]
	return reader || r.Type == "AWS::SecretsManager::Secret" && strings.Contains(id, "AuthToken")
}

func manifestProtects(t *testing.T, dir, stack string) bool {
	t.Helper()
	var manifest struct {
		Artifacts map[string]struct {
			Properties struct{ TerminationProtection bool }
		}
	}
	readJSON(t, filepath.Join(dir, "manifest.json"), &manifest)
	require.Contains(t, manifest.Artifacts, stack)
	return manifest.Artifacts[stack].Properties.TerminationProtection
}

func requirePolicy(t *testing.T, dir, stack string, template stackTemplate) {
	t.Helper()
	var policy struct {
		Statement []struct {
			Effect   string
			Action   []string
			Resource []string
		}
	}
	readJSON(t, filepath.Join(dir, stack+".stack-policy.json"), &policy)
	require.Len(t, policy.Statement, 2)
	deny := policy.Statement[1]
	require.Equal(t, "Deny", deny.Effect)
	require.Equal(t, []string{"Update:Replace", "Update:Delete"}, deny.Action)
	var kept []string
	for id, r := range template.Resources {
		if r.UpdateReplacePolicy == "Retain" {
			kept = append(kept, "LogicalResourceId/"+id)
		}
	}
	require.ElementsMatch(t, kept, deny.Resource)
}

// C2: a deployment leaves the number of instances to scaling.
func TestNoDesiredCapacity(t *testing.T) {
	everyTemplate(t, func(t *testing.T, _ plan.Plan, _ string, _ stackTemplate, raw string) {
		require.NotContains(t, raw, "DesiredCapacity")
	})
}

// The half that CloudFront wants in us-east-1 feeds a client anywhere.
func TestTheEdgeStackServesAnyRegion(t *testing.T) {
	for _, p := range referencePlans(t) {
		if !p.Edge.CDN || !p.Edge.WAF {
			continue
		}
		e := build(t, p)
		require.Equal(t, "us-east-1", p.Stacks[0].Region)
		distributions := e.templates["app"].ofType("AWS::CloudFront::Distribution")
		require.NotEmpty(t, distributions)
		for id, r := range distributions {
			reference := dig(r.Properties, "DistributionConfig", "WebACLId", "Fn::GetStackOutput")
			require.Equal(t, "us-east-1", dig(reference, "Region"), id)
			require.Equal(t, "lectern-"+p.Client+"-edge", dig(reference, "StackName"), id)
		}
	}
}

// E6: nothing but CloudFront reaches the load balancer.
func TestTheLoadBalancerIsPrivateBehindCloudFront(t *testing.T) {
	for _, p := range referencePlans(t) {
		if !p.Edge.CDN {
			continue
		}
		e := build(t, p)
		require.Equal(t, "internal", e.templates["app"].one(t, "AWS::ElasticLoadBalancingV2::LoadBalancer").Properties["Scheme"])
		for id, r := range e.templates["network"].ofType("AWS::EC2::SecurityGroupIngress") {
			require.NotContains(t, r.Properties, "CidrIp", id)
		}
	}
}

// Two clients fit in one account and region: no name that one gives is the other's.
func TestTwoClientsShareAnAccountAndRegion(t *testing.T) {
	for _, p := range referencePlans(t) {
		second := p
		second.Client = "other"
		second.Stacks = nil
		for _, s := range p.Stacks {
			s.ID = "lectern-other-" + s.Kind
			second.Stacks = append(second.Stacks, s)
		}
		names := map[string]string{}
		for id, template := range build(t, p).templates {
			collectNames(plain(t, template.Resources), id, names)
		}
		for kind, template := range build(t, second).templates {
			others := map[string]string{}
			collectNames(plain(t, template.Resources), kind, others)
			for name, where := range others {
				require.NotContains(t, names, name, "%s is in both clients", where)
			}
		}
	}
}

// collectNames gathers the literal values of properties that name a thing in its
// account: those that mention Lectern.
func collectNames(value any, where string, names map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for key, child := range v {
			text, literal := child.(string)
			if literal && strings.HasSuffix(key, "Name") && key != "DBName" && key != "DatabaseName" && (strings.Contains(text, "lectern") || strings.HasPrefix(text, "/lectern")) &&
				key != "LifecycleHookName" { // a hook belongs to its group
				names[text] = where + "." + key
			}
			collectNames(child, where+"."+key, names)
		}
	case []any:
		for _, child := range v {
			collectNames(child, where, names)
		}
	}
}

// A weakening and its reason are in the template for whoever finds it later.
func TestWeakeningsAreInTheTemplates(t *testing.T) {
	for _, p := range referencePlans(t) {
		for _, template := range build(t, p).templates {
			if len(p.Weakenings) == 0 {
				require.NotContains(t, template.Metadata, "lectern:weakenings")
				continue
			}
			content, err := json.Marshal(template.Metadata["lectern:weakenings"])
			require.NoError(t, err)
			for _, w := range p.Weakenings {
				require.Contains(t, string(content), w.Reason)
			}
		}
	}
}

// The same plan gives the same bytes.
func TestSynthesisIsDeterministic(t *testing.T) {
	for _, p := range referencePlans(t) {
		// Tags are a map, whose order Go shuffles: enough of them show it.
		p.Tags = map[string]string{plan.ClientTag: p.Client, "a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6"}
		first, second := build(t, p), build(t, p)
		for _, s := range p.Stacks {
			for _, suffix := range []string{".template.json", ".metadata.json"} {
				a, err := os.ReadFile(filepath.Join(first.dir, s.ID+suffix))
				require.NoError(t, err)
				b, err := os.ReadFile(filepath.Join(second.dir, s.ID+suffix))
				require.NoError(t, err)
				require.Equal(t, string(a), string(b), s.ID+suffix)
			}
		}
	}
}

// The rule groups that a client file may name are those that the construct knows, with
// the same capacity.
func TestManagedGroupsAreTheSameInConfigAndEdge(t *testing.T) {
	known := map[string]int{}
	for _, g := range edge.ManagedGroups() {
		known[strings.TrimPrefix(g.Name, "AWSManagedRules")] = g.CapacityWCU
	}
	named := map[string]int{}
	for _, g := range config.ManagedGroups() {
		named[g.Name] = g.WCU
	}
	require.Equal(t, named, known)
}
