package host

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

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

func (b *Boot) startUnit(ctx context.Context, s *booting) error {
	s.unready = true
	return s.machine.Start(ctx, contract.UnitName)
}
