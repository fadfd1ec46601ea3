package erasure

import (
	"fmt"
	"time"
)

// Keeps is for how many days what is erased stays where the engine cannot reach it. 0: it was not told, and says so.
type Keeps struct {
	BackupDays        int // of the database
	ObjectVersionDays int // of deleted objects, in a bucket with versions
	LogDays           int
}

// Remain is a place where something of what was erased may still be.
type Remain struct {
	Where string     `json:"where" enum:"backups,object versions,logs,edge cache,receivers" doc:"The place."`
	Text  string     `json:"text" doc:"What may remain there, for people."`
	Until *time.Time `json:"until,omitempty" doc:"When it is gone at the latest; missing: not known here."`
}

// edgeLife is how long a CDN may keep a file of a course: half a day, as the files themselves say.
const edgeLife = 12 * time.Hour

// Remains is where something of an erasure may be after it has finished, and until when.
func (e *Erasure) Remains(k Keeps) []Remain {
	list := []Remain{
		remain("backups", e.FinishedAt, k.BackupDays, "Backups of the database hold what was in it when they were made"),
		remain("object versions", e.FinishedAt, k.ObjectVersionDays, "The object store may keep old versions of deleted objects"),
		remain("logs", e.FinishedAt, k.LogDays, "Logs name ids of the service, never a learner's id, name, answers or addresses; "+
			"access logs of the load balancer hold the addresses of requests, and with them a learner's id or name where a list was asked for by learnerId or search"),
	}
	if e.Kind == Version || e.Kind == Course || e.Kind == Tenant {
		r := Remain{Where: "edge cache", Text: "A CDN may keep files of courses for half a day; only launches that were open reach them."}
		if e.FinishedAt != nil {
			r.Until = new(e.FinishedAt.Add(edgeLife))
		}
		list = append(list, r)
	}
	return append(list, Remain{Where: "receivers", Text: "Receivers of webhooks have what was delivered to them before."})
}

func remain(where string, finished *time.Time, days int, text string) Remain {
	if days <= 0 {
		return Remain{Where: where, Text: text + ", for a time that this service was not told: ask its operator."}
	}
	r := Remain{Where: where, Text: fmt.Sprintf("%s, for %d days.", text, days)}
	if finished != nil {
		r.Until = new(finished.AddDate(0, 0, days))
	}
	return r
}
