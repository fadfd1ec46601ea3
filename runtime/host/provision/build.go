package provision

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
)

// Build runs the recipe's build commands. What they print goes into the log as it comes. Code that is read-only becomes
// root's afterwards.
func (m *Machine) Build(ctx context.Context) error {
	for i, c := range m.Recipe.Build {
		if err := m.asApp(ctx, slog.LevelInfo, fmt.Sprintf("build %d", i+1), c.Run, time.Duration(c.LimitSeconds)*time.Second); err != nil {
			return err
		}
	}
	if !m.Recipe.Code.ReadOnly {
		return nil
	}
	if err := m.ownTree(contract.CodeDir, contract.OwnerRoot); err != nil {
		return err
	}
	return m.MakeDirectories(ctx) // those in the code have an owner of their own
}

// asApp runs a line of shell as the workload's user, in its code, with its environment. name is for the log, which
// gets at level what the line prints.
func (m *Machine) asApp(ctx context.Context, level slog.Level, name, line string, limit time.Duration) error {
	text, err := m.Facts.Render(line)
	if err != nil {
		return err
	}
	environment, err := m.environment()
	if err != nil {
		return err
	}
	m.secrets.AddVariables(m.Recipe.Environment, environment)
	out := &lines{machine: m, log: m.Log.With("run", name), level: level}
	defer out.end()
	c := command.Shell(text)
	c.User, c.Dir, c.Output = contract.AppUser, m.path(contract.CodeDir), out
	for _, key := range slices.Sorted(maps.Keys(environment)) {
		c.Env = append(c.Env, key+"="+environment[key])
	}
	limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it took longer than %s", limit))
	defer cancel()
	if _, err = m.Commands.Run(limited, c); err != nil {
		return fmt.Errorf("%s: %w", name, m.hideIn(err))
	}
	return nil
}

// environment is what contract.EnvironmentUnit wrote.
func (m *Machine) environment() (map[string]string, error) {
	text, err := os.ReadFile(m.path(contract.EnvironmentJSON))
	if err != nil {
		return nil, fmt.Errorf("read the environment that %s writes: %w", contract.EnvironmentUnit, err)
	}
	var values map[string]string
	if json.Unmarshal(text, &values) != nil { // the decoder's error may quote a value
		return nil, fmt.Errorf("%s is no JSON object of texts", contract.EnvironmentJSON)
	}
	return values, nil
}
