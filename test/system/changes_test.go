//go:build system

package system_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// change is one edit of a client file that is deployed over what the edits before it made.
type change struct {
	name string
	edit func(clientFile)
	// grave is said by lectern diff: what the emulator does, AWS perhaps refuses.
	grave bool
	// moved are types that the change replaces although they are kept, or leaves behind.
	moved []string
}

func sized(size string) change {
	return change{name: "size " + size, edit: func(c clientFile) { c["size"] = size }}
}

// key sets a key by its path; nil removes it.
func key(path string, value any) func(clientFile) {
	return func(c clientFile) {
		section := map[string]any(c)
		steps := strings.Split(path, ".")
		for _, step := range steps[:len(steps)-1] {
			inner, ok := section[step].(map[string]any)
			if !ok {
				inner = map[string]any{}
				section[step] = inner
			}
			section = inner
		}
		if last := steps[len(steps)-1]; value == nil {
			delete(section, last)
		} else {
			section[last] = value
		}
	}
}

func edits(list ...func(clientFile)) func(clientFile) {
	return func(c clientFile) {
		for _, edit := range list {
			edit(c)
		}
	}
}

func because(path string) func(clientFile) {
	return func(c clientFile) { c.section("reasons")[path] = "tried by a test of changes" }
}

// changesOf are what each reference client goes through, after all sizes.
var changesOf = map[string][]change{
	"demo": {
		{name: "a domain", edit: key("domain", map[string]any{"name": "demo.example.com", "zoneId": "Z0123456789ABCDEFGHIJ"})},
		{name: "another domain", edit: key("domain.name", "learn-demo.example.com"), moved: []string{"AWS::CertificateManager::Certificate"}},
		{name: "players at another name", edit: key("domain.players", "courses.example.com"), moved: []string{"AWS::CertificateManager::Certificate"}},
		{name: "players in a zone of their own", edit: edits(key("domain.players", "demo.example-play.com"), key("domain.playersZoneId", "Z0987654321ABCDEFGHIJ")), moved: []string{"AWS::CertificateManager::Certificate"}},
		{name: "a third zone", edit: key("network.zones", []any{"eu-west-1a", "eu-west-1b", "eu-west-1c"})},
		{name: "without the third zone", edit: key("network.zones", []any{"eu-west-1a", "eu-west-1b"}), grave: true, moved: []string{"AWS::EC2::Subnet"}},
		{name: "an endpoint", edit: key("network.interfaceEndpoints", []any{"secretsmanager"})},
		{name: "without the endpoint", edit: key("network.interfaceEndpoints", nil)},
		{name: "without the firewall", edit: edits(key("edge.waf.enabled", false), because("edge.waf.enabled"))},
		{name: "no domain any more", edit: key("domain", nil), moved: []string{"AWS::CertificateManager::Certificate"}},
	},
	"scorm-engine": {
		{name: "a load balancer that can be deleted", edit: edits(key("protection.loadBalancer", false), key("edge.shield", nil))},
		{name: "without CloudFront", edit: edits(key("edge.cdn", false), key("edge.priceClass", nil))},
		{name: "with CloudFront", edit: key("edge.cdn", true)},
		{name: "a database proxy", edit: key("database.proxy", true)},
		{name: "more storage", edit: key("database.storageGiB", 200)},
		{name: "a newer minor version", edit: key("database.version", "17.10")},
		{name: "a newer major version", edit: key("database.version", "18.4")},
		{name: "without the database proxy", edit: key("database.proxy", false)},
		{name: "fewer cache replicas", edit: edits(key("cache.replicas", 0), because("cache.replicas"))},
	},
	"scorm-api": {
		{name: "one reader", edit: key("database.replicas", 1)},
		{name: "a newer major version", edit: key("database.version", "18.4")},
		{name: "no workers", edit: edits(key("workload.workers", nil))},
		{name: "a fourth reader", edit: key("database.replicas", 4)},
	},
	"moodle": {
		{name: "another cache", edit: key("cache.nodeType", "cache.r7g.large")},
		{name: "a zone less", edit: key("network.zones", []any{"eu-west-1a", "eu-west-1b"}), grave: true, moved: []string{"AWS::EC2::Subnet"}},
	},
	"gitapp": {
		{name: "no uploads", edit: key("workload.uploads", nil), grave: true, moved: []string{"AWS::EFS::FileSystem", "AWS::EC2::SecurityGroup"}},
		{name: "a newer major version", edit: key("database.version", "9.0.1")},
	},
	"codedeploy": {
		{name: "with CloudFront", edit: key("edge.cdn", true)},
		{name: "without CloudFront", edit: key("edge.cdn", false)},
		{name: "a network load balancer", edit: edits(
			key("loadBalancer", map[string]any{"type": "network", "ports": []any{80}}), key("edge.waf", map[string]any{"enabled": false}), because("edge.waf.enabled"))},
		{name: "another port", edit: key("loadBalancer.ports", []any{80, 8080})},
		{name: "an application load balancer", edit: edits(key("loadBalancer", nil), key("edge.waf", nil), key("reasons", nil))},
	},
}

// TestChanges deploys reference clients, takes each through all sizes and back, and then through changes of its structure,
// by the commands that lectern diff prints. Each deployment must succeed, clean up after itself, and replace nothing that is kept.
// With LECTERN_BEFORE, a checkout of an earlier version with build/app and build/runtime, that one stands the clients up and this
// one takes over.
func TestChanges(t *testing.T) {
	t.Parallel()
	clients := chosenClients(t, "codedeploy", "demo", "scorm-engine")
	for _, name := range slices.Sorted(maps.Keys(clients)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife(t, clients[name], readAcceptedGaps(t))
			l.bootstrap(t)
			earlier := os.Getenv("LECTERN_BEFORE")
			last := l.toolkit.synthBefore(t, earlier, name, write(t, l.client))
			l.firstDeploy(t, last)
			operator := newOperator(t, l.toolkit)
			l.step(t, "stack policies", func() { l.setPolicies(t, operator, last) })
			var sizes []change
			if earlier != "" {
				sizes = append(sizes, change{name: "this version", edit: func(clientFile) {}, moved: []string{"AWS::CertificateManager::Certificate"}})
			}
			for _, size := range []string{"S", "M", "L", "XL", "S"} {
				sizes = append(sizes, sized(size))
			}
			file := l.client.copy(t, l.client.text("region"))
			if name == "moodle" {
				key("compute.instanceType", "m7g.large")(file) // Moodle does not run on instances of size S
			}
			for _, c := range append(sizes, changesOf[name]...) {
				c.edit(file)
				l.step(t, c.name, func() { last = l.deployChange(t, operator, last, c, file) })
			}
			require.Empty(t, l.gaps.unacceptedButUpdates(l.emulator.journal(t, 0)))
		})
	}
}

// synthBefore is a client by the version in a checkout with build/app in it; empty: by this one.
func (k *toolkit) synthBefore(t *testing.T, checkout, client, clients string) *assembly {
	t.Helper()
	if checkout == "" {
		return k.quickSynth(t, client, clients)
	}
	return k.synthBy(t, checkout, client, clients)
}

// setPolicies is what the README says to do after the first deployment.
func (l *life) setPolicies(t *testing.T, o *operator, a *assembly) {
	t.Helper()
	set := 0
	for _, s := range a.stacks {
		policy := filepath.Join(a.folder, s.name+".stack-policy.json")
		if _, err := os.Stat(policy); err != nil {
			continue
		}
		output, err := o.aws(t, "cloudformation", "set-stack-policy", "--region", s.region, "--stack-name", s.name, "--stack-policy-body", "file://"+policy)
		require.NoError(t, err, output)
		set++
	}
	require.Equal(t, 2, set, "network and data have a stack policy")
}

// deployChange synthesizes the file as it is now, asks lectern diff how to deploy it over the last assembly, and does that.
func (l *life) deployChange(t *testing.T, o *operator, last *assembly, c change, file clientFile) *assembly {
	t.Helper()
	a := l.toolkit.quickSynth(t, l.client.text("name"), write(t, file))
	o.program(t, "npx", fmt.Sprintf(`test "$1" = cdk && shift && exec %s "$@" --app %s --require-approval never --progress events`, quoted(cdk(t)), quoted(a.folder)))
	mark := l.emulator.mark(t)
	steps := diffSteps(t, c, last, a)
	for _, step := range steps {
		step = strings.ReplaceAll(step, "file://cdk.out/", "file://"+a.folder+"/")
		output, err := o.shell(t, step)
		require.NoError(t, err, "%s: %s:\n%s", c.name, step, lastLines(output, 40))
	}
	events := map[string]int{}
	for _, one := range l.emulator.journal(t, mark) {
		events[one.Event]++
		what := fmt.Sprintf("%s: %s (%s, %s) %v %s", c.name, one.LogicalID, one.Type, one.Stack, one.Properties, one.Reason)
		switch one.Event {
		case "FAILED", "REFUSED":
			require.Fail(t, "the emulator refused something", what)
		case "REPLACEMENT", "RETAINED":
			require.True(t, slices.Contains(c.moved, one.Type) || !slices.Contains(keptTypes, one.Type) && one.Event == "REPLACEMENT", "%s of %s", one.Event, what)
		}
	}
	t.Logf("    %v by %q", events, steps)
	return a
}

// diffSteps are the commands that lectern diff prints for a change. It exits non-zero where data would be lost or AWS refuses it.
func diffSteps(t *testing.T, c change, before, after *assembly) []string {
	t.Helper()
	output, err := exec.Command(filepath.Join(root(t), "build", "lectern"), "diff", "--json", before.folder, after.folder).Output()
	var report struct{ Deploy []struct{ Command string } }
	require.NoError(t, json.Unmarshal(output, &report), "%s", output)
	require.Equal(t, c.grave, err != nil, "lectern diff on %s: %s", c.name, output)
	var commands []string
	for _, step := range report.Deploy {
		commands = append(commands, step.Command)
	}
	return commands
}
