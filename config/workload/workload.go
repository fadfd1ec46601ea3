// Package workload holds the pure half of each workload kind: it decodes the
// kind's own settings, validates them and states what the kind needs. The other
// half, in constructs/workload, declares. Nothing outside the two maps of kinds
// asks which kind it is: everything asks for Needs.
package workload

// Needs is what a workload asks of its environment.
type Needs struct {
	// DatabaseEngines are the engines the workload can use, the default first; none
	// means it needs no database.
	DatabaseEngines []string `json:"databaseEngines"`
	// DatabaseName is the name of the database that is made.
	DatabaseName string `json:"databaseName"`
	// CacheEngines are the caches the workload can use, the default first ("none" among
	// them if it can do without).
	CacheEngines []string `json:"cacheEngines"`
	// MemcachedClusters are the names of the Memcached clusters when that engine is chosen.
	MemcachedClusters []string `json:"memcachedClusters"`
	// Queue asks for a queue with a dead-letter queue.
	Queue bool `json:"queue"`
	// Bucket asks for an object store.
	Bucket bool `json:"bucket"`
	// Files asks for a shared file system mounted at FilesPath.
	Files     bool   `json:"files"`
	FilesPath string `json:"filesPath"`
	// Port the instances listen on, and the path the load balancer asks for health.
	Port       int    `json:"port"`
	HealthPath string `json:"healthPath"`
	// ContentPath is the path pattern that the edge serves from the object store; empty
	// for none.
	ContentPath string `json:"contentPath"`
	// SigningSecret asks for a secret that links are signed with. The edge then serves
	// content only with a grant: a signed segment of the path.
	SigningSecret bool `json:"signingSecret"`
	// BodySizeExemptPaths are path prefixes of uploads and runtime commits, which the
	// firewall's body-size rule must let pass.
	BodySizeExemptPaths []string `json:"bodySizeExemptPaths"`
	// Workers is the fleet that works off the queue, if it is a separate one.
	Workers Workers `json:"workers"`
}

// Workers is a dedicated fleet for background work; Dedicated false means the web
// instances do it.
type Workers struct {
	Dedicated bool `json:"dedicated"`
	// Min and Max number of workers, and the messages one worker should have waiting.
	Min              int `json:"min"`
	Max              int `json:"max"`
	BacklogPerWorker int `json:"backlogPerWorker"`
}
