package postgres

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/fault"
)

// Page asks for a part of a list, newest first.
type Page struct {
	After string // opaque cursor of the previous page; "" is the first page
	Limit int    // 1–200; 0: 50
}

// List is a part of a list.
type List[T any] struct {
	Items []T
	Next  string // cursor of the next page; "" at the end
}

const (
	defaultLimit = 50
	maxLimit     = 200
)

// Cursors are the key of the last item, encoded so that nobody builds them by hand. Items that come or go between two
// pages shift nothing.
func encodeCursor(key string) string { return base64.RawURLEncoding.EncodeToString([]byte(key)) }

func badCursor() error {
	return fault.New(fault.Invalid, "the cursor is not one of this list; begin again without one")
}

func (p Page) key() (string, error) {
	text, err := base64.RawURLEncoding.DecodeString(p.After)
	if err != nil {
		return "", badCursor()
	}
	return string(text), nil
}

// afterID is the id to continue below; nil at the beginning.
func (p Page) afterID() (*string, error) {
	if p.After == "" {
		return nil, nil
	}
	key, err := p.key()
	if err != nil || !isID(key) {
		return nil, badCursor()
	}
	return &key, nil
}

// afterNumber is the number to continue below; nil at the beginning.
func (p Page) afterNumber() (*int, error) {
	if p.After == "" {
		return nil, nil
	}
	key, err := p.key()
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(key, 10, 32)
	if err != nil {
		return nil, badCursor()
	}
	return new(int(n)), nil
}

func (p Page) limit() (int, error) {
	switch {
	case p.Limit == 0:
		return defaultLimit, nil
	case p.Limit < 0 || p.Limit > maxLimit:
		return 0, fault.New(fault.Invalid, "a page of %d is not possible; ask for 1 to %d", p.Limit, maxLimit)
	}
	return p.Limit, nil
}

// readPage reads a page. The statement takes a limit as its last parameter, and one row more than the page says that there
// is another page. key is the cursor's key of an item.
func readPage[T any](ctx context.Context, db *DB, what string, p Page, scan pgx.RowToFunc[T], key func(T) string, sql string, args ...any) (List[T], error) {
	limit, err := p.limit()
	if err != nil {
		return List[T]{}, err
	}
	var out List[T]
	err = db.read(ctx, what, func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, sql, append(args[:len(args):len(args)], limit+1)...)
		if err != nil {
			return err
		}
		out.Items, err = pgx.CollectRows(rows, scan)
		return err
	})
	if err != nil {
		return List[T]{}, err
	}
	if len(out.Items) > limit {
		out.Items = out.Items[:limit]
		out.Next = encodeCursor(key(out.Items[limit-1]))
	}
	return out, nil
}

// one reads one row; none is fault.NotFound.
func one[T any](ctx context.Context, q querier, thing string, scan pgx.RowToFunc[T], sql string, args ...any) (T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return *new(T), err
	}
	v, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, notFound(thing)
	}
	return v, err
}

// isID says whether a text is a UUID in the usual form; the database would take others.
func isID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// existing is fault.NotFound if one of the ids cannot be that of anything.
func existing(thing string, ids ...string) error {
	for _, id := range ids {
		if !isID(id) {
			return notFound(thing)
		}
	}
	return nil
}

func notFound(thing string) error {
	return fault.New(fault.NotFound, "there is no such %s", thing)
}

// newID makes an id for what the store itself makes. They grow with time, which keeps indexes compact and lists in order.
func newID() string {
	return uuid.Must(uuid.NewV7()).String() // fails only without random numbers
}

// optional is NULL for "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// changedOne is fault.NotFound if a statement changed nothing.
func changedOne(thing string, changed int64, err error) error {
	if err == nil && changed == 0 {
		return notFound(thing)
	}
	return err
}
