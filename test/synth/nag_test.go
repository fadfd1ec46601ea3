package synth_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/stacks"
)

// accepted are the findings of cdk-nag's AwsSolutions pack that are meant. An entry
// that matches nothing in any reference client fails the test as well.
var accepted = []struct {
	rule, resource, reason string
}{
	{`AwsSolutions-S10`, `data/Content/Bucket$`,
		"the bucket's policy, which refuses plain HTTP, stands in the app stack because it names the distribution"},
	{`AwsSolutions-S1`, `data/Logs/Bucket$`,
		"the bucket that access logs go to: its own accesses would log themselves"},
	{`AwsSolutions-RDS11`, `data/Database/(Instance|Cluster)$`,
		"another port hides nothing from who is inside the security group; tools and proxies expect the engine's own"},
	{`AwsSolutions-SMG4`, `app/(Valkey|Locks)/AuthToken/Secret$`,
		"ElastiCache rotates no token by itself and a rotating function would hold the right to change the cache; README says how to rotate by hand"},
	{`AwsSolutions-SMG4`, `data/SigningSecret/Secret$`,
		"a rotating function would be a Lambda that can read what every link is signed with; the operator adds a version, and the previous one stays valid"},
	{`AwsSolutions-SMG4`, `data/Secrets/[a-z-]+/Secret$`,
		"what a workload is given by others (a deploy key, a token) only they can change; instances take a new version within half a minute"},
	{`AwsSolutions-AEC5`, `app/Memcached/[a-z]+-\d+-[a-z0-9.]+$`,
		"another port hides nothing from who is inside the security group, and clients expect this one"},
	{`AwsSolutions-EC23`, `app/SecurityGroups/InternetToLoadBalancer-(80|443)$`,
		"without CloudFront browsers reach the load balancer itself; a web ACL is before it, and port 80 only redirects"},
	{`AwsSolutions-IAM4\[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRole\]`, `app/Workload/ServiceRole/Resource$`,
		"AWS keeps what CodeDeploy's service needs in this policy, and changes it with the service"},
	{`AwsSolutions-IAM5\[Resource::\*\]`, `app/Workload/ServiceRole/Resource$`,
		"CodeDeploy starts instances from the launch template, which have no ARN before"},
	{`AwsSolutions-IAM5\[Resource::arn:aws:s3:::aws-codedeploy-[a-z0-9-]+/\*\]`, `app/Web/Role/DefaultPolicy/Resource$`,
		"the bucket that AWS publishes CodeDeploy's agent in"},
	{`AwsSolutions-IAM5\[Resource::<RevisionsBucket.*>/\*\]`, `app/(Web|Workers)/Role/DefaultPolicy/Resource$`,
		"the revisions of the client's own code, to be read"},
	{`AwsSolutions-CFR4`, `lectern-demo-app/Distribution/(Distribution|Players)$`,
		"without a domain CloudFront uses its own certificate, whose oldest protocol cannot be chosen"},
	{`AwsSolutions-CFR1`, `app/Distribution/(Distribution|Players)$`,
		"learners may be anywhere; a client that knows better can use a WAF rule"},
	{`AwsSolutions-AS3`, `app/(Web|Workers)/Group$`,
		"capacity comes and goes all day; failures surface through alarms, not through a mail for each instance"},
	{`AwsSolutions-IAM5\[Resource::\*\]`, `app/(Web|Workers)/Role/DefaultPolicy/Resource$`,
		"Session Manager's channels and autoscaling:DescribeAutoScalingInstances take no resource"},
	{`AwsSolutions-IAM5\[Resource::arn:aws:cloudformation:.*:stack/lectern-[a-z-]+-app/\*\]`, `app/(Web|Workers)/Role/DefaultPolicy/Resource$`,
		"a stack's ARN ends in an id that its own resources cannot name"},
	{`AwsSolutions-IAM5\[Resource::arn:aws:autoscaling:.*:autoScalingGroupName/lectern-[a-z-]+-app-(Web|Workers)Group[0-9A-F]+-\*\]`, `app/(Web|Workers)/Role/DefaultPolicy/Resource$`,
		"the group's name is made by CloudFormation from the stack's name and the logical id, with a suffix"},
	{`AwsSolutions-IAM5\[Resource::<ContentBucket.*>/\*\]`, `app/(Web|Workers)/Role/DefaultPolicy/Resource$`,
		"the objects of the client's own content bucket"},
}

// TestNagAwsSolutions runs the pack over every reference client and lets pass only
// what is explained above.
func TestNagAwsSolutions(t *testing.T) {
	used := make([]bool, len(accepted))
	for _, p := range referencePlans(t) {
		app := newApp(t)
		cdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(nil), nil)
		for _, v := range violations(t, app, p) {
			i := acceptedAt(v)
			if i < 0 {
				t.Errorf("%s: %s", v.path, v.text)
				continue
			}
			used[i] = true
		}
	}
	for i, entry := range accepted {
		require.True(t, used[i], "%s is not found on %s any more: remove it", entry.rule, entry.resource)
	}
}

// TestValidationIsClean runs the CDK's own validation, which is cfn-lint's rules and
// more, over every reference client.
func TestValidationIsClean(t *testing.T) {
	for _, p := range referencePlans(t) {
		app := newApp(t)
		cdk.Validations_Of(app).AddPlugins(cdk.NewCloudFormationValidatePlugin(nil))
		for _, v := range violations(t, app, p) {
			t.Errorf("%s: %s", v.path, v.text)
		}
	}
}

func acceptedAt(v violation) int {
	for i, entry := range accepted {
		if regexp.MustCompile("^"+entry.rule+":").MatchString(v.text) && regexp.MustCompile(entry.resource).MatchString(v.path) {
			return i
		}
	}
	return -1
}

// violation is what a validation plugin or an annotation says of one construct.
type violation struct{ path, text string }

// violations synthesizes a plan and reads the report. With errors the synthesis
// panics after the report is written, so the report is what counts.
func violations(t *testing.T, app cdk.App, p plan.Plan) []violation {
	t.Helper()
	stacks.Build(app, p, fixedRuntimes(t, p))
	func() {
		defer func() { _ = recover() }()
		app.Synth(nil)
	}()
	content, err := os.ReadFile(filepath.Join(*app.Outdir(), "validation-report.json"))
	require.NoError(t, err)
	var report struct {
		PluginReports []struct {
			Violations []struct {
				Description         string
				ViolatingConstructs []struct{ ConstructPath string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(content, &report))
	require.NotEmpty(t, report.PluginReports, "nothing was checked")
	var found []violation
	for _, plugin := range report.PluginReports {
		for _, v := range plugin.Violations {
			for _, construct := range v.ViolatingConstructs {
				found = append(found, violation{construct.ConstructPath, v.Description})
			}
		}
	}
	return found
}
