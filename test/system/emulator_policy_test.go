//go:build system

package system_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEmulatorStackPolicy: a stack policy refuses what it denies, during updates only.
func TestEmulatorStackPolicy(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "111122223333")
	queue := func(name string, seconds int) object {
		return of("AWS::SQS::Queue", object{"QueueName": name, "VisibilityTimeout": seconds})
	}
	topic := of("AWS::SNS::Topic", object{"TopicName": "one"})
	e.requireCreated(t, home, "policy", body(t, object{"Q": queue("one", 30), "T": topic}))
	set := func(statements ...object) string {
		policy, err := json.Marshal(object{"Statement": statements})
		require.NoError(t, err)
		return e.cloudFormation(t, home, "SetStackPolicy", map[string]string{"StackName": "policy", "StackPolicyBody": string(policy)})
	}
	statement := func(effect, action string, rest object) object {
		s := object{"Effect": effect, "Action": action, "Principal": "*"}
		maps.Copy(s, rest)
		return s
	}
	everything := statement("Allow", "Update:*", object{"Resource": "*"})
	refused := func(template, action, resource string) {
		t.Helper()
		before := e.states(t, "policy")
		require.Empty(t, e.update(t, "policy", template))
		e.requireStackStatus(t, "policy", "UPDATE_ROLLBACK_COMPLETE")
		require.Contains(t, strings.Join(e.failures(t, home, "policy"), "\n"),
			"does not allow ["+action+"] for resource [LogicalResourceId/"+resource+"]")
		require.Equal(t, before, e.states(t, "policy"))
	}
	require.Contains(t, set(statement("Deny", "Update:Restart", object{"Resource": "*"})), "Unknown policy action")

	require.Empty(t, set(everything, statement("Deny", "Update:Replace", object{"Resource": "LogicalResourceId/Q"}),
		statement("Deny", "Update:Delete", object{"Resource": "*", "Condition": object{"StringEquals": object{"ResourceType": []string{"AWS::SQS::Queue"}}}})))
	refused(body(t, object{"Q": queue("two", 30), "T": topic}), "Update:Replace", "Q")
	refused(body(t, object{"T": topic}), "Update:Delete", "Q")
	require.Empty(t, e.update(t, "policy", body(t, object{"Q": queue("one", 60)})), "a change in place, and a topic's deletion, are allowed")
	e.requireStackStatus(t, "policy", "UPDATE_COMPLETE")

	require.Empty(t, set(statement("Allow", "Update:Replace", object{"Resource": "*"})))
	refused(body(t, object{"Q": queue("one", 90)}), "Update:Modify", "Q")
	require.Empty(t, e.cloudFormation(t, home, "UpdateStack", map[string]string{
		"StackName": "policy", "TemplateBody": body(t, object{"Q": queue("one", 90)}),
		"StackPolicyDuringUpdateBody": `{"Statement":[{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}]}`}))
	e.requireStackStatus(t, "policy", "UPDATE_COMPLETE")
	require.Empty(t, e.delete(t, "policy"), "a policy has no say when the stack is deleted")
}
