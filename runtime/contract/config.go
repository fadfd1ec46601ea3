package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Config is the document the infrastructure writes as one SSM parameter and an instance reads at boot. Absent parts
// are zero values and are left out of the JSON. Whatever may be unknown until deployment (a CDK token) is a string,
// so the infrastructure fills in the same struct; ports of databases and caches are strings for that reason.
type Config struct {
	Client   string `json:"client"`   // client name, as in the client file
	Workload string `json:"workload"` // workload kind, e.g. "scorm-engine"
	Role     Role   `json:"role"`     // what this instance does
	Region   string `json:"region"`   // AWS region of the instance and of its secrets
	Port     int    `json:"port"`     // TCP port to listen on; absent means DefaultPort
	// PublicURL is where people find the console and the API, or the workload: scheme and host, without a path.
	PublicURL string `json:"publicUrl,omitempty"`
	// PlayerURL is where players and their content are, which never is where PublicURL is: scheme and host. A first label "*"
	// stands for one name for each course of each tenant; without it there is one name for all, and so one tenant.
	// Absent for workloads that play nothing.
	PlayerURL string `json:"playerUrl,omitempty"`
	// Proxies is how many proxies of AWS are before the instance, each of which appends to X-Forwarded-For: CloudFront
	// and an application load balancer are two, a network load balancer is none.
	Proxies     int         `json:"proxies,omitempty"`
	Database    Database    `json:"database"` // always present
	ObjectStore ObjectStore `json:"objectStore,omitzero"`
	Cache       Cache       `json:"cache,omitzero"`
	// Locks is the Valkey that the fleet's locks are in where Cache is none.
	Locks   Cache   `json:"locks,omitzero"`
	Queue   Queue   `json:"queue,omitzero"`
	Files   Files   `json:"files,omitzero"`
	Signing Signing `json:"signing,omitzero"`
	Edge    Edge    `json:"edge,omitzero"`
	Logs    Logs    `json:"logs,omitzero"`
	Keeps   Keeps   `json:"keeps,omitzero"`
	// Recipe is what the instance becomes beside the host; zero: the runtime itself is the workload.
	Recipe RecipeSource `json:"recipe,omitzero"`
	// Secrets of the workload, by the name that its recipe uses: ARNs.
	Secrets map[string]string `json:"secrets,omitempty"`
}

// RecipeSource is where the recipe is and what it must be.
type RecipeSource struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Role is what an instance does.
type Role string

const (
	// RoleWeb serves requests and, where no dedicated workers exist, works the queue too.
	RoleWeb Role = "web"
	// RoleWorker works the queue. It answers on the health paths and serves nothing else.
	RoleWorker Role = "worker"
)

// LockStore is the Valkey that the fleet's locks are in; its engine is empty where there is none.
func (c Config) LockStore() Cache {
	switch CacheValkey {
	case c.Locks.Engine:
		return c.Locks
	case c.Cache.Engine:
		return c.Cache
	}
	return Cache{}
}

// Database is the relational database.
type Database struct {
	Engine    string `json:"engine"`             // EnginePostgres, EngineMySQL or EngineMariaDB
	Host      string `json:"host"`               // writer endpoint, or the pooler's or proxy's
	ReadHost  string `json:"readHost,omitempty"` // reader endpoint; empty when there is none
	Port      string `json:"port"`               // decimal
	Name      string `json:"name"`               // database name
	SecretARN string `json:"secretArn,omitempty"`
	TLSMode   string `json:"tlsMode"` // TLSVerifyFull or TLSDisable
}

// Engines of Database.
const (
	EnginePostgres = "postgres"
	EngineMySQL    = "mysql"
	EngineMariaDB  = "mariadb"
)

// OldestPostgreSQL is the oldest major version that the engine runs on: the collation pg_c_utf8, by which it searches, came with it.
// https://www.postgresql.org/docs/17/release-17.html
const OldestPostgreSQL = 17

// Values of Database.TLSMode.
const (
	// TLSVerifyFull encrypts and checks the chain and the host name. Roots are the system's, which hold those of
	// RDS Proxy (ACM), plus those in CABundlePath, which boot downloads when a host is an RDS instance or cluster:
	// their authorities are Amazon RDS's own and in no operating system.
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
	TLSVerifyFull = "verify-full"
	// TLSDisable speaks in the clear. Only for a database on the same host (a loopback address or name).
	TLSDisable = "disable"
)

// ObjectStore is the bucket for content.
type ObjectStore struct {
	Kind      string `json:"kind"` // StoreS3 or StoreS3Compatible
	Bucket    string `json:"bucket"`
	Region    string `json:"region"`              // "auto" for stores that have none (R2)
	Endpoint  string `json:"endpoint,omitempty"`  // URL; s3-compatible only
	Prefix    string `json:"prefix,omitempty"`    // key prefix of everything this client stores; usually empty
	SecretARN string `json:"secretArn,omitempty"` // keys; s3-compatible only, S3 uses the instance role
}

// Kinds of ObjectStore.
const (
	StoreS3           = "s3"
	StoreS3Compatible = "s3-compatible"
)

// Cache is the shared cache. Zero, or engine CacheNone, means there is none.
type Cache struct {
	Engine    string          `json:"engine,omitempty"` // CacheValkey, CacheMemcached or CacheNone
	Host      string          `json:"host,omitempty"`   // primary endpoint; valkey only
	Port      string          `json:"port,omitempty"`   // decimal; valkey only
	TLS       bool            `json:"tls,omitempty"`
	SecretARN string          `json:"secretArn,omitempty"` // auth token; valkey only, needs TLS
	Clusters  []CacheEndpoint `json:"clusters,omitempty"`  // memcached only, one or two
}

// CacheEndpoint is the configuration endpoint of one Memcached cluster.
type CacheEndpoint struct {
	Name string `json:"name"` // what it is used for, e.g. "sessions"
	Host string `json:"host"`
	Port string `json:"port"` // decimal
}

// Engines of Cache.
const (
	CacheValkey    = "valkey"
	CacheMemcached = "memcached"
	CacheNone      = "none"
)

// Queue is the SQS queue of background jobs.
type Queue struct {
	URL           string `json:"url,omitempty"`
	DeadLetterURL string `json:"deadLetterUrl,omitempty"`
	// Dedicated: instances of RoleWorker work it off, those of RoleWeb do not.
	Dedicated bool `json:"dedicated,omitempty"`
}

// Files is the shared file system. Empty for workloads that need none, such as the engine.
type Files struct {
	FileSystemID  string `json:"fileSystemId,omitempty"`
	AccessPointID string `json:"accessPointId,omitempty"`
	MountPath     string `json:"mountPath,omitempty"` // absolute
}

// Signing is the secret that keys for links, sessions and grants are derived from. Its version AWSPREVIOUS, if there is
// one, is what it was before the last rotation. Empty for workloads that sign nothing.
type Signing struct {
	SecretARN string `json:"secretArn,omitempty"` // of a text of 64 letters and digits
}

// Edge is what instances tell a CDN. Empty where there is none in front of content, and for workers.
type Edge struct {
	KeyValueStoreARN string `json:"keyValueStoreArn,omitempty"` // CloudFront KeyValueStore that holds the keys of content grants
}

// Logs says where logs are shipped.
type Logs struct {
	Group string `json:"group,omitempty"` // CloudWatch log group name
}

// Keeps is for how many days what the engine has erased stays where it cannot reach it. Receipts say so; 0 is not known, which they
// say too.
type Keeps struct {
	BackupDays        int `json:"backupDays,omitempty"`        // point-in-time restore, and copies of backups, of the database
	ObjectVersionDays int `json:"objectVersionDays,omitempty"` // old versions of deleted objects
	LogDays           int `json:"logDays,omitempty"`           // of the log group, and access logs
}

// JSON is the document for the SSM parameter: one line, valid also while string values are unresolved CDK tokens
// (a standard parameter holds 4,096 characters).
func (c Config) JSON() (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a token must survive byte for byte
	if err := e.Encode(c); err != nil {
		return "", fmt.Errorf("encode runtime configuration: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
