package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Breakdown is where the time of one run went. The relay between the program and
// its kernel makes it a little longer than a run without.
type Breakdown struct {
	Clients    int     `json:"clients"`
	Validation bool    `json:"validation"`
	Seconds    float64 `json:"seconds"`
	Steps      []Step  `json:"steps"`
	// APIs are the kinds of jsii calls while declaring, Costly the most expensive
	// single classes, methods and properties.
	APIs   []Cost `json:"apis"`
	Costly []Cost `json:"costly"`
}

// Step is a part of a run, one after the other.
type Step struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Cost is how often something was called and for how long.
type Cost struct {
	Name  string  `json:"name"`
	Calls int     `json:"calls"`
	Node  float64 `json:"nodeSeconds"`
	Go    float64 `json:"goSeconds"`
}

// breakdown takes one run apart, after one to warm up.
func (s session) breakdown(validation bool) (Breakdown, error) {
	progress("taking a run with validation %s apart", onOff(validation))
	self, err := os.Executable()
	if err != nil {
		return Breakdown{}, err
	}
	where, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/jsii-runtime-go").Output()
	if err != nil {
		return Breakdown{}, fmt.Errorf("looking for the jsii kernel: %w", err)
	}
	kernel := filepath.Join(strings.TrimSpace(string(where)), "internal", "embedded", "resources", "bin", "jsii-runtime.js")
	file := filepath.Join(s.dir, "trace.json")
	if _, err := s.runApp(validation); err != nil {
		return Breakdown{}, err
	}
	cmd, err := s.command(filepath.Join(s.dir, "app.out"), s.files, validation, s.app)
	if err != nil {
		return Breakdown{}, err
	}
	cmd.Env = append(cmd.Env, "JSII_RUNTIME=exec "+shellWords(self, relayVerb, s.node(), kernel, file))
	if err := os.RemoveAll(file); err != nil {
		return Breakdown{}, err
	}
	start := time.Now()
	run, err := timed(cmd)
	if err != nil {
		return Breakdown{}, err
	}
	var trace Trace
	for range 100 { // the relay may outlive the program by a moment
		if err = readJSON(file, &trace); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		return Breakdown{}, err
	}
	b := apart(trace, start.UnixNano(), run.Seconds)
	b.Clients, b.Validation = s.clients, validation
	return b, nil
}

// apart sorts a trace by what the program was doing: loading the CDK's assemblies,
// declaring, synthesizing.
func apart(t Trace, start int64, seconds float64) Breakdown {
	b := Breakdown{Seconds: seconds}
	var loadNode, loadGo, synth int64
	var all Cost
	apis, names := map[string]Cost{}, map[string]Cost{}
	previous := t.Hello
	for _, c := range t.Calls {
		node, between := c.Done-c.Sent, c.Sent-previous
		previous = c.Done
		switch {
		case c.API == "load":
			loadNode, loadGo = loadNode+node, loadGo+between
			continue
		case c.Name == "synth":
			synth += node
			all.Go += secondsOf(between)
			continue
		}
		all.add(node, between)
		add(apis, c.API, node, between)
		add(names, c.API+" "+c.Name, node, between)
	}
	b.Steps = []Step{
		{"Go: start, client files, plan, hashes of the runtime", secondsOf(t.Started - start)},
		{"Node and the jsii kernel start", secondsOf(t.Hello - t.Started)},
		{"assemblies loaded, in Node", secondsOf(loadNode)},
		{"assemblies unpacked, in Go", secondsOf(loadGo)},
		{fmt.Sprintf("declaring: %d jsii calls, in Node", all.Calls), all.Node},
		{"declaring: in Go and on the way", all.Go},
		{"synth, in Node", secondsOf(synth)},
	}
	rest := seconds
	for _, s := range b.Steps {
		rest -= s.Seconds
	}
	b.Steps = append(b.Steps, Step{"Go: stack policies; both processes end", rest})
	b.APIs, b.Costly = costs(apis, 10), costs(names, 12)
	return b
}

func (c *Cost) add(node, between int64) {
	c.Calls++
	c.Node += secondsOf(node)
	c.Go += secondsOf(between)
}

func add(m map[string]Cost, name string, node, between int64) {
	c := m[name]
	c.Name = name
	c.add(node, between)
	m[name] = c
}

// costs are the n highest.
func costs(m map[string]Cost, n int) []Cost {
	var list []Cost
	for _, name := range sortedKeys(m) {
		list = append(list, m[name])
	}
	slices.SortStableFunc(list, func(a, b Cost) int {
		if a.Node+a.Go > b.Node+b.Go {
			return -1
		}
		return 1
	})
	return list[:min(n, len(list))]
}

func secondsOf(nanoseconds int64) float64 { return float64(nanoseconds) / 1e9 }

// shellWords quotes for sh, by which jsii starts what JSII_RUNTIME says.
func shellWords(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}
