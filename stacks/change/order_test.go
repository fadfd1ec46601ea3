package change_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

const edge, app = "lectern-acme-edge", "lectern-acme-app"

// served is a client whose distribution in the app stack uses a web ACL of the edge
// stack, which is deployed before it; without the ACL where acl is "".
func served(acl, scope string, users object) map[string]stack {
	edgeStack := stack{resources: object{"Log": is("AWS::Logs::LogGroup", "", object{})}, outputs: object{}}
	if acl != "" {
		edgeStack.resources[acl] = is("AWS::WAFv2::WebACL", "", object{"Scope": scope})
		edgeStack.outputs[acl+"Arn"] = attribute(acl, "Arn")
	}
	return map[string]stack{edge: edgeStack, app: {after: []string{edge}, resources: users}}
}

func distribution(config object) object {
	return object{"Distribution": is("AWS::CloudFront::Distribution", "", object{"DistributionConfig": config})}
}

// What is used until a later stack is deployed is removed after that.
func TestTheUserLetsGoFirst(t *testing.T) {
	before := served("Acl", "CLOUDFRONT", distribution(object{"WebACLId": output(edge, "AclArn")}))
	r := change.Compare(assembly(t, before), assembly(t, served("", "", distribution(object{"Enabled": true}))))
	require.Equal(t, []string{
		"npx cdk deploy -c client=acme lectern-acme-app --exclusively",
		"npx cdk deploy -c client=acme --all",
	}, commands(r))
	acl := find(t, r, "Acl")
	require.Equal(t, change.Deleted, acl.Worst)
	require.Contains(t, acl.Findings[1].Text, "lectern-acme-app/Distribution uses it")
}

// A user that needs the new one cannot let go of the old one first: AWS does not
// delete that while it is used, so it stays behind.
func TestWhatIsReplacedWhileItIsUsedStaysBehind(t *testing.T) {
	users := func() object { return distribution(object{"WebACLId": output(edge, "AclArn")}) }
	r := change.Compare(assembly(t, served("Acl", "CLOUDFRONT", users())), assembly(t, served("Acl", "REGIONAL", users())))
	acl := find(t, r, "Acl")
	require.Equal(t, "replaced", acl.Kind)
	require.Equal(t, change.LeftBehind, acl.Worst)
	require.Contains(t, acl.Findings[0].Text, "AWS does not delete it while lectern-acme-app/Distribution uses it")
	require.Equal(t, []string{"npx cdk deploy -c client=acme --all"}, commands(r))
}

// A cache is deleted although instances use it, which then are without one.
func TestWhatCanBeDeletedWhileItIsUsedIsMissed(t *testing.T) {
	stacks := func(port int) map[string]stack {
		return map[string]stack{
			"lectern-acme-data": {
				resources: object{"Cache": is("AWS::ElastiCache::CacheCluster", "", object{"Engine": "memcached", "Port": port})},
				outputs:   object{"Address": attribute("Cache", "ConfigurationEndpoint.Address")},
			},
			app: {after: []string{"lectern-acme-data"}, resources: object{"Settings": is("AWS::SSM::Parameter", "", object{"Value": object{"Fn::Join": []any{"", []any{"port ", port, output("lectern-acme-data", "Address")}}}})}},
		}
	}
	got := find(t, change.Compare(assembly(t, stacks(1)), assembly(t, stacks(2))), "Cache")
	require.Equal(t, change.Replacement, got.Worst)
	var effects []change.Effect
	for _, f := range got.Findings {
		effects = append(effects, f.Effect)
	}
	require.Contains(t, effects, change.Downtime)
}

// A rule of a security group is used by whoever uses the group, and a new one is
// needed by them before the old one goes.
func TestRulesOfAGroupAreUsedByItsUsers(t *testing.T) {
	stacks := func(users object, ports ...int) map[string]stack {
		network := stack{resources: object{"Group": is("AWS::EC2::SecurityGroup", "Retain", object{})}, outputs: object{"Id": attribute("Group", "GroupId")}}
		for _, port := range ports {
			id := map[int]string{1: "RuleOne", 2: "RuleTwo"}[port]
			network.resources[id] = is("AWS::EC2::SecurityGroupIngress", "", object{"GroupId": attribute("Group", "GroupId"), "FromPort": port})
		}
		return map[string]stack{"lectern-acme-network": network, app: {after: []string{"lectern-acme-network"}, resources: users}}
	}
	users := func(size string) object {
		return object{"Template": is("AWS::EC2::LaunchTemplate", "", object{"LaunchTemplateData": object{"InstanceType": size, "SecurityGroupIds": []any{output("lectern-acme-network", "Id")}}})}
	}
	removed := change.Compare(assembly(t, stacks(users("a"), 1)), assembly(t, stacks(users("b"))))
	require.Equal(t, "npx cdk deploy -c client=acme lectern-acme-app --exclusively", commands(removed)[0])

	exchanged := change.Compare(assembly(t, stacks(users("a"), 1)), assembly(t, stacks(users("b"), 2)))
	var effects []change.Effect
	for _, f := range find(t, exchanged, "RuleOne").Findings {
		effects = append(effects, f.Effect)
	}
	require.Contains(t, effects, change.Downtime, "the new rule is needed before the app stack, and the old one until after it")
	require.Len(t, exchanged.Deploy, 1)
}

// A stack that leaves is named, with what deletes it, after all others.
func TestAStackThatLeavesIsNamed(t *testing.T) {
	before := served("Acl", "CLOUDFRONT", distribution(object{"WebACLId": output(edge, "AclArn")}))
	protected := before[edge]
	protected.protected, protected.region = true, "us-east-1"
	before[edge] = protected
	after := map[string]stack{app: {resources: distribution(object{"Enabled": true})}}
	r := change.Compare(assembly(t, before), assembly(t, after))
	require.Equal(t, []string{app, edge}, []string{r.Stacks[0].Name, r.Stacks[1].Name})
	require.Equal(t, "leaves", r.Stacks[1].Fate)
	require.Equal(t, []string{
		"npx cdk deploy -c client=acme --all",
		"aws cloudformation update-termination-protection --region us-east-1 --stack-name lectern-acme-edge --no-enable-termination-protection",
		"aws cloudformation delete-stack --region us-east-1 --stack-name lectern-acme-edge",
	}, commands(r))

	back := change.Compare(assembly(t, after), assembly(t, before))
	require.Equal(t, "comes", back.Stacks[0].Fate)
	require.Equal(t, []string{"npx cdk deploy -c client=acme --all"}, commands(back))

	// What still refers to it is refused.
	broken := map[string]stack{app: {resources: distribution(object{"WebACLId": output(edge, "AclArn")})}}
	require.Equal(t, change.Refused, find(t, change.Compare(assembly(t, before), assembly(t, broken)), "Distribution").Worst)
}

// A stack policy that denies what a deployment does is lifted for it.
func TestStackPoliciesAreLiftedAndSetAgain(t *testing.T) {
	policy := object{"Statement": []any{object{"Effect": "Deny", "Action": []any{"Update:Replace", "Update:Delete"}, "Resource": []any{"LogicalResourceId/Bucket"}}}}
	before := map[string]stack{app: {resources: object{"Bucket": is("AWS::S3::Bucket", "Retain", object{})}, policy: policy}}
	after := map[string]stack{app: {resources: object{"Queue": is("AWS::SQS::Queue", "", object{})}}}
	r := change.Compare(assembly(t, before), assembly(t, after))
	require.Contains(t, r.Stacks[0].Notes[0], "refuses to remove or replace Bucket")
	require.Len(t, r.Deploy, 3)
	require.Contains(t, r.Deploy[0].Command, "set-stack-policy --region eu-west-1 --stack-name lectern-acme-app --stack-policy-body '{")
	require.Contains(t, r.Deploy[2].Command, "file://cdk.out/lectern-acme-app.stack-policy.json")
}

// A stack that goes to another region is another stack: nothing there is replaced.
func TestAStackInAnotherRegionIsAnotherOne(t *testing.T) {
	stacks := func(region string) map[string]stack {
		return map[string]stack{app: {region: region, resources: object{
			"Bucket": is("AWS::S3::Bucket", "Retain", object{}), "Queue": is("AWS::SQS::Queue", "", object{}),
		}}}
	}
	r := change.Compare(assembly(t, stacks("eu-west-1")), assembly(t, stacks("eu-west-2")))
	require.Contains(t, r.Stacks[0].Notes[0], "from eu-west-1 in account 111122223333 to eu-west-2")
	require.Equal(t, change.LeftBehind, find(t, r, "Bucket").Worst)
	require.Equal(t, change.Deleted, find(t, r, "Queue").Worst)
	require.Equal(t, "aws cloudformation delete-stack --region eu-west-1 --stack-name lectern-acme-app", commands(r)[1])
}
