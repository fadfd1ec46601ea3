package change_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

// What refers to a replaced resource by a property that cannot change is replaced too.
func TestReplacementsSpread(t *testing.T) {
	template := func(cidr string) object {
		return object{
			"Vpc":    is("AWS::EC2::VPC", "Retain", object{"CidrBlock": cidr}),
			"Subnet": is("AWS::EC2::Subnet", "", object{"VpcId": ref("Vpc"), "CidrBlock": "10.1.0.0/24"}),
			"Role":   is("AWS::IAM::Role", "", object{"Description": "stays"}),
			"Group":  is("AWS::AutoScaling::AutoScalingGroup", "", object{"VPCZoneIdentifier": []any{ref("Subnet")}}),
		}
	}
	r := compareOne(t, template("10.1.0.0/16"), template("10.2.0.0/16"))
	require.Equal(t, "replaced", find(t, r, "Vpc").Kind)
	require.Equal(t, change.LeftBehind, find(t, r, "Vpc").Worst)
	require.True(t, find(t, r, "Vpc").Retained)
	subnet := find(t, r, "Subnet")
	require.Equal(t, "replaced", subnet.Kind)
	require.Contains(t, subnet.Findings[0].Text, "lectern-acme-app/Vpc is another one")
	group := find(t, r, "Group")
	require.Equal(t, "changed", group.Kind)
	require.Equal(t, change.None, group.Worst)
	quiet(t, r, "Role")
}

// Across stacks a reference goes by an output, whose name is no matter.
func TestReplacementsSpreadOverStacks(t *testing.T) {
	stacks := func(name, output_ string) map[string]stack {
		return map[string]stack{
			"lectern-acme-data": {
				resources: object{"Queue": is("AWS::SQS::Queue", "Retain", object{"QueueName": name})},
				outputs:   object{output_: ref("Queue")},
			},
			one: {
				after:     []string{"lectern-acme-data"},
				resources: object{"Policy": is("AWS::SQS::QueuePolicy", "", object{"Queues": []any{output("lectern-acme-data", output_)}})},
			},
		}
	}
	renamed := change.Compare(assembly(t, stacks("a", "Old")), assembly(t, stacks("a", "New")))
	quiet(t, renamed, "Policy")
	require.Len(t, renamed.Stacks, 2, "outputs and references to them have other names")
	require.NotEmpty(t, renamed.Stacks[0].Notes)

	r := change.Compare(assembly(t, stacks("a", "Out")), assembly(t, stacks("b", "Out")))
	queue := find(t, r, "Queue")
	require.True(t, queue.Grave())
	require.Equal(t, change.LeftBehind, queue.Worst)
	policy := find(t, r, "Policy")
	require.Contains(t, policy.Findings[0].Text, "stays the same", "nothing in its template says that the queue is another one")
	require.Equal(t, "npx cdk deploy --force lectern-acme-app", policy.Findings[0].Way)
}

// A new version of a launch template is no replacement, and still another value.
func TestANewLaunchTemplateVersionReachesTheGroup(t *testing.T) {
	template := func(image string, policy object) object {
		group := is("AWS::AutoScaling::AutoScalingGroup", "", object{"LaunchTemplate": object{"Version": attribute("Template", "LatestVersionNumber")}})
		group["UpdatePolicy"] = policy
		return object{
			"Template": is("AWS::EC2::LaunchTemplate", "", object{"LaunchTemplateData": object{"ImageId": image}}),
			"Group":    group,
		}
	}
	refresh := object{"AutoScalingInstanceRefresh": object{"Strategy": "Rolling"}}
	require.Equal(t, change.Rolling, find(t, compareOne(t, template("a", refresh), template("b", refresh)), "Group").Worst)
	replacing := object{"AutoScalingReplacingUpdate": object{"WillReplace": true}}
	require.Equal(t, "replaced", find(t, compareOne(t, template("a", replacing), template("b", replacing)), "Group").Kind)
	require.Equal(t, change.None, find(t, compareOne(t, template("a", nil), template("b", nil)), "Group").Worst)
}

// The policy says what becomes of the old one: UpdateReplacePolicy where it is
// replaced, DeletionPolicy where it is removed.
func TestPoliciesSayWhatStays(t *testing.T) {
	for _, c := range []struct {
		policy   string
		want     change.Effect
		retained bool
	}{
		{"", change.Deleted, false}, {"Delete", change.Deleted, false}, {"Snapshot", change.Deleted, false},
		{"Retain", change.LeftBehind, true}, {"RetainExceptOnCreate", change.LeftBehind, true},
	} {
		bucket := func(name string) object {
			return object{"Bucket": is("AWS::S3::Bucket", c.policy, object{"BucketName": name})}
		}
		for kind, after := range map[string]object{"replaced": bucket("b"), "removed": {}} {
			got := find(t, compareOne(t, bucket("a"), after), "Bucket")
			require.Equal(t, kind, got.Kind)
			require.Equal(t, c.want, got.Worst, c.policy)
			require.Equal(t, c.retained, got.Retained)
			require.True(t, got.HoldsData && got.Grave())
		}
	}
}

func TestATypeThatIsNotKnownIsUnknown(t *testing.T) {
	thing := func(value string) object { return object{"Thing": is("Acme::Odd::Thing", "", object{"Size": value})} }
	for _, r := range []change.Report{
		compareOne(t, thing("1"), thing("2")), compareOne(t, object{}, thing("1")), compareOne(t, thing("1"), object{}),
	} {
		require.Equal(t, change.Unknown, find(t, r, "Thing").Worst)
		require.Len(t, r.Grave(), 1)
	}
	require.Empty(t, compareOne(t, thing("1"), thing("1")).Stacks)
}

func TestMetadataAloneInterruptsNothing(t *testing.T) {
	queue := is("AWS::SQS::Queue", "Retain", object{"QueueName": "a"})
	got := find(t, compareOne(t, object{"Queue": queue}, object{"Queue": with(queue, "Metadata", object{"why": "said"})}), "Queue")
	require.Equal(t, change.None, got.Worst)
	quiet(t, compareOne(t, object{"Queue": queue}, object{"Queue": with(queue, "Metadata", object{"aws:cdk:path": "a/b"})}), "Queue")
}
