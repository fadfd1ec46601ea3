package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"github.com/lectern/lectern/stacks/change"
)

// synthesize runs the app of cdk.json, as the CDK CLI would, for one client, and reads
// what it wrote. It needs no credentials and changes nothing in cdk.out.
func (c *cli) synthesize(clients, client string) (*change.Assembly, error) {
	app, context, err := readCDK("cdk.json")
	if err != nil {
		return nil, err
	}
	context["client"], context["clients"] = client, clients
	// What the CDK CLI sets by default.
	context["aws:cdk:enable-path-metadata"], context["aws:cdk:enable-asset-metadata"] = true, true
	handed, err := json.Marshal(context)
	if err != nil {
		return nil, fmt.Errorf("writing the context: %w", err)
	}
	dir, remove, err := temporary()
	if err != nil {
		return nil, err
	}
	defer remove()

	fmt.Fprintf(c.talk, "Synthesizing %s …\n", client)
	command := exec.Command("/bin/sh", "-c", app)
	// What the CDK CLI sets; its validation pass has nothing to say about differences.
	command.Env = append(os.Environ(), "CDK_OUTDIR="+dir, "CDK_CONTEXT_JSON="+string(handed), "CDK_VALIDATION=false")
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("synthesizing %s: %s: %w", client, strings.TrimSpace(said.String()), err)
	}
	return change.Read(dir)
}

// temporary is a folder that remove removes.
func temporary() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "lectern-diff-")
	if err != nil {
		return "", nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// readCDK reads which app cdk.json runs, and with which context.
func readCDK(path string) (app string, context map[string]any, err error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("there is no %s here, which says what synthesizes a client; run this in the folder that has it", path)
	}
	if err != nil {
		return "", nil, fmt.Errorf("reading %s: %w", path, err)
	}
	var file struct {
		App     string         `json:"app"`
		Context map[string]any `json:"context"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return "", nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if file.App == "" {
		return "", nil, fmt.Errorf("%s has no app", path)
	}
	if file.Context == nil {
		file.Context = map[string]any{}
	}
	return file.App, file.Context, nil
}
