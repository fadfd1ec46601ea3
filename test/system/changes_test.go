//go:build system

package system_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// change is one edit of a client file that is deployed over what the edits before it made.
type change struct {
	name string
	edit func(clientFile)
	// first are the kinds of stacks that are deployed before the others: the last of them uses what goes from the others.
	first []string
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
		{name: "a third zone", edit: key("network.zones", []any{"eu-west-1a", "eu-west-1b", "eu-west-1c"})},
		{name: "without the third zone", edit: key("network.zones", []any{"eu-west-1a", "eu-west-1b"}), first: []string{"app"}, moved: []string{"AWS::EC2::Subnet"}},
		{name: "an endpoint", edit: key("network.interfaceEndpoints", []any{"secretsmanager"})},
		{name: "without the endpoint", edit: key("network.interfaceEndpoints", nil)},
		{name: "without the firewall", edit: edits(key("edge.waf.enabled", false), because("edge.waf.enabled")), first: []string{"app"}},
	},
	"scorm-engine": {
		{name: "without CloudFront", edit: edits(key("edge.cdn", false), key("edge.priceClass", nil)), first: []string{"network", "app"}},
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
		{name: "a fourth zone less", edit: key("network.zones", []any{"eu-west-1a", "eu-west-1b"}), first: []string{"app"}, moved: []string{"AWS::EC2::Subnet"}},
	},
	"gitapp": {
		{name: "no uploads", edit: key("workload.uploads", nil), first: []string{"app"}, moved: []string{"AWS::EFS::FileSystem", "AWS::EC2::SecurityGroup"}},
		{name: "a newer major version", edit: key("database.version", "9.0.1")},
	},
	"codedeploy": {
		{name: "with CloudFront", edit: key("edge.cdn", true)},
		{name: "without CloudFront", edit: key("edge.cdn", false), first: []string{"network", "app"}},
		{name: "a network load balancer", edit: edits(key("loadBalancer.type", "network"), key("edge.waf", nil))},
		{name: "another port", edit: key("loadBalancer.ports", []any{443, 8443})},
		{name: "an application load balancer", edit: edits(key("loadBalancer", nil))},
	},
}

// TestChanges deploys each reference client, takes it through all sizes and back, and then through
// changes of its structure. Each deployment must succeed, clean up after itself, and replace nothing that is kept.
// LECTERN_CHANGES names the clients, separated by commas; by default all.
func TestChanges(t *testing.T) {
	chosen := os.Getenv("LECTERN_CHANGES")
	clients := referenceClients(t)
	for _, name := range slices.Sorted(maps.Keys(clients)) {
		if chosen != "" && !slices.Contains(strings.Split(chosen, ","), name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			l := newLife(t, clients[name], readAcceptedGaps(t))
			l.begin(t)
			var sizes []change
			for _, size := range []string{"S", "M", "L", "XL", "S"} {
				sizes = append(sizes, sized(size))
			}
			file := l.client.copy(t, l.client.text("region"))
			for _, c := range append(sizes, changesOf[name]...) {
				c.edit(file)
				l.step(t, c.name, func() { l.deployChange(t, c, file) })
			}
			// Which changes reach the services themselves is TestDeploy's matter.
			require.Empty(t, l.gaps.unaccepted(slices.DeleteFunc(l.emulator.journal(t, 0), func(e entry) bool { return e.Kind == "update" })))
		})
	}
}

// deployChange synthesizes the file as it is now and deploys it.
func (l *life) deployChange(t *testing.T, c change, file clientFile) {
	t.Helper()
	name := l.client.text("name")
	began := time.Now()
	a := l.toolkit.quickSynth(t, name, write(t, file))
	mark := l.emulator.mark(t)
	synthesized := time.Since(began)
	if len(c.first) > 0 {
		arguments := []string{"deploy", "--app", a.folder, "--exclusively", "--require-approval", "never", "--progress", "events"}
		for _, kind := range c.first {
			arguments = append(arguments, "lectern-"+name+"-"+kind)
		}
		l.toolkit.must(t, arguments...)
	}
	l.toolkit.deploy(t, a)
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
	t.Logf("    %v, synth %.1f s", events, synthesized.Seconds())
}
