package httpapi

import (
	"time"

	"github.com/lectern/lectern/runtime/erasure"
)

var exampleErasure = erasure.Erasure{
	ID: "0197a3c0-0000-7000-8000-00000000a101", Kind: erasure.Learner, LearnerHash: erasure.HashLearner("acme", "4711"), RequestedBy: exampleKey.ID,
	RequestedAt: exampleTime.Add(24 * time.Hour), State: erasure.Finished, FinishedAt: new(exampleTime.Add(24*time.Hour + 3*time.Minute)),
	Removed: erasure.Counts{Registrations: 1, Attempts: 1, Activities: 1, Launches: 2, Events: 3, Deliveries: 3},
}

func begun(kind erasure.Kind, subject string) erased {
	e := exampleErasure
	e.Kind, e.Subject, e.LearnerHash, e.State, e.FinishedAt, e.Removed = kind, subject, "", erasure.Removing, nil, erasure.Counts{}
	if kind == erasure.Version {
		e.Version = 1
	}
	return erased{e, []erasure.Remain{}}
}

// exampleReceipt is of a learner, in an environment whose backups are kept for 35 days.
func exampleReceipt() erased {
	return erased{exampleErasure, exampleErasure.Remains(erasure.Keeps{BackupDays: 35, ObjectVersionDays: 30, LogDays: 90})}
}
