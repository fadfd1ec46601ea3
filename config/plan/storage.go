package plan

import (
	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
)

// visibilitySeconds is how long a message stays hidden unless its worker extends that,
// which one does for as long as it works: so it is how long work waits after its worker
// was killed, and room for a few extensions that fail. After maxReceives of these
// the message goes to the dead-letter queue.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
const (
	visibilitySeconds = 120
	maxReceives       = 5
)

func (r *resolver) storage() Storage {
	if !r.needs.Bucket {
		if r.f.Stated("storage") {
			r.problem("storage", "the workload "+r.c.Workload.Kind+" uses no object store", "remove the section")
		}
		return Storage{}
	}
	s := Storage{Enabled: true, Kind: r.c.Storage.Kind}
	if s.Kind == "s3" {
		s.Region, s.NoncurrentDays = r.c.Region, r.c.Storage.NoncurrentDays
		return s
	}
	s.Endpoint, s.Bucket, s.Region = r.c.Storage.Endpoint, r.c.Storage.Bucket, r.c.Storage.Region
	return s
}

func (r *resolver) queue() Queue {
	if !r.needs.Queue {
		return Queue{}
	}
	return Queue{Enabled: true, VisibilitySeconds: visibilitySeconds, MaxReceives: maxReceives}
}

// files belong to the user and group that the workload runs as, as the access point
// makes every file look to every instance.
func files(n workload.Needs) Files {
	if !n.Files {
		return Files{}
	}
	return Files{Enabled: true, MountPath: n.FilesPath, Path: "/shared", UID: contract.AppUID, GID: contract.AppUID}
}
