// Package workload holds the pure half of each workload kind: it decodes the
// kind's own settings, validates them and states what the kind needs. The other
// half, in constructs/workload, declares. Nothing outside the two maps of kinds
// asks which kind it is: everything asks for Needs.
package workload

// Needs is what a workload asks of its environment.
type Needs struct {
	// DatabaseEngines are the engines the workload can use, the default first; none
	// means it needs no database.
	DatabaseEngines []string
	// DatabaseName is the name of the database that is made.
	DatabaseName string
	// CacheEngines are the caches the workload can use, the default first ("none" among
	// them if it can do without).
	CacheEngines []string
	// MemcachedClusters are the names of the Memcached clusters when that engine is chosen.
	MemcachedClusters []string
	// Queue asks for a queue with a dead-letter queue.
	Queue bool
	// Bucket asks for an object store.
	Bucket bool
	// Files asks for a shared file system mounted at FilesPath.
	Files     bool
	FilesPath string
	// Port the instances listen on, and the path the load balancer asks for health.
	Port       int
	HealthPath string
	// ContentPath is the path pattern that the edge serves from the object store; empty
	// for none.
	ContentPath string
	// BodySizeExemptPaths are path prefixes of uploads and runtime commits, which the
	// firewall's body-size rule must let pass.
	BodySizeExemptPaths []string
	// Workers is the fleet that works off the queue, if it is a separate one.
	Workers Workers
}

// Workers is a dedicated fleet for background work; Dedicated false means the web
// instances do it.
type Workers struct {
	Dedicated bool
	// Min and Max number of workers, and the messages one worker should have waiting.
	Min, Max, BacklogPerWorker int
}
