package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// workshop is where everything is made: build/bench, below the repository's
// node_modules, so that the floor finds the CDK as any Node program would.
type workshop struct {
	root, dir, app string
	reference      string
	context        map[string]any
}

// newWorkshop empties build/bench and builds the app into it.
func newWorkshop(reference string) (workshop, error) {
	root, err := os.Getwd()
	if err != nil {
		return workshop{}, err
	}
	w := workshop{root: root, dir: filepath.Join(root, "build", "bench"), reference: filepath.Join(root, "config", "clients", reference+".yaml")}
	w.app = filepath.Join(w.dir, "app")
	if w.context, err = cliContext(filepath.Join(root, "cdk.json")); err != nil {
		return w, fmt.Errorf("%w (run it from the repository's root: make bench)", err)
	}
	if err := errors.Join(os.RemoveAll(w.dir), os.MkdirAll(w.dir, 0o755)); err != nil {
		return w, err
	}
	// A copy, so that a build beside the measurement cannot change it.
	if err := os.CopyFS(w.runtimes(), os.DirFS(filepath.Join(root, "build", "runtime"))); err != nil {
		return w, fmt.Errorf("copying the runtime (make runtime builds it): %w", err)
	}
	progress("building cmd/app")
	build := exec.Command("go", "build", "-o", w.app, "./cmd/app")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return w, fmt.Errorf("building cmd/app: %w", err)
	}
	return w, nil
}

// cliContext is the context of cdk.json with what `cdk synth` adds to it.
func cliContext(path string) (map[string]any, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Context map[string]any `json:"context"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	file.Context["aws:cdk:enable-path-metadata"] = true
	file.Context["aws:cdk:enable-asset-metadata"] = true
	file.Context["aws:cdk:disable-version-reporting"] = true
	file.Context["aws:cdk:bundling-stacks"] = []string{"**"}
	return file.Context, nil
}

// command is a program with the environment that the CDK CLI would give it and
// nothing of the caller's that changes what is measured.
func (w workshop) command(outdir, clients string, validation bool, name string, args ...string) (*exec.Cmd, error) {
	context := map[string]any{"client": "all", "clients": clients, "runtimes": w.runtimes()}
	for key, value := range w.context {
		context[key] = value
	}
	content, err := json.Marshal(context)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(outdir); err != nil {
		return nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool {
		return strings.HasPrefix(e, "CDK_") || strings.HasPrefix(e, "JSII_") || strings.HasPrefix(e, "NODE_") || strings.HasPrefix(e, "PATH=")
	})
	cmd.Env = append(cmd.Env,
		"PATH="+filepath.Join(w.root, "node_modules", ".bin")+":"+os.Getenv("PATH"),
		"CDK_OUTDIR="+outdir,
		"CDK_CONTEXT_JSON="+string(content),
		// jsii starts its kernel with this; the floor gets the same heap.
		"NODE_OPTIONS=--max-old-space-size=4069",
	)
	if !validation {
		cmd.Env = append(cmd.Env, "CDK_VALIDATION=false")
	}
	return cmd, nil
}

func (w workshop) runtimes() string { return filepath.Join(w.dir, "runtime") }

func (w workshop) node() string { return filepath.Join(w.root, "node_modules", ".bin", "node") }

// session is a number of clients with a floor that agrees with the app.
type session struct {
	workshop
	clients   int
	files     string // the folder of the client files
	floor     string // the program
	agreement Agreement
}

func (w workshop) session(n int) session {
	name := fmt.Sprintf("%03d", n)
	return session{workshop: w, clients: n, files: filepath.Join(w.dir, "clients-"+name), floor: filepath.Join(w.dir, "floor-"+name+".cjs")}
}

// prepare writes the clients, synthesizes them once, writes the floor from the
// templates and has it prove that it makes the same.
func (w workshop) prepare(n int) (session, error) {
	progress("%d clients: writing them and their floor", n)
	s := w.session(n)
	if err := writeClients(w.reference, s.files, n); err != nil {
		return s, err
	}
	ours, theirs := filepath.Join(w.dir, "app.out"), filepath.Join(w.dir, "floor.out")
	cmd, err := s.command(ours, s.files, false, s.app)
	if err != nil {
		return s, err
	}
	if _, err := timed(cmd); err != nil {
		return s, err
	}
	if err := writeFloor(ours, w.runtimes(), s.floor); err != nil {
		return s, fmt.Errorf("writing the floor: %w", err)
	}
	if cmd, err = s.command(theirs, s.files, false, s.node(), s.floor); err != nil {
		return s, err
	}
	if _, err := timed(cmd); err != nil {
		return s, err
	}
	s.agreement, err = agree(ours, theirs)
	s.agreement.Clients = n
	return s, err
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}

// tail of what a program said, for an error.
func tail(b *bytes.Buffer) string {
	text := strings.TrimSpace(b.String())
	if len(text) > 2000 {
		text = "…" + text[len(text)-2000:]
	}
	return text
}
