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
)

// siteWith is the reference site with parts of its file changed.
func siteWith(t *testing.T, oldnew ...string) plan.Plan {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(referenceClients, "codedeploy.yaml"))
	require.NoError(t, err)
	file := string(content)
	for i := 0; i < len(oldnew); i += 2 {
		require.Contains(t, file, oldnew[i])
		file = strings.ReplaceAll(file, oldnew[i], oldnew[i+1])
	}
	f, problems := config.Parse("codedeploy.yaml", []byte(file))
	require.Empty(t, problems)
	p, problems := plan.Resolve(f)
	require.Empty(t, problems)
	return p
}

// onlyID is the logical id of the only resource of a type.
func (s stackTemplate) onlyID(t *testing.T, kind string) string {
	t.Helper()
	s.one(t, kind)
	for id := range s.ofType(kind) {
		return id
	}
	return ""
}

func ref(id string) map[string]any { return map[string]any{"Ref": id} }

// CodeDeploy knows the fleet and its target groups, takes instances out of the load balancer, and goes back by itself.
func TestTheDeploymentGroupFollowsTheFleet(t *testing.T) {
	app := build(t, reference(t, "codedeploy")).templates["app"]
	require.Equal(t, "Server", app.one(t, "AWS::CodeDeploy::Application").Properties["ComputePlatform"])

	group := app.one(t, "AWS::CodeDeploy::DeploymentGroup").Properties
	require.Equal(t, ref(app.onlyID(t, "AWS::CodeDeploy::Application")), group["ApplicationName"])
	require.Equal(t, []any{ref(app.onlyID(t, "AWS::AutoScaling::AutoScalingGroup"))}, group["AutoScalingGroups"])
	require.Equal(t, map[string]any{"TargetGroupInfoList": []any{map[string]any{
		"Name": map[string]any{"Fn::GetAtt": []any{app.onlyID(t, "AWS::ElasticLoadBalancingV2::TargetGroup"), "TargetGroupName"}},
	}}}, group["LoadBalancerInfo"])
	require.Equal(t, map[string]any{"DeploymentOption": "WITH_TRAFFIC_CONTROL", "DeploymentType": "IN_PLACE"}, group["DeploymentStyle"])
	require.Equal(t, map[string]any{"Enabled": true, "Events": []any{"DEPLOYMENT_FAILURE"}}, group["AutoRollbackConfiguration"])
	require.Equal(t, "CodeDeployDefault.OneAtATime", group["DeploymentConfigName"])
	require.NotContains(t, group, "Deployment", "revisions are shipped by people and pipelines, not by CloudFormation")
	require.NotContains(t, group, "DeploymentGroupName", "two clients in one account")
}

// CodeDeploy may do what its managed policy says, and start instances of this fleet with their role and no other.
func TestTheServiceRoleOfCodeDeployIsNarrow(t *testing.T) {
	app := build(t, reference(t, "codedeploy")).templates["app"]
	var service map[string]any
	instances := ""
	for id, role := range app.ofType("AWS::IAM::Role") {
		if strings.Contains(text(t, role.Properties["AssumeRolePolicyDocument"]), "codedeploy.amazonaws.com") {
			service = role.Properties
		} else if strings.HasPrefix(id, "Web") {
			instances = id
		}
	}
	require.NotNil(t, service)
	require.Contains(t, text(t, service["AssumeRolePolicyDocument"]), `"aws:SourceAccount": "777788889999"`)
	require.Contains(t, text(t, service["ManagedPolicyArns"]), ":iam::aws:policy/service-role/AWSCodeDeployRole")
	policies := service["Policies"].([]any)
	require.Len(t, policies, 1)
	require.Equal(t, []any{
		map[string]any{"Effect": "Allow", "Action": []any{"ec2:CreateTags", "ec2:RunInstances"}, "Resource": "*"},
		map[string]any{
			"Effect": "Allow", "Action": "iam:PassRole", "Resource": map[string]any{"Fn::GetAtt": []any{instances, "Arn"}},
			"Condition": map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ec2.amazonaws.com"}},
		},
	}, policies[0].(map[string]any)["PolicyDocument"].(map[string]any)["Statement"])
}

// Instances read revisions and the agent. An instance that was broken into changes neither what the others run nor what
// CodeDeploy does.
func TestInstancesOnlyReadRevisions(t *testing.T) {
	app := build(t, reference(t, "codedeploy")).templates["app"]
	content, err := json.Marshal(app.ofType("AWS::IAM::Policy"))
	require.NoError(t, err)
	allowed := string(content)
	require.Contains(t, allowed, `"arn:aws:s3:::aws-codedeploy-eu-west-2/*"`)
	require.Contains(t, allowed, "RevisionsBucket")
	for _, refused := range []string{"s3:PutObject", "s3:DeleteObject", "codedeploy:"} {
		require.NotContains(t, allowed, refused)
	}
}

// The two commands that ship a revision name the application, the group and the bucket; the output says how to read them.
func TestTheReleaseCommandsAreFilledIn(t *testing.T) {
	app := build(t, reference(t, "codedeploy")).templates["app"]
	for id, parameter := range app.ofType("AWS::SSM::Parameter") {
		if !strings.Contains(id, "ReleaseCommands") {
			continue
		}
		parts := parameter.Properties["Value"].(map[string]any)["Fn::Join"].([]any)[1].([]any)
		var line strings.Builder
		for _, part := range parts {
			if s, ok := part.(string); ok {
				line.WriteString(s)
				continue
			}
			switch s := text(t, part); {
			case strings.Contains(s, app.onlyID(t, "AWS::CodeDeploy::Application")):
				line.WriteString("APPLICATION")
			case strings.Contains(s, app.onlyID(t, "AWS::CodeDeploy::DeploymentGroup")):
				line.WriteString("GROUP")
			case strings.Contains(s, "RevisionsBucket"):
				line.WriteString("BUCKET")
			default:
				require.Fail(t, "an unknown reference", s)
			}
		}
		require.Equal(t, `aws deploy push --region eu-west-2 --application-name APPLICATION --s3-location s3://BUCKET/$RELEASE.zip --source .
aws deploy create-deployment --region eu-west-2 --application-name APPLICATION --deployment-group-name GROUP --s3-location bucket=BUCKET,key=$RELEASE.zip,bundleType=zip
`, line.String())
		require.Contains(t, text(t, app.Outputs), id)
		return
	}
	require.Fail(t, "there are no release commands")
}

// A network load balancer has a target group for each port; CodeDeploy takes instances out of all.
func TestCodeDeployBehindANetworkLoadBalancer(t *testing.T) {
	p := siteWith(t,
		"  waf:\n    bodySizeExemptPaths: [/upload]\n", "  waf:\n    enabled: false\nloadBalancer:\n  type: network\n  ports: [80, 8080]\nreasons:\n  edge.waf.enabled: a web ACL cannot protect a network load balancer\n")
	app := build(t, p).templates["app"]
	require.Len(t, app.ofType("AWS::ElasticLoadBalancingV2::TargetGroup"), 2)
	info := app.one(t, "AWS::CodeDeploy::DeploymentGroup").Properties["LoadBalancerInfo"].(map[string]any)
	require.Len(t, info["TargetGroupInfoList"], 2)
}

// Code on the shared file system is shipped by nobody.
func TestCodeOnTheSharedFileSystemNeedsNoCodeDeploy(t *testing.T) {
	p := siteWith(t, "  deploymentConfig: CodeDeployDefault.OneAtATime\n", "  code: files\n", "  uploads:\n    path: public/uploads\n", "")
	e := build(t, p)
	require.Empty(t, e.templates["app"].ofType("AWS::CodeDeploy::DeploymentGroup"))
	require.NotContains(t, text(t, e.templates["data"].Resources), "RevisionsBucket")
	require.Contains(t, e.templates["app"].configuration(t, "/lectern/codedeploy/web"), `"mountPath":"/srv/app"`)
}
