//go:build system

package system_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// held is the JSON of lectern holds.
type held struct {
	Account string
	Stacks  []struct {
		Name, Status, Reason, Section string
		Stuck                         bool
		WayBack                       []string
	}
	Resources []heldResource
}

type heldResource struct {
	Type, ID, Stack, LogicalID string
	Left, Data, Bills          bool
}

// TestHolds asks what the account holds of a client through its life: nothing, a stack that is
// stuck and how it comes back, everything, and what stays on purpose when all is taken down.
func TestHolds(t *testing.T) {
	t.Parallel()
	client := referenceClients(t)["demo"]
	e := startEmulator(t, client.text("account"))
	k := newToolkit(t, e, client.text("region"))
	k.bootstrap(t, "aws://"+e.account+"/"+k.region, "aws://"+e.account+"/us-east-1")
	a := k.quickSynth(t, "demo", write(t, client))
	tool := filepath.Join(t.TempDir(), "lectern")
	build := exec.Command("go", "build", "-o", tool, "./cmd/lectern")
	build.Dir = root(t)
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	ask := func(code int, arguments ...string) (held, string) {
		t.Helper()
		command := exec.Command(tool, append([]string{"holds", "demo"}, arguments...)...)
		command.Dir, command.Env = root(t), k.environment(t)
		output, err := command.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			require.Equal(t, code, exit.ExitCode(), "%s%s", output, exit.Stderr)
		} else {
			require.NoError(t, err)
			require.Zero(t, code, "%s", output)
		}
		var h held
		if len(arguments) > 0 {
			require.NoError(t, json.Unmarshal(output, &h), "%s", output)
		}
		return h, string(output)
	}
	_, text := ask(0)
	require.Contains(t, text, "Nothing of demo is in "+k.region+" or us-east-1.")

	// The database is made and does not stabilize: its protection holds the roll-back up.
	data := "lectern-demo-data"
	database := databaseOf(t, a, data)
	e.orderFailure(t, failure{data, database, "create", "after", 1})
	_, err = k.run(t, "deploy", "--app", a.folder, "--all", "--require-approval", "never")
	require.Error(t, err)
	h, _ := ask(1, "--json")
	stuck := 0
	for _, s := range h.Stacks {
		if s.Stuck {
			stuck++
			require.Equal(t, data, s.Name)
			require.Equal(t, "ROLLBACK_FAILED", s.Status)
			require.Contains(t, s.Reason, database+": Ordered failure", "the reason is that of the first failure")
			require.Equal(t, "docs/procedures/failed-deployment.md#rollback_failed", s.Section)
		}
	}
	require.Equal(t, 1, stuck)
	require.Contains(t, h.types(func(one heldResource) bool { return one.Stack == data && one.Data }), "AWS::RDS::DBInstance")
	require.Empty(t, h.types(func(one heldResource) bool { return one.Left }))

	// The commands it prints are the way back.
	_, text = ask(1)
	_, commands, found := strings.Cut(text, "way back (docs/procedures/failed-deployment.md#rollback_failed):\n")
	require.True(t, found, text)
	said, err := newOperator(t, k).commands(t, commands)
	require.NoError(t, err, "%s", said)
	h, _ = ask(0, "--json")
	require.Len(t, h.Stacks, 2)

	k.deploy(t, a)
	h, _ = ask(0, "--json")
	require.Len(t, h.Stacks, 4)
	require.Equal(t, e.account, h.Account)
	require.Empty(t, h.types(func(one heldResource) bool { return one.Left }), "all that is tagged is in a stack")
	require.Contains(t, h.types(func(one heldResource) bool { return one.Bills }), "AWS::EC2::NatGateway")

	// Taken down on purpose: the data is named, and it is left over.
	l := &life{client: client, emulator: e, toolkit: k}
	l.liftProtections(t, a, l.alive(t, a))
	k.must(t, "destroy", "--app", a.folder, "--all", "--force")
	h, _ = ask(1, "--json")
	require.Empty(t, h.Stacks)
	left := h.types(func(one heldResource) bool { return one.Left && one.Data })
	for _, kind := range []string{"rds:db", "s3", "kms:key", "sqs", "secretsmanager:secret"} {
		require.Contains(t, left, kind)
	}
}

func (h held) types(is func(heldResource) bool) []string {
	var found []string
	for _, one := range h.Resources {
		if is(one) {
			found = append(found, one.Type)
		}
	}
	return found
}

// databaseOf is the logical id of what is protected against deletion in a stack.
func databaseOf(t *testing.T, a *assembly, stackName string) string {
	t.Helper()
	for _, s := range a.stacks {
		if s.name != stackName {
			continue
		}
		for id, r := range templateResources(t, s.template) {
			if r.Properties["DeletionProtection"] == true {
				return id
			}
		}
	}
	require.Fail(t, "nothing is protected", stackName)
	return ""
}
