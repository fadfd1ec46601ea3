package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
)

const (
	// gitDir is apart from the code: no web server can serve it, and whoever may write the code cannot put a hook or a
	// setting there that git would follow as root.
	gitDir   = "/var/lib/lectern/code.git"
	gitLimit = 15 * time.Minute // of one try, and of each command
)

// FetchCode puts the wanted commit into contract.CodeDir. Files that the commit has are as it has them; others stay.
// Without a commit in the recipe it is what the ref is now.
func (m *Machine) FetchCode(ctx context.Context) error {
	code := m.Recipe.Code
	if code.Repository == "" {
		return nil
	}
	access, forget, err := m.gitAccess(ctx, code)
	if err != nil {
		return err
	}
	defer forget()
	g := &git{machine: m, access: access}
	if err := os.MkdirAll(m.path(gitDir), 0o700); err != nil {
		return err
	}
	if _, err := g.run(ctx, "init", "--quiet", "--bare", m.path(gitDir)); err != nil {
		return err
	}
	commit := code.Commit
	err = m.retry(ctx, "fetch "+code.Repository, gitLimit, func(ctx context.Context) (err error) {
		commit, err = g.fetch(ctx, code)
		return err
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.path(contract.CodeDir), 0o755); err != nil {
		return err
	}
	if _, err := g.run(ctx, "--work-tree", m.path(contract.CodeDir), "checkout", "--quiet", "--force", "--detach", commit); err != nil {
		return err
	}
	m.Log.Info("code checked out", "repository", code.Repository, "ref", code.Ref, "commit", commit)
	if err := m.ownTree(contract.CodeDir, contract.OwnerApp); err != nil { // until it is built; see Build
		return err
	}
	return m.MakeDirectories(ctx) // those in the code have an owner of their own
}

// git runs git in gitDir.
type git struct {
	machine *Machine
	access  access
}

// fetch gets the commit with as little of its history as the server lets us, and says which it is.
func (g *git) fetch(ctx context.Context, code contract.Code) (string, error) {
	if code.Commit != "" && g.has(ctx, code.Commit) {
		return code.Commit, nil // an earlier boot fetched it
	}
	fetch := []string{"fetch", "--quiet", "--no-tags", "--force"}
	if _, err := g.run(ctx, append(fetch, "--depth=1", "--", code.Repository, code.Ref)...); err != nil {
		if code.Commit == "" {
			return "", err
		}
		g.machine.Log.Warn("the ref could not be fetched; asking for the commit", "ref", code.Ref, "reason", err)
	}
	if code.Commit == "" {
		out, err := g.run(ctx, "rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}")
		return strings.TrimSpace(out), err
	}
	if g.has(ctx, code.Commit) {
		return code.Commit, nil
	}
	// The ref has moved on. Servers may refuse to be asked for a commit, but must then give the ref's history.
	// https://git-scm.com/docs/git-config#Documentation/git-config.txt-uploadpackallowReachableSHA1InWant
	_, direct := g.run(ctx, append(fetch, "--depth=1", "--", code.Repository, code.Commit)...)
	if direct == nil && g.has(ctx, code.Commit) {
		return code.Commit, nil
	}
	if _, err := g.run(ctx, append(fetch, "--depth=2147483647", "--", code.Repository, code.Ref)...); err != nil { // all of it
		return "", errors.Join(direct, err)
	}
	if !g.has(ctx, code.Commit) {
		return "", permanent{fmt.Errorf("commit %s is not in the history of %s of %s, and the server does not give it alone: was it removed? deploy with the commit that is wanted now",
			code.Commit, code.Ref, code.Repository)}
	}
	return code.Commit, nil
}

func (g *git) has(ctx context.Context, commit string) bool {
	_, err := g.run(ctx, "cat-file", "-e", commit+"^{commit}")
	return err == nil
}

// run runs git as root, apart from whatever the machine is configured to, and never asks anybody anything.
func (g *git) run(ctx context.Context, args ...string) (string, error) {
	m := g.machine
	dir := m.path(gitDir)
	limited, cancel := context.WithTimeoutCause(ctx, gitLimit, fmt.Errorf("it took longer than %s", gitLimit))
	defer cancel()
	return m.Commands.Run(limited, command.Command{
		Name: "git", Dir: filepath.Dir(dir),
		Args: append([]string{"--git-dir", dir, "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "advice.detachedHead=false"}, append(g.access.options, args...)...),
		Env: append([]string{
			"GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ASKPASS=/bin/false",
			// A server that is silent for a minute is gone.
			"GIT_HTTP_LOW_SPEED_LIMIT=1", "GIT_HTTP_LOW_SPEED_TIME=60",
		}, g.access.env...),
	})
}
