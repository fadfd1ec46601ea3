package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/erasure"
)

// Archived is an attempt that lies in the object store.
type Archived struct {
	AttemptID string
	Key       string // in the object store; nothing may be there, if the archiving is under way
}

// EachArchived hands over a tenant's archived attempts; those of one learner, if there is a hash.
func (db *DB) EachArchived(ctx context.Context, tenantID, learnerHash string, do func(Archived) error) error {
	return eachItem(func(p Page) (List[Archived], error) {
		after, err := p.afterID()
		if err != nil {
			return List[Archived]{}, err
		}
		scan := func(row pgx.CollectableRow) (a Archived, err error) {
			var course, hash string
			err = row.Scan(&a.AttemptID, &course, &hash)
			a.Key = erasure.ArchiveKey(tenantID, course, hash, a.AttemptID)
			return a, err
		}
		return readPage(FromPrimary(ctx), db, "list archived attempts", p, scan, func(a Archived) string { return a.AttemptID },
			`SELECT attempt_id, course_id, learner_hash FROM archives WHERE tenant_id = $1 AND ($2::text IS NULL OR learner_hash = $2)
			AND ($3::uuid IS NULL OR attempt_id < $3) ORDER BY attempt_id DESC LIMIT $4`, tenantID, optional(learnerHash), after)
	}, do)
}
