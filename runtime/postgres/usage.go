package postgres

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Usage is how much there is of a tenant.
type Usage struct {
	Courses       int64
	Versions      int64
	StoredBytes   int64 // of the files of all versions
	Registrations int64
	Attempts      int64
	Launches      int64 // made since the time that was asked for
	Webhooks      int64
	Keys          int64 // that are valid
}

const sqlUsage = `SELECT (SELECT count(*) FROM courses c WHERE c.tenant_id = $1), v.n, v.bytes,
	(SELECT count(*) FROM registrations r WHERE r.tenant_id = $1), (SELECT count(*) FROM attempts a WHERE a.tenant_id = $1),
	(SELECT count(*) FROM launches l WHERE l.tenant_id = $1 AND l.id >= $2),
	(SELECT count(*) FROM webhooks w WHERE w.tenant_id = $1),
	(SELECT count(*) FROM api_keys k WHERE k.tenant_id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3))
	FROM (SELECT count(*) AS n, coalesce(sum(bytes), 0)::bigint AS bytes FROM course_versions v WHERE v.tenant_id = $1) v`

// Usage counts what a tenant has at a time, and its launches since another. It reads the tenant's index entries, so it is for
// people who look now and then.
func (db *DB) Usage(ctx context.Context, tenantID string, now, launchesSince time.Time) (u Usage, err error) {
	err = db.read(ctx, "count what a tenant has", func(ctx context.Context, q querier) error {
		return q.QueryRow(ctx, sqlUsage, tenantID, firstID(launchesSince), now).Scan(
			&u.Courses, &u.Versions, &u.StoredBytes, &u.Registrations, &u.Attempts, &u.Launches, &u.Webhooks, &u.Keys)
	})
	return u, err
}

// firstID is the smallest that newID could have made at a time: ids grow with time (RFC 9562, version 7).
func firstID(at time.Time) string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(max(at.UnixMilli(), 0))<<16)
	id[6], id[8] = 0x70, 0x80
	return id.String()
}
