package synth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/config/workload"
)

// demanding is the demo client with a workload that asks for everything.
func demanding(t *testing.T) plan.Plan {
	t.Helper()
	p := reference(t, "demo")
	p.Cache = plan.Cache{Enabled: true, Engine: "memcached", Version: "1.6.22", NodeType: "cache.t4g.micro", Clusters: []string{"session", "application"}, Port: 11211}
	p.Locks = plan.Cache{Enabled: true, Engine: "valkey", Version: "8.2", NodeType: "cache.t4g.micro", Replicas: 1, Clusters: []string{}, Port: 6379}
	p.Files = plan.Files{Enabled: true, MountPath: "/srv/shared", Path: "/shared", UID: 2000, GID: 2000}
	p.Revisions = plan.Revisions{Enabled: true}
	p.Needs.Secrets = []workload.Secret{
		{Name: "deploy-key", Description: "Key of the repository", Fields: []string{"sshPrivateKey"}},
		{Name: "application", Description: "Secret of the application"},
	}
	p.Edge.CachedPaths = []string{"/static/*"}
	p.Web.OutboundPorts = []int{22}
	p.Web.BootSeconds, p.Web.DrainSeconds = 1_200, 120
	return p
}

// What a workload asks for is there, is kept where it must be, may be used by instances
// and is told to them.
func TestNeedsOfAnyWorkload(t *testing.T) {
	p := demanding(t)
	e := build(t, p)
	data, app := e.templates["data"], e.templates["app"]

	require.Len(t, app.ofType("AWS::ElastiCache::ReplicationGroup"), 1)
	require.Len(t, app.ofType("AWS::ElastiCache::CacheCluster"), 2)
	require.Len(t, data.ofType("AWS::EFS::MountTarget"), len(p.Network.Zones))
	require.Len(t, data.ofType("AWS::S3::Bucket"), 3, "content, logs, revisions")
	kept := ledger(t, e)
	for _, piece := range []string{"data/SecretsdeploykeySecret", "data/SecretsapplicationSecret", "data/RevisionsBucket", "data/RevisionsPolicy", "app/LocksReplicationGroup", "data/FilesFileSystem", "network/SecurityGroupsFiles"} {
		found := false
		for id := range kept {
			found = found || strings.HasPrefix(id, piece)
		}
		require.True(t, found, "%s is in no ledger", piece)
	}
	require.Len(t, app.ofType("AWS::CloudFront::CachePolicy"), 1)

	config := app.configuration(t, "/lectern/demo/web")
	for _, told := range []string{
		`"locks":{"engine":"valkey","host":"`, `"clusters":[{"name":"session","host":"`, `"files":{"fileSystemId":"`, `"mountPath":"/srv/shared"`,
		`"secrets":{"application":"`, `"deploy-key":"`, `"proxies":2`,
	} {
		require.Contains(t, config, told)
	}
	require.Less(t, len(config), 4_096, "a standard parameter holds no more")

	role, err := json.Marshal(app.ofType("AWS::IAM::Policy"))
	require.NoError(t, err)
	for _, allowed := range []string{"elasticfilesystem:ClientMount", "s3:GetObjectVersion", "autoscaling:CompleteLifecycleAction"} {
		require.Contains(t, string(role), allowed)
	}
}

// Instances are replaced when what they are told changes, and only then.
func TestRevisionFollowsWhatInstancesRead(t *testing.T) {
	revision := func(change func(*plan.Plan)) string {
		p := demanding(t)
		change(&p)
		for _, template := range build(t, p).templates["app"].ofType("AWS::EC2::LaunchTemplate") {
			_, after, found := strings.Cut(text(t, template.Properties), "--revision '")
			require.True(t, found)
			revision, _, _ := strings.Cut(after, "'")
			return revision
		}
		t.Fatal("there is no launch template")
		return ""
	}
	same := revision(func(*plan.Plan) {})
	for name, change := range map[string]func(*plan.Plan){
		"locks":   func(p *plan.Plan) { p.Locks = plan.Cache{} },
		"secret":  func(p *plan.Plan) { p.Needs.Secrets = p.Needs.Secrets[:1] },
		"proxies": func(p *plan.Plan) { p.Edge.Proxies = 1 },
	} {
		require.NotEqual(t, same, revision(change), name)
	}
	require.Equal(t, same, revision(func(p *plan.Plan) { p.Database.Class = "db.m6g.large"; p.Locks.NodeType = "cache.t4g.small" }))
}

// configuration is the value of the SSM parameter of that name, references in <>.
func (s stackTemplate) configuration(t *testing.T, name string) string {
	t.Helper()
	for _, r := range s.ofType("AWS::SSM::Parameter") {
		if r.Properties["Name"] != name {
			continue
		}
		var out strings.Builder
		joined, ok := r.Properties["Value"].(map[string]any)["Fn::Join"].([]any)
		require.True(t, ok)
		for _, part := range joined[1].([]any) {
			if literal, ok := part.(string); ok {
				out.WriteString(literal)
			} else {
				// Longer than any ARN or host name of these pieces.
				out.WriteString("<" + strings.Repeat("x", 120) + ">")
			}
		}
		return out.String()
	}
	t.Fatalf("there is no parameter %s", name)
	return ""
}
