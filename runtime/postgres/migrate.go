package postgres

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrateFor bounds waiting for other instances plus the work itself.
const migrateFor = 10 * time.Minute

// Migrate brings the schema up to date. Any number of instances may call it at once: one does it, the others wait.
//
// Migrations only expand: they add tables, columns with defaults, and indexes, and never rename, narrow or drop what the
// previous release reads or writes. During a roll-out old instances work beside new ones on the new schema, and going
// back to the previous release needs no migration back. What is no longer used is dropped a release later.
//
// It also gives the role its time-outs, see limits.
func (db *DB) Migrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, migrateFor)
	defer cancel()
	return db.retry(ctx, "migrate", idempotent, func(ctx context.Context) error {
		if err := db.migrate(ctx); err != nil {
			return err
		}
		db.pool.Reset() // connections from before do not know the limits
		return nil
	})
}

func (db *DB) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	// A session lock belongs to a connection, so RDS Proxy pins this one. It is closed in the end.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, uint64(migrateFor/time.Second)))
	if err != nil {
		return err
	}
	pool := db.unlimited()
	defer func() { _ = pool.Close() }() // its work is done or has failed by then
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, files, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	return setLimits(ctx, pool)
}

// unlimited is connections for statements that may take their time.
func (db *DB) unlimited() *sql.DB {
	options := []stdlib.OptionOpenDB{stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		// Waiting for a table's lock blocks everybody behind it, so that stays short: the migration is tried again.
		_, err := c.Exec(ctx, "SET statement_timeout = 0; SET lock_timeout = '5s'")
		return err
	})}
	if before := db.config.BeforeConnect; before != nil {
		options = append(options, stdlib.OptionBeforeConnect(before))
	}
	return stdlib.OpenDB(*db.config.ConnConfig, options...)
}

// limits are time-outs on the server's side. They are defaults of the role in this database, because RDS Proxy refuses
// `options` at the start of a connection ("Feature not supported: RDS Proxy currently doesn't support command-line
// options"), other poolers refuse unknown startup parameters, and SET on a connection pins it to one connection of the
// database (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html). They hold for connections
// made after they were set. A dead network is for the time-outs on our side (tryFor).
var limits = map[string]string{
	"statement_timeout":                   "10s",
	"lock_timeout":                        "3s",
	"idle_in_transaction_session_timeout": "15s",
	// A commit that is acknowledged is on disk, whatever the parameter group says; replica reads rely on it too.
	// Stronger settings stay.
	"synchronous_commit": "on",
}

func setLimits(ctx context.Context, pool *sql.DB) error {
	for name, value := range limits {
		var present string
		if err := pool.QueryRowContext(ctx, "SELECT reset_val FROM pg_settings WHERE name = $1", name).Scan(&present); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if name == "synchronous_commit" && present != "off" && present != "local" {
			continue
		}
		// EXECUTE, because ALTER ROLE takes no parameters. Every instance does it, so only one at a time.
		if _, err := pool.ExecContext(ctx, fmt.Sprintf(`DO $$ BEGIN
			PERFORM pg_advisory_xact_lock(hashtext('lectern limits'));
			EXECUTE format('ALTER ROLE %%I IN DATABASE %%I SET %s = %%L', current_user, current_database(), '%s');
		END $$`, name, value)); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	return nil
}
