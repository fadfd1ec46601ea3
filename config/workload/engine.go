package workload

import (
	"fmt"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/runtime/contract"
)

// Engine is the kind "engine": Lectern's own runtime imports, launches and tracks
// SCORM 1.2 and 2004 courses; xAPI, cmi5 and AICC packages are imported only.
type Engine struct {
	// Workers is the fleet that works off the queue: imports of packages.
	Workers EngineWorkers `yaml:"workers" json:"workers"`
}

// EngineWorkers is the fleet of the engine that works off the queue.
type EngineWorkers struct {
	// Dedicated gives background work instances of its own, so that a large import
	// takes no time from learners. Without it the web instances do it beside.
	Dedicated bool `yaml:"dedicated" json:"dedicated"`
	// Min is the smallest number of dedicated workers.
	Min int `yaml:"min" json:"min"`
	// Max is the largest number of dedicated workers.
	Max int `yaml:"max" json:"max"`
	// BacklogPerWorker is the number of waiting messages for each worker that scaling
	// aims at.
	BacklogPerWorker int `yaml:"backlogPerWorker" json:"backlogPerWorker"`
}

func newEngine() Settings {
	return &Engine{Workers: EngineWorkers{Min: 2, Max: 10, BacklogPerWorker: 10}}
}

// Keys are the bounds of the settings.
func (*Engine) Keys() []config.Key {
	return []config.Key{
		{Path: "workload.workers.min", Unit: "workers", Min: 1, Max: 1000},
		{Path: "workload.workers.max", Unit: "workers", Min: 1, Max: 3000},
		{Path: "workload.workers.backlogPerWorker", Unit: "messages", Min: 1, Max: 100_000},
	}
}

// Validate checks the workers.
func (e *Engine) Validate(f config.File) config.Problems {
	var problems config.Problems
	if w := e.Workers; w.Dedicated {
		if w.Min > w.Max {
			path := "workload.workers.max"
			if !f.Stated(path) {
				path = "workload.workers.min"
			}
			problems = append(problems, f.Problem(path, fmt.Sprintf("min is %d and max %d", w.Min, w.Max), "choose a max that is not below min"))
		}
		return problems
	}
	for _, key := range []string{"min", "max", "backlogPerWorker"} {
		if path := "workload.workers." + key; f.Stated(path) {
			problems = append(problems, f.Problem(path, "there are no dedicated workers", "add dedicated: true, or remove this key"))
		}
	}
	return problems
}

// Needs of the engine: PostgreSQL, a queue and an object store; Valkey unless the
// client does without.
func (e *Engine) Needs() Needs {
	needs := Needs{
		DatabaseEngines:     []string{"postgres"},
		DatabaseOldest:      contract.OldestPostgreSQL,
		DatabaseName:        "lectern",
		CacheEngines:        []string{"valkey", "none"},
		Queue:               true,
		Bucket:              true,
		Port:                contract.DefaultPort,
		HealthPath:          contract.HealthPath,
		ContentPath:         "/content/*",
		Players:             true,
		SigningSecret:       true,
		BodySizeExemptPaths: []string{"/api/v1/imports", "/api/v1/commits"},
	}
	if w := e.Workers; w.Dedicated {
		needs.Workers = Workers(w)
	}
	return needs
}
