package provision

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
)

// unitsDir is for units of the machine's administrator; they win over those of packages.
const unitsDir = "/etc/systemd/system/"

// unitLimit is for one start or stop, beside the time that the host may take to stop.
const unitLimit = 5 * time.Minute

var (
	//go:embed lectern-environment.service
	environmentTemplate string
	//go:embed lectern-host.service
	hostTemplate string
)

// fill fills in the {names} of an embedded unit.
func (m *Machine) fill(template string, more ...string) []byte {
	return []byte(strings.NewReplacer(append([]string{
		"{user}", contract.AppUser,
		"{binary}", contract.BinaryPath,
		"{config}", contract.ConfigPath,
		"{recipe}", contract.RecipePath,
		"{environment}", contract.EnvironmentUnit,
		"{region}", m.Facts.Region,
		"{workload}", m.Facts.Workload,
	}, more...)...).Replace(template))
}

// StartEnvironment writes contract.EnvironmentUnit and starts it. When it has started, the environment is there.
func (m *Machine) StartEnvironment(ctx context.Context) error {
	if err := m.placeSystem(unitsDir+contract.EnvironmentUnit, m.fill(environmentTemplate)); err != nil {
		return err
	}
	return m.Start(ctx, contract.EnvironmentUnit)
}

// StartServices writes and starts the recipe's services, in order.
func (m *Machine) StartServices(ctx context.Context) error {
	for _, s := range m.Recipe.Services {
		name, err := m.unitName(s)
		if err != nil {
			return err
		}
		if s.Unit != "" {
			text, err := m.Facts.Render(s.Unit)
			if err != nil {
				return err
			}
			if err := m.placeSystem(unitsDir+name, []byte(text)); err != nil {
				return err
			}
		}
		text, err := m.dropIn(s)
		if err != nil {
			return err
		}
		if err := m.placeSystem(unitsDir+name+".d/lectern.conf", []byte(text)); err != nil {
			return err
		}
		if err := m.Start(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) unitName(s contract.Service) (string, error) {
	name, err := m.Facts.Render(s.Name)
	if err == nil && (name == "" || strings.Contains(name, "/")) {
		err = fmt.Errorf("service %q is called %q here, which is no name of a unit", s.Name, name)
	}
	return name + ".service", err
}

// dropIn adds to a unit, whoever brings it, what every service of a workload needs. The environment is wanted rather than
// required: when its unit fails and is restarted, systemd would restart all that require it. A service that
// is to be restarted is so as often as it takes.
func (m *Machine) dropIn(s contract.Service) (string, error) {
	var text strings.Builder
	text.WriteString("# Written by `lectern-runtime boot`; changes are lost when it runs again.\n[Unit]\n")
	fmt.Fprintf(&text, "Wants=%[1]s\nAfter=%[1]s\n%[2]sStartLimitIntervalSec=0\n", contract.EnvironmentUnit, m.mounts())
	if len(s.Settings) > 0 {
		text.WriteString("\n[Service]\n")
	}
	for _, setting := range s.Settings {
		line, err := m.Facts.Render(setting)
		if err != nil {
			return "", err
		}
		text.WriteString(line + "\n")
	}
	return text.String(), nil
}

// mounts is a line, or nothing where there is no shared file system.
func (m *Machine) mounts() string {
	if m.Facts.Files.MountPath == "" {
		return ""
	}
	return "RequiresMountsFor=" + m.path(m.Facts.Files.MountPath) + "\n"
}

// stopMargin in seconds is what stopping may take beyond draining: a job that did not end is asked to, killed 10 s later,
// its record waits up to 10 s for the database, and the last of the log up to 10 s for CloudWatch.
const stopMargin = 35

// stopSeconds is how long the host may take to stop.
func (m *Machine) stopSeconds() int {
	return contract.DrainDelaySeconds + m.Recipe.DrainSeconds + stopMargin
}

// HostUnit is the text of contract.UnitName on an instance with a recipe.
func (m *Machine) HostUnit() (string, error) {
	names := make([]string, len(m.Recipe.Services))
	for i, s := range m.Recipe.Services {
		var err error
		if names[i], err = m.unitName(s); err != nil {
			return "", err
		}
	}
	text := m.fill(hostTemplate,
		" {services}", strings.Join(append([]string{""}, names...), " "),
		"{mounts}", m.mounts(),
		"{stop}", fmt.Sprint(m.stopSeconds()),
	)
	return string(text), nil
}

// StartHost writes contract.UnitName and starts it. It is not ready yet.
func (m *Machine) StartHost(ctx context.Context) error {
	text, err := m.HostUnit()
	if err != nil {
		return err
	}
	if err := m.placeSystem(unitsDir+contract.UnitName, []byte(text)); err != nil {
		return err
	}
	return m.Start(ctx, contract.UnitName)
}

// Start starts a unit, now and at every start of the machine. It restarts rather than starts: a second boot must bring
// what has changed into use. Stop and LogUnits are for the units that were started so.
func (m *Machine) Start(ctx context.Context, unit string) error {
	if !slices.Contains(m.started, unit) {
		m.started = append(m.started, unit)
	}
	for _, args := range [][]string{{"daemon-reload"}, {"enable", unit}, {"restart", unit}} {
		if _, err := m.systemctl(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) systemctl(ctx context.Context, args ...string) (string, error) {
	return m.run(ctx, unitLimit+time.Duration(m.stopSeconds())*time.Second, "systemctl", args...)
}

// LogUnits copies the end of what the started units said into the log, those first that were started last. User data's
// output reaches the instance's console, which can be read after the instance is gone; its journal cannot.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-console.html
func (m *Machine) LogUnits(ctx context.Context) {
	if environment, err := m.environment(); err == nil { // else there are no secrets to hide
		m.secrets.AddVariables(m.Recipe.Environment, environment)
	}
	// What a unit said just now may still be on its way.
	if _, err := m.run(ctx, 10*time.Second, "journalctl", "--sync"); err != nil {
		m.Log.Warn("the units' logs may lack their ends", "error", err)
	}
	for _, unit := range slices.Backward(m.started) {
		journal, err := m.run(ctx, 10*time.Second, "journalctl", "--unit", unit, "--boot", "--no-pager", "--output", "cat", "--lines", "20")
		if err != nil {
			m.Log.Error("could not read the unit's log", "unit", unit, "error", err)
		}
		for line := range strings.Lines(journal) {
			m.Log.Error("the unit said", "unit", unit, "line", m.secrets.Hide(strings.TrimSpace(line)))
		}
	}
}

// Stop stops the started units, those first that were started last, and keeps them from starting again: an instance that
// did not get ready has been given up, and what serves after all serves only until it is terminated.
func (m *Machine) Stop(ctx context.Context) {
	for _, unit := range slices.Backward(m.started) {
		if _, err := m.systemctl(ctx, "disable", "--now", unit); err != nil {
			m.Log.Error("could not stop the unit", "unit", unit, "error", err)
		}
	}
}
