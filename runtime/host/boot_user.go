package host

import (
	"context"

	"github.com/lectern/lectern/runtime/contract"
)

// createUser makes the system user and group the unit runs as, without a home and without a shell.
func (b *Boot) createUser(ctx context.Context, _ *booting) error {
	if err := b.command(ctx, "id", "-u", contract.User); err == nil {
		return nil // an earlier boot made it
	}
	return b.command(ctx, "useradd", "--system", "--user-group", "--no-create-home",
		"--home-dir", "/nonexistent", "--shell", "/sbin/nologin", contract.User)
}
