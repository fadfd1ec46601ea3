//go:build system

package system_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// toolkit runs the CDK CLI against an emulated account.
type toolkit struct {
	emulator *emulator // nil for what needs no account
	home     string    // of the CLI's own caches, which would remember another account
	region   string
}

func newToolkit(t *testing.T, e *emulator, region string) *toolkit {
	t.Helper()
	return &toolkit{emulator: e, home: t.TempDir(), region: region}
}

// run is one cdk command as its user types it in the repository; its output, and its error.
func (k *toolkit) run(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	return k.runIn(t, root(t), arguments...)
}

func (k *toolkit) runIn(t *testing.T, folder string, arguments ...string) (string, error) {
	t.Helper()
	deadline, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	command := exec.CommandContext(deadline, cdk(t), arguments...)
	command.Dir = folder
	command.Env = k.environment(t)
	output, err := command.CombinedOutput()
	return string(output), err
}

// environment points everything that speaks to AWS to the emulated account, if there is one.
func (k *toolkit) environment(t *testing.T) []string {
	if k.emulator == nil {
		return environment(t, "CDK_HOME="+k.home)
	}
	return environment(t,
		"AWS_ENDPOINT_URL="+k.emulator.endpoint,
		"AWS_ACCESS_KEY_ID=AKIA"+k.emulator.account,
		"AWS_SECRET_ACCESS_KEY=none",
		"AWS_REGION="+k.region,
		"AWS_DEFAULT_REGION="+k.region,
		"CDK_HOME="+k.home,
	)
}

// must runs a command that has to succeed.
func (k *toolkit) must(t *testing.T, arguments ...string) {
	t.Helper()
	output, err := k.run(t, arguments...)
	if k.emulator == nil {
		require.NoError(t, err, "cdk %s:\n%s", strings.Join(arguments, " "), lastLines(output, 60))
	}
	if err != nil {
		t.Logf("cdk %s:\n%s", strings.Join(arguments, " "), lastLines(output, 60))
		for region := range map[string]bool{k.region: true, "us-east-1": true} {
			for name, stack := range k.emulator.stacks(t, region) {
				if strings.Contains(stack.Status, "ROLLBACK") || strings.Contains(stack.Status, "FAILED") {
					t.Logf("%s in %s is %s:\n  %s", name, region, stack.Status,
						strings.Join(k.emulator.failures(t, region, name), "\n  "))
				}
			}
		}
		require.NoError(t, err, "cdk %s failed; see above", strings.Join(arguments, " "))
	}
}

// bootstrap prepares environments. Not in the repository: there the CLI would run the
// app first, which then wants to know the client. An environment named twice is prepared once: the CLI prepares them
// at the same time, and would do so twice.
func (k *toolkit) bootstrap(t *testing.T, environments ...string) {
	t.Helper()
	slices.Sort(environments)
	environments = slices.Compact(environments)
	output, err := k.runIn(t, k.home, append([]string{"bootstrap"}, environments...)...)
	require.NoError(t, err, "cdk bootstrap:\n%s", lastLines(output, 60))
}

// synth is the assembly of one client out of a folder of client files.
func (k *toolkit) synth(t *testing.T, client, clients string) *assembly {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "cdk.out")
	k.must(t, "synth", "--quiet", "-c", "client="+client, "-c", "clients="+clients, "-o", folder)
	return readAssembly(t, folder)
}

// builtApp is the CDK app, built as the CLI builds it, once for all tests.
var builtApp = sync.OnceValues(func() (string, error) {
	output, err := exec.Command("make", "-C", filepath.Join("..", ".."), "tools").CombinedOutput()
	return string(output), err
})

// quickSynth is synth without the CLI's start, another build and the CDK's validation, for tests whose matter that is not.
func (k *toolkit) quickSynth(t *testing.T, client, clients string) *assembly {
	t.Helper()
	built, err := builtApp()
	require.NoError(t, err, "building the app:\n%s", lastLines(built, 30))
	return k.synthBy(t, root(t), client, clients)
}

// synthBy is quickSynth by the app that is built in a checkout, be it of another version.
func (k *toolkit) synthBy(t *testing.T, checkout, client, clients string) *assembly {
	t.Helper()
	// The rest of the context is what the CLI adds.
	context := contextFor(t, map[string]any{
		"client": client, "clients": clients, "aws:cdk:enable-path-metadata": true, "aws:cdk:enable-asset-metadata": true,
	})
	folder := filepath.Join(t.TempDir(), "cdk.out")
	app := exec.Command(filepath.Join(checkout, "build", "app"))
	app.Dir = checkout
	app.Env = environment(t, "CDK_OUTDIR="+folder, "CDK_CONTEXT_JSON="+context, "CDK_VALIDATION=false")
	output, err := app.CombinedOutput()
	require.NoError(t, err, "synthesizing %s:\n%s", client, lastLines(string(output), 30))
	return readAssembly(t, folder)
}

func (k *toolkit) deploy(t *testing.T, a *assembly) {
	t.Helper()
	k.must(t, "deploy", "--app", a.folder, "--all", "--require-approval", "never", "--progress", "events")
}

// assembly is a synthesized cloud assembly.
type assembly struct {
	folder string
	stacks []assembledStack
}

type assembledStack struct {
	name, region, template string
	protected              bool
	resources              int
	after                  []string // artifacts that are deployed before it
}

// readAssembly reads a manifest: https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth
func readAssembly(t *testing.T, folder string) *assembly {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	require.NoError(t, err)
	var manifest struct {
		Artifacts map[string]struct {
			Type         string
			Environment  string
			Dependencies []string
			Properties   struct {
				TemplateFile          string
				StackName             string
				TerminationProtection bool
			}
		}
	}
	require.NoError(t, json.Unmarshal(content, &manifest))
	a := &assembly{folder: folder}
	for id, artifact := range manifest.Artifacts {
		if artifact.Type != "aws:cloudformation:stack" {
			continue
		}
		name := artifact.Properties.StackName
		if name == "" {
			name = id
		}
		template := filepath.Join(folder, artifact.Properties.TemplateFile)
		a.stacks = append(a.stacks, assembledStack{
			name:      name,
			region:    artifact.Environment[strings.LastIndex(artifact.Environment, "/")+1:],
			template:  template,
			protected: artifact.Properties.TerminationProtection,
			resources: countResources(t, template),
			after:     artifact.Dependencies,
		})
	}
	sort.Slice(a.stacks, func(i, j int) bool { return a.stacks[i].name < a.stacks[j].name })
	require.NotEmpty(t, a.stacks, "the assembly in %s has no stacks", folder)
	return a
}

// of is the assembly of one of its clients.
func (a *assembly) of(t *testing.T, client string) *assembly {
	t.Helper()
	folder := filepath.Join(t.TempDir(), client)
	require.NoError(t, os.CopyFS(folder, os.DirFS(a.folder)))
	path := filepath.Join(folder, "manifest.json")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	var manifest map[string]any
	require.NoError(t, json.Unmarshal(content, &manifest))
	artifacts, _ := manifest["artifacts"].(map[string]any)
	for id := range artifacts {
		if id != "Tree" && !strings.HasPrefix(id, "lectern-"+client+"-") {
			delete(artifacts, id)
		}
	}
	content, err = json.Marshal(manifest)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return readAssembly(t, folder)
}

// client is the part of an assembly that is one client's, in the order of deployment.
func (a *assembly) client(name string) *assembly {
	part := &assembly{folder: a.folder}
	var add func(stackName string)
	add = func(stackName string) {
		for _, s := range a.stacks {
			if s.name != stackName || part.has(s.name) {
				continue
			}
			for _, before := range s.after {
				add(before)
			}
			part.stacks = append(part.stacks, s)
		}
	}
	for _, s := range a.stacks {
		if kind := strings.TrimPrefix(s.name, "lectern-"+name+"-"); kind != s.name && !strings.Contains(kind, "-") {
			add(s.name)
		}
	}
	return part
}

func countResources(t *testing.T, template string) int {
	t.Helper()
	content, err := os.ReadFile(template)
	require.NoError(t, err)
	var document struct{ Resources map[string]any }
	require.NoError(t, json.Unmarshal(content, &document))
	return len(document.Resources)
}

func (a *assembly) has(stackName string) bool {
	for _, s := range a.stacks {
		if s.name == stackName {
			return true
		}
	}
	return false
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
