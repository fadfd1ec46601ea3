package host

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
)

// unitTemplate is the systemd unit; {names} are filled in by unit.
//
//go:embed lectern-runtime.service
var unitTemplate string

// unit is the text of the systemd unit for instances in region.
func unit(region string) string {
	return strings.NewReplacer(
		"{user}", contract.User,
		"{binary}", contract.BinaryPath,
		"{config}", contract.ConfigPath,
		"{region}", region,
		"{stop}", fmt.Sprint(contract.DrainDelaySeconds+contract.ShutdownLimitSeconds+15),
	).Replace(unitTemplate)
}

func (b *Boot) writeUnit(_ context.Context, s *booting) error {
	_, err := b.write("/etc/systemd/system/"+contract.UnitName, []byte(unit(s.config.Region)), 0o644)
	return err
}

// startUnit restarts rather than starts: a second boot must bring a changed configuration or binary into use.
func (b *Boot) startUnit(ctx context.Context, s *booting) error {
	s.unready = true
	for _, args := range [][]string{{"daemon-reload"}, {"enable", contract.UnitName}, {"restart", contract.UnitName}} {
		if _, err := b.Exec.Run(ctx, "systemctl", args...); err != nil {
			return err
		}
	}
	return nil
}

func (b *Boot) logUnits(ctx context.Context, s *booting) {
	if s.machine != nil {
		s.machine.LogUnits(ctx)
		return
	}
	b.logUnit(ctx)
}

func (b *Boot) stopUnits(ctx context.Context, s *booting) {
	if s.machine != nil {
		s.machine.Stop(ctx)
		return
	}
	b.stopUnit(ctx)
}

// logUnit copies the end of the unit's log into boot's. User data's output reaches the instance's console, which can be
// read after the instance is gone; its journal cannot.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-console.html
func (b *Boot) logUnit(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := b.Exec.Run(limited, "journalctl", "--sync"); err != nil { // what the unit said just now may still be on its way
		b.Log.Warn("the unit's log may lack its end", "error", err)
	}
	journal, err := b.Exec.Run(limited, "journalctl", "--unit", contract.UnitName, "--boot", "--no-pager", "--output", "cat", "--lines", "20")
	if err != nil {
		b.Log.Error("could not read the unit's log", "error", err)
	}
	for line := range strings.Lines(journal) {
		b.Log.Error("the unit said", "line", strings.TrimSpace(line))
	}
}

// stopUnit keeps a unit that did not get ready from getting ready later: the launch hook has given the instance up, and
// what serves after all serves only until it is terminated.
func (b *Boot) stopUnit(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, time.Minute) // longer than draining takes
	defer cancel()
	if _, err := b.Exec.Run(limited, "systemctl", "disable", "--now", contract.UnitName); err != nil {
		b.Log.Error("could not stop the unit", "error", err)
	}
}
