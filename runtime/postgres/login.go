package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lectern/lectern/runtime/secrets"
)

// login gives every new connection the current user and password, and learns when they were refused. pgx tells the
// latter only to a tracer.
type login struct {
	secret *secrets.Secret[secrets.Login]
}

func (l *login) beforeConnect(ctx context.Context, c *pgx.ConnConfig) error {
	v, err := l.secret.Value(ctx)
	if err != nil {
		return err
	}
	c.User, c.Password = v.Username, v.Password
	return nil
}

type usedKey struct{}

// TraceConnectStart remembers what this connection was tried with.
func (l *login) TraceConnectStart(ctx context.Context, d pgx.TraceConnectStartData) context.Context {
	return context.WithValue(ctx, usedKey{}, secrets.Login{Username: d.ConnConfig.User, Password: d.ConnConfig.Password})
}

// TraceConnectEnd tells the secret that it was refused.
func (l *login) TraceConnectEnd(ctx context.Context, d pgx.TraceConnectEndData) {
	if used, ok := ctx.Value(usedKey{}).(secrets.Login); ok && isRefusedLogin(d.Err) {
		l.secret.Refused(used)
	}
}

// TraceQueryStart is there because pgx wants a whole tracer.
func (l *login) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd is there because pgx wants a whole tracer.
func (l *login) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// isRefusedLogin: invalid_password and invalid_authorization_specification.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func isRefusedLogin(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "28P01" || pg.Code == "28000")
}
