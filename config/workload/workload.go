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
	// DatabaseOldest is the oldest major version that the workload runs on, of its only engine; 0: any.
	DatabaseOldest int `json:"databaseOldest"`
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
	// Players says that the workload plays what others have made, whose code must not share an origin with the console and
	// the API, nor with what another tenant has made.
	Players bool `json:"players"`
	// SigningSecret asks for a secret that links are signed with. The edge then serves
	// content only with a grant: a signed segment of the path.
	SigningSecret bool `json:"signingSecret"`
	// BodySizeExemptPaths are path prefixes of uploads and runtime commits, which the
	// firewall's body-size rule must let pass.
	BodySizeExemptPaths []string `json:"bodySizeExemptPaths"`
	// CachedPaths are path patterns whose answers the edge may keep for as long as the workload says in Cache-Control,
	// whoever asks; cookies do not reach the workload there.
	CachedPaths []string `json:"cachedPaths"`
	// Locks asks for a Valkey that the locks of the fleet are in, also where the cache is another or none.
	Locks bool `json:"locks"`
	// Secrets of the workload beside those of database and cache.
	Secrets []Secret `json:"secrets"`
	// OutboundPorts are TCP ports beside 443 that instances reach on the internet, for example 22 for git over SSH.
	OutboundPorts []int `json:"outboundPorts"`
	// Revisions asks for a bucket that released code is put in, which instances may only read.
	Revisions bool `json:"revisions"`
	// BootSeconds is how long an instance may take from its launch to health; 0 for the usual.
	BootSeconds int `json:"bootSeconds"`
	// DrainSeconds is how long requests and jobs that have begun may still take when an instance leaves; 0 for the usual.
	DrainSeconds int `json:"drainSeconds"`
	// Workers is the fleet that works off the queue, if it is a separate one.
	Workers Workers `json:"workers"`
}

// Secret is kept in Secrets Manager and read by instances.
type Secret struct {
	// Name by which the workload asks for it: a-z, 0-9 and "-".
	Name        string `json:"name"`
	Description string `json:"description"`
	// Fields that a person fills in once the secret is there, before instances start. None: a password is generated.
	Fields []string `json:"fields"`
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
