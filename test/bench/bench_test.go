package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
)

func TestCopiesOfEveryReferenceClientPassTheChecks(t *testing.T) {
	for _, reference := range []string{"demo", "scorm-api", "scorm-engine"} {
		t.Run(reference, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, writeClients("../../config/clients/"+reference+".yaml", dir, 12))
			clients, problems := plan.Load(dir)
			require.Empty(t, problems)
			require.Len(t, clients.Plans, 12)
		})
	}
}

func TestReferencesBecomeVariables(t *testing.T) {
	producer := &stack{name: "lectern-c001-network", outputs: map[string]map[string]any{
		"PublishOutputVpc": {"Value": map[string]any{"Ref": "Vpc"}},
	}}
	consumer := &stack{name: "lectern-c001-app"}
	g := &source{
		variables: map[string]string{"lectern-c001-network/Vpc": "s0r0", "lectern-c001-app/Web": "s1r0"},
		stacks:    map[string]*stack{producer.name: producer},
	}
	for want, value := range map[string]any{
		"s1r0.ref":                          map[string]any{"Ref": "Web"},
		`s1r0.getAtt("Arn").toString()`:     map[string]any{"Fn::GetAtt": []any{"Web", "Arn"}},
		"cdk.Aws.PARTITION":                 map[string]any{"Ref": "AWS::Partition"},
		"s0r0.ref":                          map[string]any{"Fn::GetStackOutput": map[string]any{"StackName": producer.name, "OutputName": "PublishOutputVpc"}},
		"{ \"Effect\": \x00, \"n\": true }": map[string]any{"Effect": "Allow", "n": true},
	} {
		require.Equal(t, want, g.expression(consumer, value))
	}
}

func TestMedian(t *testing.T) {
	runs := []Run{{Seconds: 3, OwnMB: 1}, {Seconds: 1, ChildrenMB: 7}, {Seconds: 2}}
	require.Equal(t, Run{Seconds: 2, OwnMB: 1, ChildrenMB: 7}, median(runs))
	require.InDelta(t, 1.5, median(runs[1:]).Seconds, 1e-9)
}

func TestApartAccountsForTheWholeRun(t *testing.T) {
	b := apart(Trace{Started: 1e9, Hello: 2e9, Calls: []Call{
		{API: "load", Sent: 2.5e9, Done: 3e9},
		{API: "create", Name: "App", Sent: 3.2e9, Done: 3.4e9},
		{API: "invoke", Name: "synth", Sent: 3.5e9, Done: 5.5e9},
	}}, 0, 6)
	sum := 0.0
	for _, s := range b.Steps {
		require.GreaterOrEqual(t, s.Seconds, 0.0, s.Name)
		sum += s.Seconds
	}
	require.InDelta(t, 6, sum, 1e-9)
	require.Equal(t, 1, b.Costly[0].Calls)
}
