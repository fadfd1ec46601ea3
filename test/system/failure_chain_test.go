//go:build system

package system_test

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// creations lets the first creation of a stack fail at one resource after the other. All
// failures are ordered at once, so that each deployment is the retry after one failure and
// runs into the next; the last one succeeds.
func (r *failureRun) creations(t *testing.T, a *assembly, s assembledStack, row *failureRow) {
	t.Helper()
	row.began = time.Now()
	chosen := r.chosen(t, s)
	row.tried = len(chosen)
	for _, id := range chosen {
		r.emulator.orderFailure(t, failure{s.name, id, "create", "after", 1})
	}
	for failed := false; ; failed = true {
		mark := r.emulator.mark(t)
		output, err := r.deploy(t, a, s)
		happened := r.emulator.journal(t, mark)
		if failed && (err == nil || injected(happened) != "") {
			row.retried++
		}
		if err == nil {
			break
		}
		id := injected(happened)
		if id == "" {
			row.stuck++
			row.problem("the deployment after a failure does not go on: %s", lastLines(output, 12))
			return
		}
		row.created++
		progress("%-32s creation %3d of %3d failed at %s", s.name, row.created, len(chosen), id)
		r.comeBack(t, a, s, row)
		r.countOrphans(t, s, row, happened)
	}
	for _, order := range r.emulator.pendingFailures(t) {
		row.problem("%s was never created", order["resource"])
	}
	r.emulator.clearFailures(t)
	row.creating = time.Since(row.began)
}

// updates is creations for a change, which has to leave what holds data as it was.
func (r *failureRun) updates(t *testing.T, a *assembly, s assembledStack, row *failureRow, kept map[string]resource) {
	t.Helper()
	began := time.Now()
	chosen := r.chosen(t, s)
	for _, id := range chosen {
		r.emulator.orderFailure(t, failure{s.name, id, "update", "after", 1})
		r.emulator.orderFailure(t, failure{s.name, id, "create", "after", 1}) // for what the change replaces or adds
	}
	for failed := false; ; failed = true {
		mark := r.emulator.mark(t)
		output, err := r.deploy(t, a, s)
		id := injected(r.emulator.journal(t, mark))
		if failed && (err == nil || id != "") {
			row.retried++
		}
		if err == nil {
			break
		}
		if id == "" {
			row.stuck++
			row.problem("the deployment after a failed update does not go on: %s", lastLines(output, 12))
			return
		}
		row.updated++
		progress("%-32s update %3d failed at %s", s.name, row.updated, id)
		if status := r.emulator.stacks(t, s.region)[s.name].Status; status != "UPDATE_ROLLBACK_COMPLETE" {
			r.comeBack(t, a, s, row)
		}
		for name, now := range r.stateful(t) {
			if before, known := kept[name]; !known || !reflect.DeepEqual(before, now) {
				row.touched++
				row.problem("the failed update of %s touched %s:\n before %+v\n after %+v", id, name, before, now)
			}
		}
	}
	row.same = r.notReached(t, s)
	r.emulator.clearFailures(t)
	row.updating = time.Since(began)
}

// deploy is what its user types, for one stack of a synthesized assembly.
func (r *failureRun) deploy(t *testing.T, a *assembly, s assembledStack) (string, error) {
	t.Helper()
	return r.toolkit.run(t, "deploy", s.name, "--app", a.folder, "--exclusively", "--require-approval", "never", "--progress", "events")
}

// comeBack follows the document when a stack cannot simply be deployed again. That it cannot
// is shown once for each stack and status; the commands are then run without the attempt.
func (r *failureRun) comeBack(t *testing.T, a *assembly, s assembledStack, row *failureRow) {
	t.Helper()
	found := r.emulator.stacks(t, s.region)[s.name]
	if found.Status == "UPDATE_ROLLBACK_COMPLETE" || (found.Status == "ROLLBACK_COMPLETE" && !found.Protection) {
		return
	}
	if situation := s.name + " " + found.Status; !r.refused[situation] {
		r.refused[situation] = true
		mark := r.emulator.mark(t)
		output, err := r.deploy(t, a, s)
		require.Error(t, err, "%s in %s can be deployed again: the document asks for more than is needed", s.name, found.Status)
		require.Empty(t, injected(r.emulator.journal(t, mark)), "%s", output)
	}
	row.wayBack[found.Status]++
	output, err := r.operator.section(t, r.document, found.Status,
		"CLIENT="+r.client, "AWS_REGION="+s.region, "AWS_DEFAULT_REGION="+s.region, "STACK="+s.name)
	if err != nil || strings.Contains(output, "Could not connect") {
		row.problem("the way back from %s: %v\n%s", found.Status, err, lastLines(output, 12))
	}
}

// countOrphans looks for anything that a failed creation left: in the emulator's registry, and
// in the services, for the types whose service can be asked.
func (r *failureRun) countOrphans(t *testing.T, s assembledStack, row *failureRow, happened []entry) {
	t.Helper()
	for _, found := range r.emulator.resources(t) {
		if found.Stack == s.name {
			row.orphans++
			row.problem("an orphan of a failed creation: %s (%s, %s)", found.LogicalID, found.Type, found.State)
		}
	}
	for _, one := range happened {
		if one.Event != "CREATED" || one.Stack != s.name {
			continue
		}
		made := resource{Type: one.Type, PhysicalID: one.PhysicalID, Region: one.Region}
		if exists, asked := r.emulator.existsInService(t, made); asked && exists && !r.emulator.scheduledForDeletion(t, made) {
			row.orphans++
			row.problem("%s (%s) is still in its service: %s", one.LogicalID, one.Type, one.PhysicalID)
		}
	}
}

// scheduledForDeletion is whether a key or a secret is on its way out: it cannot be used, and a
// key costs nothing any more.
func (e *emulator) scheduledForDeletion(t *testing.T, r resource) bool {
	t.Helper()
	targets := map[string][2]string{
		"AWS::KMS::Key":               {"kms", "TrentService.DescribeKey"},
		"AWS::SecretsManager::Secret": {"secretsmanager", "secretsmanager.DescribeSecret"},
	}
	target, known := targets[r.Type]
	if !known {
		return false
	}
	parameters, err := json.Marshal(map[string]string{"KeyId": r.PhysicalID, "SecretId": r.PhysicalID})
	require.NoError(t, err)
	_, body := e.ask(t, target[0], r.Region, "POST", "/", "application/x-amz-json-1.1", target[1], parameters)
	return strings.Contains(string(body), "PendingDeletion") || strings.Contains(string(body), "DeletedDate")
}

// stateful are the client's resources that hold data, or on which such stand, by stack and
// logical id: what a failed update must leave alone.
func (r *failureRun) stateful(t *testing.T) map[string]resource {
	t.Helper()
	found := map[string]resource{}
	for _, one := range r.emulator.resources(t) {
		if strings.HasPrefix(one.Stack, "lectern-"+r.client+"-") && one.DeletionPolicy != "Delete" {
			found[one.Stack+" "+one.LogicalID+" "+one.PhysicalID] = one
		}
	}
	return found
}

// chosen are the resources of a stack that are made to fail: all, or every so many and what is
// protected against deletion.
func (r *failureRun) chosen(t *testing.T, s assembledStack) []string {
	t.Helper()
	resources := templateResources(t, s.template)
	var ids []string
	for i, id := range slices.Sorted(maps.Keys(resources)) {
		if i%r.every == r.every/2 || resources[id].Properties["DeletionProtection"] == true {
			ids = append(ids, id)
		}
	}
	return ids
}

// notReached are the types of those resources whose update was ordered to fail and never came.
func (r *failureRun) notReached(t *testing.T, s assembledStack) []string {
	t.Helper()
	resources := templateResources(t, s.template)
	pending := map[string]int{}
	for _, order := range r.emulator.pendingFailures(t) {
		pending[order["resource"].(string)]++
	}
	var types []string
	for id, orders := range pending {
		if orders == 2 { // neither updated nor replaced
			types = append(types, resources[id].Type)
		}
	}
	slices.Sort(types)
	return types
}

type templateResource struct {
	Type       string
	Properties map[string]any
}

func templateResources(t *testing.T, path string) map[string]templateResource {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	var document struct{ Resources map[string]templateResource }
	require.NoError(t, json.Unmarshal(content, &document))
	return document.Resources
}

// injected is the resource at which an ordered failure came, or "".
func injected(entries []entry) string {
	for _, one := range entries {
		if one.Event == "INJECTED" {
			return one.LogicalID
		}
	}
	return ""
}
