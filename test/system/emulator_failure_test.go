//go:build system

package system_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEmulatorFailure holds what the emulator promises of stacks that failed: each rule is
// one of AWS's, cited where the emulator keeps it.
func TestEmulatorFailure(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "111122223333")
	t.Run("orders", func(t *testing.T) { failureOrders(t, e) })
	t.Run("creation", func(t *testing.T) { failedCreation(t, e) })
	t.Run("protected database", func(t *testing.T) { protectedDatabase(t, e) })
	t.Run("protected load balancer", func(t *testing.T) { protectedBalancer(t, e) })
	t.Run("update", func(t *testing.T) { failedUpdate(t, e) })
	t.Run("update roll-back", func(t *testing.T) { failedUpdateRollback(t, e) })
	t.Run("deletion", func(t *testing.T) { failedDeletion(t, e) })
	t.Run("no roll-back", func(t *testing.T) { withoutRollback(t, e) })
	t.Run("refused in every such state", func(t *testing.T) { refusedStates(t, e) })
}

var (
	retainExcept = object{"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
	aTopic       = of("AWS::SNS::Topic", object{})
)

func after(name string) object { return object{"DependsOn": name} }

// states are the resources of a stack that are alive, in it or out of it, by logical id.
func (e *emulator) states(t *testing.T, stackName string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, r := range e.resources(t) {
		if r.Stack == stackName {
			found[r.LogicalID] = r.State
		}
	}
	return found
}

func (e *emulator) requireStackStatus(t *testing.T, name, status string) {
	t.Helper()
	require.Equal(t, status, e.stacks(t, home)[name].Status, "%s: %v", name, e.failures(t, home, name))
}

func (e *emulator) delete(t *testing.T, name string, retained ...string) string {
	t.Helper()
	parameters := map[string]string{"StackName": name}
	if len(retained) > 0 {
		parameters["RetainResources.member.1"] = strings.Join(retained, ",")
	}
	return e.cloudFormation(t, home, "DeleteStack", parameters)
}

func failureOrders(t *testing.T, e *emulator) {
	e.orderFailure(t, failure{"orders", "Two", "create", "before", 1})
	require.Len(t, e.pendingFailures(t), 1)
	e.clearFailures(t)
	require.Empty(t, e.pendingFailures(t))
	e.orderFailure(t, failure{"orders", "Two", "create", "before", 1})
	e.requireRolledBack(t, "orders", body(t, object{"One": aTopic, "Two": aTopic}), "Ordered failure: create of Two was refused")
	require.Empty(t, e.pendingFailures(t), "a failure that came is ordered no more")
	require.Equal(t, "create before", e.event(t, "orders", "INJECTED").Subject)
}

func failedCreation(t *testing.T, e *emulator) {
	template := body(t, object{
		"Kept":    of("AWS::S3::Bucket", object{}, retain),
		"Except":  of("AWS::S3::Bucket", object{}, retainExcept),
		"Deleted": of("AWS::S3::Bucket", object{}),
		"Last":    of("AWS::S3::Bucket", object{}, object{"DependsOn": []string{"Kept", "Except", "Deleted"}}, retainExcept),
	})
	e.orderFailure(t, failure{"creation", "Last", "create", "after", 1})
	require.Empty(t, e.create(t, home, "creation", template))
	e.requireStackStatus(t, "creation", "ROLLBACK_COMPLETE")
	require.Equal(t, map[string]string{"Kept": "RETAINED"}, e.states(t, "creation"),
		"Retain leaves an orphan, RetainExceptOnCreate does not, and what failed half done is deleted")
	require.Contains(t, e.update(t, "creation", template), "is in ROLLBACK_COMPLETE state and can not be updated")
	require.Empty(t, e.delete(t, "creation"))
	e.requireCreated(t, home, "creation", template)
	require.Empty(t, e.delete(t, "creation"))
	require.Equal(t, "RETAINED", e.states(t, "creation")["Except"], "a stack that was complete leaves it")
}

// databaseIn is a protected database in a network of its own, and a topic made after it.
func databaseIn(block string, properties object) object {
	subnet := func(third, zone string) object {
		return of("AWS::EC2::Subnet", object{"VpcId": ref("V"), "CidrBlock": strings.Replace(block, ".0.0/16", "."+third+".0/24", 1),
			"AvailabilityZone": home + zone}, retainExcept)
	}
	database := object{"Engine": "postgres", "DBInstanceClass": "db.t4g.medium", "AllocatedStorage": "20",
		"MasterUsername": "lectern", "ManageMasterUserPassword": true, "DBSubnetGroupName": ref("G"), "DeletionProtection": true}
	for key, value := range properties {
		database[key] = value
	}
	return object{
		"V": of("AWS::EC2::VPC", object{"CidrBlock": block}, retainExcept),
		"A": subnet("0", "a"),
		"B": subnet("1", "b"),
		"G": of("AWS::RDS::DBSubnetGroup", object{"DBSubnetGroupDescription": "d", "SubnetIds": []any{ref("A"), ref("B")}}, retainExcept),
		"D": of("AWS::RDS::DBInstance", database, retainExcept),
		"T": of("AWS::SNS::Topic", object{}, after("D")),
	}
}

func protectedDatabase(t *testing.T, e *emulator) {
	template := body(t, databaseIn("10.3.0.0/16", nil))
	e.orderFailure(t, failure{"database", "T", "create", "before", 1})
	require.Empty(t, e.create(t, home, "database", template))
	e.requireStackStatus(t, "database", "ROLLBACK_FAILED")
	require.Contains(t, strings.Join(e.failures(t, home, "database"), "\n"), "D DELETE_FAILED: ")
	require.Equal(t, map[string]string{"V": "LIVE", "A": "LIVE", "B": "LIVE", "G": "LIVE", "D": "LIVE"}, e.states(t, "database"))
	require.Contains(t, e.update(t, "database", template), "is in ROLLBACK_FAILED state and can not be updated")

	var database resource
	for _, r := range e.resources(t) {
		if r.Stack == "database" && r.LogicalID == "D" {
			database = r
		}
	}
	status, answer := e.query(t, "rds", home, "2014-10-31", "DeleteDBInstance",
		map[string]string{"DBInstanceIdentifier": database.PhysicalID, "SkipFinalSnapshot": "true"})
	require.Equal(t, 400, status, "RDS refuses to delete what is protected: %s", answer)
	status, answer = e.query(t, "rds", home, "2014-10-31", "ModifyDBInstance",
		map[string]string{"DBInstanceIdentifier": database.PhysicalID, "DeletionProtection": "false", "ApplyImmediately": "true"})
	require.Equal(t, 200, status, "%s", answer)
	status, answer = e.query(t, "rds", home, "2014-10-31", "DeleteDBInstance",
		map[string]string{"DBInstanceIdentifier": database.PhysicalID, "SkipFinalSnapshot": "true"})
	require.Equal(t, 200, status, "%s", answer)
	require.NotContains(t, e.states(t, "database"), "D", "the emulator notices what is deleted by hand")
	require.Empty(t, e.delete(t, "database"))
	require.NotContains(t, e.stacks(t, home), "database")
	require.Equal(t, "RETAINED", e.states(t, "database")["G"], "the deletion of a stack keeps RetainExceptOnCreate")
	e.requireCreated(t, home, "database", template)
}

func protectedBalancer(t *testing.T, e *emulator) {
	e.requireCreated(t, home, "balancer-network", body(t, object{
		"V": of("AWS::EC2::VPC", object{"CidrBlock": "10.4.0.0/16"}),
		"A": of("AWS::EC2::Subnet", object{"VpcId": ref("V"), "CidrBlock": "10.4.0.0/24", "AvailabilityZone": home + "a"}),
		"B": of("AWS::EC2::Subnet", object{"VpcId": ref("V"), "CidrBlock": "10.4.1.0/24", "AvailabilityZone": home + "b"}),
	}, object{"Outputs": object{"A": object{"Value": ref("A")}, "B": object{"Value": ref("B")}}}))
	balancer := of("AWS::ElasticLoadBalancingV2::LoadBalancer", object{
		"Subnets":                []any{stackOutput("balancer-network", home, "A"), stackOutput("balancer-network", home, "B")},
		"Scheme":                 "internal",
		"LoadBalancerAttributes": []any{object{"Key": "deletion_protection.enabled", "Value": "true"}}})
	e.orderFailure(t, failure{"balancer", "T", "create", "before", 1})
	require.Empty(t, e.create(t, home, "balancer", body(t, object{"L": balancer, "T": of("AWS::SNS::Topic", object{}, after("L"))})))
	e.requireStackStatus(t, "balancer", "ROLLBACK_FAILED")
	require.Contains(t, strings.Join(e.failures(t, home, "balancer"), "\n"), "deletion protection is enabled")
}

func failedUpdate(t *testing.T, e *emulator) {
	queue := func(seconds int, more object) object {
		return of("AWS::SQS::Queue", object{"QueueName": "failed-update", "VisibilityTimeout": seconds}, retainExcept, more)
	}
	e.requireCreated(t, home, "update", body(t, object{"Q": queue(30, nil)}))
	for _, when := range []string{"before", "after"} {
		e.orderFailure(t, failure{"update", "Q", "update", when, 1})
		require.Empty(t, e.update(t, "update", body(t, object{
			"Q": queue(60, after("New")), "New": of("AWS::S3::Bucket", object{}, retainExcept)})))
		e.requireStackStatus(t, "update", "UPDATE_ROLLBACK_COMPLETE")
		require.Equal(t, map[string]string{"Q": "LIVE"}, e.states(t, "update"), "what the update made is cleaned up")
		require.EqualValues(t, 30, e.resources(t)[indexOf(t, e, "update", "Q")].Properties["VisibilityTimeout"])
	}
	require.Empty(t, e.update(t, "update", body(t, object{"Q": queue(60, nil)})))
	e.requireStackStatus(t, "update", "UPDATE_COMPLETE")
}

func indexOf(t *testing.T, e *emulator, stackName, logicalID string) int {
	t.Helper()
	for i, r := range e.resources(t) {
		if r.Stack == stackName && r.LogicalID == logicalID && r.State == "LIVE" {
			return i
		}
	}
	require.Fail(t, "not there", "%s in %s", logicalID, stackName)
	return -1
}

func failedUpdateRollback(t *testing.T, e *emulator) {
	queues := func(seconds int) string {
		return body(t, object{
			"Q": of("AWS::SQS::Queue", object{"VisibilityTimeout": seconds}),
			"P": of("AWS::SQS::Queue", object{"VisibilityTimeout": seconds}, after("Q")),
		})
	}
	e.requireCreated(t, home, "back", queues(30))
	// P fails after Q is changed; on the way back Q fails twice.
	e.orderFailure(t, failure{"back", "P", "update", "before", 1})
	require.Empty(t, e.update(t, "back", queues(60)))
	e.requireStackStatus(t, "back", "UPDATE_ROLLBACK_COMPLETE")
	stuck := func() {
		e.orderFailure(t, failure{"back", "P", "update", "before", 1})
		e.orderFailure(t, failure{"back", "Q", "rollback", "before", 2})
		require.Empty(t, e.update(t, "back", queues(60)))
		e.requireStackStatus(t, "back", "UPDATE_ROLLBACK_FAILED")
	}
	stuck()
	require.Contains(t, e.update(t, "back", queues(90)), "is in UPDATE_ROLLBACK_FAILED state and can not be updated")
	carryOn := func(more map[string]string) string {
		parameters := map[string]string{"StackName": "back"}
		maps.Copy(parameters, more)
		return e.cloudFormation(t, home, "ContinueUpdateRollback", parameters)
	}
	require.Empty(t, carryOn(nil))
	e.requireStackStatus(t, "back", "UPDATE_ROLLBACK_FAILED")
	require.Empty(t, carryOn(nil))
	e.requireStackStatus(t, "back", "UPDATE_ROLLBACK_COMPLETE")
	stuck()
	skip := func(name string) map[string]string { return map[string]string{"ResourcesToSkip.member.1": name} }
	require.Contains(t, carryOn(skip("P")), "cannot be skipped")
	require.Empty(t, carryOn(skip("Q")))
	e.requireStackStatus(t, "back", "UPDATE_ROLLBACK_COMPLETE")
	e.clearFailures(t)
	require.Empty(t, e.update(t, "back", queues(60)))
	e.requireStackStatus(t, "back", "UPDATE_COMPLETE")
}

func failedDeletion(t *testing.T, e *emulator) {
	e.requireCreated(t, home, "gone", body(t, object{"T": aTopic, "U": aTopic}))
	require.Contains(t, e.delete(t, "gone", "T"), "only when the stack is in the DELETE_FAILED state")
	e.orderFailure(t, failure{"gone", "T", "delete", "before", 2})
	require.Empty(t, e.delete(t, "gone"))
	e.requireStackStatus(t, "gone", "DELETE_FAILED")
	require.Equal(t, map[string]string{"T": "LIVE"}, e.states(t, "gone"))
	require.Contains(t, e.update(t, "gone", body(t, object{"T": aTopic})), "is in DELETE_FAILED state and can not be updated")
	require.Empty(t, e.delete(t, "gone"))
	e.requireStackStatus(t, "gone", "DELETE_FAILED")
	require.Empty(t, e.delete(t, "gone", "T"))
	require.NotContains(t, e.stacks(t, home), "gone")
	require.Equal(t, map[string]string{"T": "RETAINED"}, e.states(t, "gone"))
}

func withoutRollback(t *testing.T, e *emulator) {
	template := body(t, object{"B": of("AWS::S3::Bucket", object{}, retain), "T": of("AWS::SNS::Topic", object{}, after("B"))})
	create := func() {
		e.orderFailure(t, failure{"paused", "T", "create", "after", 1})
		require.Empty(t, e.cloudFormation(t, home, "CreateStack",
			map[string]string{"StackName": "paused", "TemplateBody": template, "DisableRollback": "true"}))
		e.requireStackStatus(t, "paused", "CREATE_FAILED")
	}
	create()
	require.Empty(t, e.cloudFormation(t, home, "RollbackStack", map[string]string{"StackName": "paused", "RetainExceptOnCreate": "true"}))
	require.NotContains(t, e.stacks(t, home), "paused", "a stack that never was complete is deleted")
	require.Empty(t, e.states(t, "paused"))
	create()
	require.Contains(t, e.update(t, "paused", template), "is in CREATE_FAILED state and can not be updated")
	require.Empty(t, e.cloudFormation(t, home, "UpdateStack",
		map[string]string{"StackName": "paused", "TemplateBody": template, "DisableRollback": "true"}))
	e.requireStackStatus(t, "paused", "UPDATE_COMPLETE")
	require.Equal(t, map[string]string{"B": "LIVE", "T": "LIVE"}, e.states(t, "paused"))
}

// refusedStates: termination protection refuses a deletion whatever the stack's status, and a
// change set knows which stacks it may be for.
func refusedStates(t *testing.T, e *emulator) {
	template := body(t, object{"T": aTopic})
	e.orderFailure(t, failure{"refused", "T", "create", "before", 1})
	require.Empty(t, e.create(t, home, "refused", template))
	e.requireStackStatus(t, "refused", "ROLLBACK_COMPLETE")
	protect := map[string]string{"StackName": "refused", "EnableTerminationProtection": "true"}
	require.Empty(t, e.cloudFormation(t, home, "UpdateTerminationProtection", protect))
	require.Contains(t, e.delete(t, "refused"), "cannot be deleted while TerminationProtection is enabled")
	changeSet := func(name, kind string) string {
		return e.cloudFormation(t, home, "CreateChangeSet", map[string]string{
			"StackName": name, "ChangeSetName": "c", "ChangeSetType": kind, "TemplateBody": template})
	}
	require.Contains(t, changeSet("refused", "UPDATE"), "is in ROLLBACK_COMPLETE state and can not be updated")
	require.Contains(t, changeSet("refused", "CREATE"), "already exists")
	require.Empty(t, changeSet("reviewed", "CREATE"))
	require.Contains(t, changeSet("reviewed", "UPDATE"), "is in REVIEW_IN_PROGRESS state and can not be updated")
	require.Contains(t, e.update(t, "reviewed", template), "is in REVIEW_IN_PROGRESS state and can not be updated")
	require.Empty(t, e.cloudFormation(t, home, "ExecuteChangeSet", map[string]string{"StackName": "reviewed", "ChangeSetName": "c"}))
	e.requireStackStatus(t, "reviewed", "CREATE_COMPLETE")
	for _, action := range []string{"ContinueUpdateRollback", "RollbackStack"} {
		require.Contains(t, e.cloudFormation(t, home, action, map[string]string{"StackName": "reviewed"}), "is in CREATE_COMPLETE state")
	}
}
