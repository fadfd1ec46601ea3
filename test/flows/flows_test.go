package flows_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/test/flows"
)

// golden is a reference client with its golden templates.
func golden(t *testing.T, client string) (plan.Plan, flows.Templates) {
	t.Helper()
	clients, problems := plan.Load("../../config/clients")
	require.Empty(t, problems)
	p, err := clients.Find(client)
	require.NoError(t, err)
	templates := flows.Templates{}
	for _, s := range p.Stacks {
		require.NoError(t, templates.Read(s.ID, filepath.Join("../synth/testdata/golden", client+"-"+s.Kind+".json")))
	}
	return p, templates
}

// matches is true for a resource of a type whose id and JSON mention all words.
func matches(t *testing.T, id string, r flows.Resource, kind string, words []string) bool {
	t.Helper()
	content, err := json.Marshal(r)
	require.NoError(t, err)
	return r.Type == kind && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(id+string(content), w) })
}

// resources of a type whose id and JSON mention all words.
func resources(t *testing.T, templates flows.Templates, kind string, words ...string) []flows.Resource {
	t.Helper()
	var found []flows.Resource
	for _, template := range templates {
		for id, r := range template.Resources {
			if matches(t, id, r, kind, words) {
				found = append(found, r)
			}
		}
	}
	require.NotEmpty(t, found, "%s with %v", kind, words)
	return found
}

// remove takes them out of the templates.
func remove(t *testing.T, templates flows.Templates, kind string, words ...string) {
	t.Helper()
	resources(t, templates, kind, words...)
	for _, template := range templates {
		maps.DeleteFunc(template.Resources, func(id string, r flows.Resource) bool { return matches(t, id, r, kind, words) })
	}
}

// Each change of a client's templates is one mistake, and the comparison says which.
func TestMistakesAreSeen(t *testing.T) {
	const (
		ingress = "AWS::EC2::SecurityGroupIngress"
		egress  = "AWS::EC2::SecurityGroupEgress"
		group   = "AWS::EC2::SecurityGroup"
	)
	app, network := "lectern-scorm-api-app", "lectern-scorm-api-network"
	for name, c := range map[string]struct {
		change func(t *testing.T, x flows.Templates)
		says   string
	}{
		"an ingress rule is missing": {func(t *testing.T, x flows.Templates) {
			remove(t, x, ingress, "From Web", "SecurityGroupsCache")
		}, "on one side only: no ingress rule of"},
		"an egress rule is missing": {func(t *testing.T, x flows.Templates) {
			remove(t, x, egress, "To DatabaseProxy", "SecurityGroupsWorkers")
		}, "on one side only: no egress rule of"},
		"both sides are missing": {func(t *testing.T, x flows.Templates) {
			remove(t, x, ingress, "From Workers", "SecurityGroupsCache")
			remove(t, x, egress, "To Cache", "SecurityGroupsWorkers")
		}, "flow that is meant and not there: workers → cache, port 6379"},
		"a rule too many": {func(t *testing.T, x flows.Templates) {
			r := clone(t, resources(t, x, ingress, "From CloudFront")[0])
			delete(r.Properties, "SourcePrefixListId")
			r.Properties["CidrIp"] = "0.0.0.0/0"
			x[app].Resources["Wide"] = r
		}, "flow that is not meant: internet → load balancer, port 443"},
		"a range of addresses inside": {func(t *testing.T, x flows.Templates) {
			r := clone(t, resources(t, x, ingress, "From Web", "SecurityGroupsCache")[0])
			delete(r.Properties, "SourceSecurityGroupId")
			r.Properties["CidrIp"] = "10.18.0.0/16"
			x[app].Resources["Wide"] = r
		}, "flow that is not meant: addresses 10.18.0.0/16 → cache, port 6379"},
		"another port": {func(t *testing.T, x flows.Templates) {
			for _, kind := range []string{ingress, egress} {
				for _, r := range resources(t, x, kind, "8080") {
					r.Properties["FromPort"], r.Properties["ToPort"] = 8081.0, 8081.0
				}
			}
		}, "on port 8081, where nothing listens"},
		"all ports": {func(t *testing.T, x flows.Templates) {
			for _, kind := range []string{ingress, egress} {
				for _, r := range resources(t, x, kind, "8080") {
					r.Properties["IpProtocol"] = "-1"
				}
			}
		}, "flow that is not meant: load balancer → web instances, port all"},
		"an inline rule": {func(t *testing.T, x flows.Templates) {
			resources(t, x, group, `"Database"`)[0].Properties["SecurityGroupIngress"] = []any{
				map[string]any{"IpProtocol": "tcp", "FromPort": 5432.0, "ToPort": 5432.0, "CidrIp": "0.0.0.0/0"},
			}
		}, "flow that is not meant: internet → database, port 5432"},
		"the egress that AWS adds": {func(t *testing.T, x flows.Templates) {
			delete(resources(t, x, group, `"Cache"`)[0].Properties, "SecurityGroupEgress")
		}, "flow that is not meant: cache → internet, port all"},
		"the default group": {func(t *testing.T, x flows.Templates) {
			delete(resources(t, x, "AWS::RDS::DBCluster")[0].Properties, "VpcSecurityGroupIds")
		}, "it would be in the VPC's default group"},
		"a target port that is not open": {func(t *testing.T, x flows.Templates) {
			resources(t, x, "AWS::ElasticLoadBalancingV2::TargetGroup")[0].Properties["Port"] = 80.0
		}, "on port 80"},
		"a health check that is not answered": {func(t *testing.T, x flows.Templates) {
			resources(t, x, "AWS::ElasticLoadBalancingV2::TargetGroup")[0].Properties["HealthCheckPort"] = "9464"
		}, "health check of"},
		"a listener that nobody reaches": {func(t *testing.T, x flows.Templates) {
			l := clone(t, resources(t, x, "AWS::ElasticLoadBalancingV2::Listener")[0])
			l.Properties["Port"] = 80.0
			x[app].Resources["Another"] = l
		}, "listens on port 80 and nobody may reach it"},
		"a database on another port": {func(t *testing.T, x flows.Templates) {
			resources(t, x, "AWS::RDS::DBCluster")[0].Properties["Port"] = 5433.0
		}, "listens on port 5433 and nobody may reach it"},
		"an origin on a port without a listener": {func(t *testing.T, x flows.Templates) {
			config := resources(t, x, "AWS::CloudFront::VpcOrigin")[0].Properties["VpcOriginEndpointConfig"].(map[string]any)
			config["OriginProtocolPolicy"] = "http-only"
		}, "nothing listens on port 80"},
		"a group without members": {func(t *testing.T, x flows.Templates) {
			x[network].Resources["Lonely"] = clone(t, resources(t, x, group, `"Cache"`)[0])
		}, "is nobody's"},
		"a type that is not known": {func(t *testing.T, x flows.Templates) {
			x[network].Resources["Function"] = flows.Resource{Type: "AWS::Lambda::Function", Properties: map[string]any{
				"VpcConfig": map[string]any{"SubnetIds": []any{map[string]any{"Ref": "NetworkPrivateSubneta0A67386A"}}},
			}}
		}, "the flows of that type are not known"},
		"a database with a way out": {func(t *testing.T, x flows.Templates) {
			r := clone(t, resources(t, x, "AWS::EC2::Route", "NatGateway")[0])
			r.Properties["RouteTableId"] = map[string]any{"Ref": "NetworkIsolatedRouteTableaA5051116"}
			x[network].Resources["Out"] = r
		}, "place that is not meant: database in private subnets of a"},
		"instances with public addresses": {func(t *testing.T, x flows.Templates) {
			resources(t, x, "AWS::EC2::Subnet", "Private-a")[0].Properties["MapPublicIpOnLaunch"] = true
		}, "gives public addresses"},
		"a zone less": {func(t *testing.T, x flows.Templates) {
			r := resources(t, x, "AWS::AutoScaling::AutoScalingGroup", "app-Web")[0]
			r.Properties["VPCZoneIdentifier"] = r.Properties["VPCZoneIdentifier"].([]any)[:2]
		}, "place that is meant and not there: web instances in private subnets of abc"},
	} {
		t.Run(name, func(t *testing.T) {
			p, templates := golden(t, "scorm-api")
			require.Empty(t, flows.Compare(flows.Derive(templates), flows.Meant(p)))
			c.change(t, templates)
			require.Contains(t, strings.Join(flows.Compare(flows.Derive(templates), flows.Meant(p)), "\n"), c.says)
		})
	}
}

func clone(t *testing.T, r flows.Resource) flows.Resource {
	t.Helper()
	content, err := json.Marshal(r)
	require.NoError(t, err)
	var copied flows.Resource
	require.NoError(t, json.Unmarshal(content, &copied))
	return copied
}
