package synth_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/observe"
)

func TestLogGroupOfInstances(t *testing.T) {
	_, stack := newStack(t)
	group := observe.NewLogGroup(stack, "Logs", observe.LogGroupProps{RetentionDays: 90})
	template(stack).HasResource(new("AWS::Logs::LogGroup"), map[string]any{
		"Properties": map[string]any{"RetentionInDays": 90, "LogGroupName": assertions.Match_Absent()},
	})
	grants := group.Grants()
	require.Len(t, grants, 1)
	require.Equal(t, []string{"logs:CreateLogStream", "logs:PutLogEvents"}, grants[0].Actions)
}
