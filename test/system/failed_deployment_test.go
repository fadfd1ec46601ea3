//go:build system

package system_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/docs/procedures"
)

// TestFailedDeployment runs the sections of docs/procedures/failed-deployment.md that a whole
// client seldom needs; TestFailureTable and TestHolds run the others.
func TestFailedDeployment(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "111122223333")
	o := newOperator(t, newToolkit(t, e, home))
	document, err := procedures.Read(procedures.FailedDeployment)
	require.NoError(t, err)
	follow := func(t *testing.T, stackName, status string) {
		t.Helper()
		e.requireStackStatus(t, stackName, status)
		output, err := o.section(t, document, status, "CLIENT=none", "AWS_REGION="+home, "STACK="+stackName)
		require.NoError(t, err, "%s", output)
	}
	queues := func(seconds int) string {
		return body(t, object{
			"Q": of("AWS::SQS::Queue", object{"VisibilityTimeout": seconds}),
			"P": of("AWS::SQS::Queue", object{"VisibilityTimeout": seconds}, after("Q")),
		})
	}

	t.Run("UPDATE_ROLLBACK_FAILED", func(t *testing.T) {
		e.requireCreated(t, home, "back", queues(30))
		e.orderFailure(t, failure{"back", "P", "update", "before", 1})
		e.orderFailure(t, failure{"back", "Q", "rollback", "before", 1})
		require.Empty(t, e.update(t, "back", queues(60)))
		follow(t, "back", "UPDATE_ROLLBACK_FAILED")
		e.requireStackStatus(t, "back", "UPDATE_ROLLBACK_COMPLETE")
		require.Empty(t, e.update(t, "back", queues(60)))
		e.requireStackStatus(t, "back", "UPDATE_COMPLETE")
	})

	t.Run("CREATE_FAILED", func(t *testing.T) {
		e.orderFailure(t, failure{"paused", "P", "create", "after", 1})
		require.Empty(t, e.cloudFormation(t, home, "CreateStack", map[string]string{"StackName": "paused",
			"TemplateBody": queues(30), "DisableRollback": "true", "EnableTerminationProtection": "true"}))
		follow(t, "paused", "CREATE_FAILED")
		require.NotContains(t, e.stacks(t, home), "paused")
		require.Empty(t, e.states(t, "paused"))
		e.requireCreated(t, home, "paused", queues(30))
	})

	t.Run("DELETE_FAILED", func(t *testing.T) {
		e.requireCreated(t, home, "balancer", body(t, object{
			"V": of("AWS::EC2::VPC", object{"CidrBlock": "10.5.0.0/16"}),
			"A": of("AWS::EC2::Subnet", object{"VpcId": ref("V"), "CidrBlock": "10.5.0.0/24", "AvailabilityZone": home + "a"}),
			"B": of("AWS::EC2::Subnet", object{"VpcId": ref("V"), "CidrBlock": "10.5.1.0/24", "AvailabilityZone": home + "b"}),
			"L": of("AWS::ElasticLoadBalancingV2::LoadBalancer", object{"Subnets": []any{ref("A"), ref("B")}, "Scheme": "internal",
				"LoadBalancerAttributes": []any{object{"Key": "deletion_protection.enabled", "Value": "true"}}}),
		}))
		require.Empty(t, e.delete(t, "balancer"))
		follow(t, "balancer", "DELETE_FAILED")
		require.NotContains(t, e.stacks(t, home), "balancer")
		require.Empty(t, e.states(t, "balancer"))
	})
}
