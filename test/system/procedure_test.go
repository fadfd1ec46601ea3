//go:build system

package system_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// procedure is a document of docs/procedures as what its reader types. In its ```console blocks a line that begins
// with "$ " is a command. It goes on while lines end in a backslash or a pipe, and in lines that begin with "> ", the prompt that a
// shell shows for the rest of a command. Other lines are what the command prints, an example.
type procedure struct {
	name      string
	variables []shellCommand // the first block: what the reader sets for the client
	commands  []shellCommand
}

type shellCommand struct {
	line int // in the document
	text string
}

func readProcedure(t *testing.T, name string) procedure {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), "docs", "procedures", name+".md"))
	require.NoError(t, err)
	p := procedure{name: name}
	for i, block := range consoleBlocks(string(content)) {
		if i == 0 {
			p.variables = block
		} else {
			p.commands = append(p.commands, block...)
		}
	}
	require.NotEmpty(t, p.commands, "%s.md has no commands after the block of variables", name)
	return p
}

func consoleBlocks(document string) [][]shellCommand {
	var blocks [][]shellCommand
	inside, goesOn := false, false
	for i, line := range strings.Split(document, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inside, goesOn = line == "```console", false
			if inside {
				blocks = append(blocks, nil)
			}
			continue
		case !inside:
			continue
		}
		block := &blocks[len(blocks)-1]
		command, begins := strings.CutPrefix(line, "$ ")
		rest, isRest := strings.CutPrefix(line, "> ")
		switch {
		case begins:
			*block = append(*block, shellCommand{i + 1, command})
		case len(*block) > 0 && (isRest || goesOn):
			(*block)[len(*block)-1].text += "\n" + rest
		default:
			continue
		}
		goesOn = strings.HasSuffix(line, `\`) || strings.HasSuffix(line, "|")
	}
	return blocks
}

var assignment = regexp.MustCompile(`^([A-Z_]+)=`)

// script is what bash runs: the variables, then what the test sets instead of them, then every command after a line that
// says where it is in the document.
func (p procedure) script(t *testing.T, set map[string]string) string {
	t.Helper()
	var script strings.Builder
	script.WriteString("set -euo pipefail\n")
	known := map[string]bool{}
	for _, v := range p.variables {
		found := assignment.FindStringSubmatch(v.text)
		require.NotNil(t, found, "%s.md:%d: the first block sets variables, and nothing else: %s", p.name, v.line, v.text)
		known[found[1]] = true
		script.WriteString(v.text + "\n")
	}
	for name, value := range set {
		require.True(t, known[name], "%s.md has no variable %s in its first block", p.name, name)
		fmt.Fprintf(&script, "%s=%s\n", name, quoted(value))
	}
	for _, c := range p.commands {
		fmt.Fprintf(&script, "echo %s >&2\n%s\n", quoted(fmt.Sprintf("%s.md:%d: $ %s", p.name, c.line, c.text)), c.text)
	}
	return script.String()
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// operator is somebody at a terminal in the repository, whose aws and cdk reach an emulated account.
type operator struct {
	toolkit *toolkit
	folder  string // of programs that come first on PATH
}

// newOperator puts an aws there that asks the emulator for every service: version 1 of the AWS CLI does not heed AWS_ENDPOINT_URL
// for all of them.
func newOperator(t *testing.T, k *toolkit) *operator {
	t.Helper()
	cli, err := exec.LookPath("aws")
	require.NoError(t, err, "the AWS CLI is not on PATH; get it with: python3 -m pip install awscli")
	o := &operator{toolkit: k, folder: t.TempDir()}
	o.program(t, "aws", fmt.Sprintf(`exec %s --endpoint-url %s "$@"`, quoted(cli), quoted(k.emulator.endpoint)))
	return o
}

// assembly makes npx the CDK CLI of the repository on what is synthesized already.
func (o *operator) assembly(t *testing.T, a *assembly) {
	t.Helper()
	o.program(t, "npx", fmt.Sprintf(`test "$1" = cdk && shift && exec %s "$@" --app %s`, quoted(cdk(t)), quoted(a.folder)))
}

// clients makes npx the CDK CLI of the repository on these client files.
func (o *operator) clients(t *testing.T, folder string) {
	t.Helper()
	o.program(t, "npx", fmt.Sprintf(`test "$1" = cdk && shift && exec %s "$@" -c clients=%s --output %s`,
		quoted(cdk(t)), quoted(folder), quoted(filepath.Join(t.TempDir(), "cdk.out"))))
}

func (o *operator) program(t *testing.T, name, body string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(o.folder, name), []byte("#!/bin/bash\n"+body+"\n"), 0o700))
}

// follow runs a procedure to its end, which is a success, and returns what it printed.
func (o *operator) follow(t *testing.T, p procedure, set map[string]string) string {
	t.Helper()
	output, err := o.try(t, p, set)
	require.NoError(t, err, "%s stopped:\n%s", p.name, lastLines(output, 40))
	return output
}

func (o *operator) try(t *testing.T, p procedure, set map[string]string) (string, error) {
	t.Helper()
	deadline, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	command := exec.CommandContext(deadline, "bash", "-c", p.script(t, set))
	command.WaitDelay = time.Second // what it started may hold its output open
	command.Dir = root(t)
	path := []string{o.folder, filepath.Dir(cdk(t)), os.Getenv("PATH")}
	command.Env = append(o.toolkit.environment(t), "PATH="+strings.Join(path, string(os.PathListSeparator)))
	output, err := command.CombinedOutput()
	return string(output), err
}

// aws is one command of the AWS CLI.
func (o *operator) aws(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	command := exec.Command(filepath.Join(o.folder, "aws"), arguments...)
	command.Env = o.toolkit.environment(t)
	output, err := command.CombinedOutput()
	return string(output), err
}
