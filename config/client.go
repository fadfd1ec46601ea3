package config

import "go.yaml.in/yaml/v3"

// Client is one client file: everything a person says to get an environment.
// Five keys are required: name, account, region, workload and size. Every other
// key has a safe default; Default returns the fixed ones, and where a default
// follows from other keys the comment says from which.
type Client struct {
	// Name of the client: 2 to 20 characters of a-z, 0-9 and "-", starting with a
	// letter. It is part of stack names and must be the file's name without ".yaml".
	Name string `yaml:"name"`
	// Account is the AWS account the environment lives in: 12 digits, in quotes.
	Account string `yaml:"account"`
	// Region is the AWS region of the environment, for example eu-west-1.
	Region string `yaml:"region"`
	// Workload is what the instances run: a kind ("engine"), or a mapping with the
	// key "kind" and the settings of that kind.
	Workload Workload `yaml:"workload"`
	// Size is the tier of instances, database and cache: S (1 vCPU, 1 GiB), M (2, 4),
	// L (4, 8), XL (8, 16) or 2XL (16, 32).
	Size string `yaml:"size"`

	Domain       Domain       `yaml:"domain"`
	Network      Network      `yaml:"network"`
	Edge         Edge         `yaml:"edge"`
	LoadBalancer LoadBalancer `yaml:"loadBalancer"`
	Capacity     Capacity     `yaml:"capacity"`
	Compute      Compute      `yaml:"compute"`
	Database     Database     `yaml:"database"`
	Cache        Cache        `yaml:"cache"`
	Storage      Storage      `yaml:"storage"`
	Logs         Logs         `yaml:"logs"`
	Protection   Protection   `yaml:"protection"`

	// Tags are put on every resource that takes tags, beside lectern:client. Load balancers
	// take lectern:client only: behind a VPC origin CloudFront refuses changes of their tags.
	Tags map[string]string `yaml:"tags"`
	// Reasons says why a safety default is weakened: the path of the weakened key
	// (for example database.deletionProtection) and the reason, at least 10
	// characters. A weakening without a reason is refused, and so is a reason
	// without a weakening.
	Reasons map[string]string `yaml:"reasons"`
}

// Workload is the kind and the undecoded settings; package workload decodes
// them.
type Workload struct {
	Kind     string     `yaml:"kind"`
	Settings *yaml.Node `yaml:"-"`
}

// Domain is the host names of the environment. Without it the environment answers on
// CloudFront's own names.
type Domain struct {
	// Name is the host name, for example learn.example.com. Default: none.
	Name string `yaml:"name"`
	// AlternativeNames are further host names on the same certificate. One less where courses
	// are played and the deployment makes the certificate: *.PLAYERS is on it too.
	AlternativeNames []string `yaml:"alternativeNames"`
	// Players is the name below which players are, apart from console and API: each course
	// of each tenant at a name of its own, LABEL.PLAYERS. Only for workloads that play
	// courses. Default: play. and the domain's name. A registrable domain of its own, for
	// example example-play.com, keeps cookies apart too.
	Players string `yaml:"players"`
	// ZoneID is the Route 53 hosted zone that holds the names; certificates are then
	// validated and records written by the deployment. Without it, certificateArn
	// (and with CloudFront edgeCertificateArn) must name issued certificates, and you
	// point the names at the environment yourself.
	ZoneID string `yaml:"zoneId"`
	// PlayersZoneID is the hosted zone that holds the players' name where zoneId's does not.
	PlayersZoneID string `yaml:"playersZoneId"`
	// CertificateArn is an issued ACM certificate in the client's region, for the load
	// balancer. It, or one of moreCertificateArns, must hold each name, and where courses are
	// played *.PLAYERS too: nothing here can look into it, and browsers refuse the page.
	CertificateArn string `yaml:"certificateArn"`
	// EdgeCertificateArn is an issued ACM certificate in us-east-1, for CloudFront. It must
	// hold all names, *.PLAYERS too where courses are played, or CloudFront refuses them.
	EdgeCertificateArn string `yaml:"edgeCertificateArn"`
	// MoreCertificateArns are further ACM certificates in the client's region for the
	// load balancer's HTTPS listener (server name indication).
	MoreCertificateArns []string `yaml:"moreCertificateArns"`
}

// Network is the VPC of the client.
type Network struct {
	// CIDR of the VPC, a private range between /16 and /20 that no other client has.
	// Default: a /16 within 10.0.0.0/8 that follows from the name alone, so that it
	// never changes; `lectern client new` writes a free one into the file.
	CIDR string `yaml:"cidr"`
	// Zones are the availability zones, two to four. Default: the first three of the region.
	Zones []string `yaml:"zones"`
	// NatGateways is the number of NAT gateways. Default: one in each zone. Fewer
	// is a weakening: the loss of a zone then cuts egress of others.
	NatGateways int `yaml:"natGateways"`
	// InterfaceEndpoints are AWS services reached through interface endpoints instead
	// of NAT, by the last part of the service name, for example secretsmanager. The S3
	// gateway endpoint is always there.
	InterfaceEndpoints []string `yaml:"interfaceEndpoints"`
	// FlowLogs keeps a record of all connections in the VPC. Switching it off is a weakening.
	FlowLogs bool `yaml:"flowLogs"`
}

// Edge is what stands between the internet and the load balancer.
type Edge struct {
	// CDN puts CloudFront in front and makes the load balancer private. false gives an
	// internet-facing load balancer, which needs a domain.
	CDN bool `yaml:"cdn"`
	// PriceClass is the set of CloudFront locations: 100, 200 or All.
	PriceClass string `yaml:"priceClass"`
	// OriginPrefixList is the id of the managed prefix list
	// com.amazonaws.global.cloudfront.origin-facing in the client's region. Default:
	// the known one; needed in the few regions where it is not known.
	OriginPrefixList string `yaml:"originPrefixList"`
	WAF              WAF    `yaml:"waf"`
	Shield           Shield `yaml:"shield"`
}

// WAF is the web application firewall.
type WAF struct {
	// Enabled puts a web ACL in front. Switching it off is a weakening.
	Enabled bool `yaml:"enabled"`
	// RateLimit is the number of requests one address may make in five minutes.
	// A school behind one address needs room.
	RateLimit int `yaml:"rateLimit"`
	// ManagedGroups are the AWS managed rule groups, by name without "AWSManagedRules".
	// Together they may use 1,500 WCU. Removing one of the default groups is a weakening.
	ManagedGroups []string `yaml:"managedGroups"`
	// BodySizeExemptPaths are further path prefixes, beside those of the workload, on
	// which the body-size rule (and no other) does not block.
	BodySizeExemptPaths []string `yaml:"bodySizeExemptPaths"`
}

// Shield is AWS Shield Advanced. Shield Standard is always on.
type Shield struct {
	// Advanced protects the distribution or the load balancer. It needs the account's
	// subscription and the acknowledgement below.
	Advanced bool `yaml:"advanced"`
	// AcknowledgeSubscription must read exactly "this account pays for Shield
	// Advanced", which is about 3,000 USD a month for an organisation, for a year at
	// least.
	AcknowledgeSubscription string `yaml:"acknowledgeSubscription"`
}

// LoadBalancer spreads requests over the instances.
type LoadBalancer struct {
	// Type is application (HTTP) or network (arbitrary TCP; needs edge.cdn: false).
	Type string `yaml:"type"`
	// Algorithm is least_outstanding_requests or round_robin.
	Algorithm string `yaml:"algorithm"`
	// Sticky binds a browser to an instance by a cookie. Not needed: instances are stateless.
	Sticky bool `yaml:"sticky"`
	// IdleTimeoutSeconds is after how long a silent connection is closed.
	IdleTimeoutSeconds int `yaml:"idleTimeoutSeconds"`
	// DeregistrationDelaySeconds is how long a leaving instance may finish requests. Unless it
	// is stated, it is longer where the workload takes longer to drain. Under 10 is a weakening: requests and commits are cut off.
	DeregistrationDelaySeconds int `yaml:"deregistrationDelaySeconds"`
	// Ports are the TCP ports of a network load balancer. Default for type network: 443.
	Ports []int `yaml:"ports"`
	// Rules are looked at in order before requests reach the workload.
	Rules []Rule `yaml:"rules"`
}

// Rule is a listener rule of the application load balancer. At least one of
// hosts, paths and methods is given; all that are given must match.
type Rule struct {
	// Name of the rule, unique in the list: a-z, 0-9 and "-".
	Name string `yaml:"name"`
	// Hosts are host name patterns, for example *.example.com.
	Hosts []string `yaml:"hosts"`
	// Paths are path patterns, for example /admin/*.
	Paths []string `yaml:"paths"`
	// Methods are HTTP methods, for example POST.
	Methods []string `yaml:"methods"`
	// Action is forward, deny (403) or redirect.
	Action string `yaml:"action"`
	// RedirectTo is the host name a redirect goes to; path and query are kept.
	RedirectTo string `yaml:"redirectTo"`
}

// Capacity is how many instances serve.
type Capacity struct {
	// Peak is the number of instances of the chosen size that carry the planned
	// peak. The group's minimum is derived from it so that the loss of one zone
	// still leaves the peak.
	Peak int `yaml:"peak"`
	// Min is the smallest number of instances. Default: ceil(peak / (zones - 1)) x zones.
	// Less is a weakening.
	Min int `yaml:"min"`
	// Max is the largest number of instances. Default: three times min.
	Max int `yaml:"max"`
	// CPUTargetPercent is the average CPU that scaling aims at.
	CPUTargetPercent int `yaml:"cpuTargetPercent"`
	// RequestsPerTargetPerMinute is the request rate of one instance that scaling aims
	// at. Default: by size: S 100, M 500, L 2000, XL 5000, 2XL 10000.
	RequestsPerTargetPerMinute int `yaml:"requestsPerTargetPerMinute"`
}

// Compute is the instance.
type Compute struct {
	// InstanceType is the type of the instances, for example m7g.large. Default: by size.
	InstanceType string `yaml:"instanceType"`
	// ImageID pins a machine image (ami-…). Default: the newest Amazon Linux 2023 at
	// the time of the deployment.
	ImageID string `yaml:"imageId"`
	// DiskGiB is the size of the encrypted root volume.
	DiskGiB int `yaml:"diskGiB"`
}

// Database is the relational database.
type Database struct {
	// Engine is postgres, mysql or mariadb. Default: what the workload asks for first.
	Engine string `yaml:"engine"`
	// Deployment is instance (RDS Multi-AZ instance, fails over in 60-120 s), cluster
	// (RDS Multi-AZ cluster with two readable standbys, under 35 s), aurora (Aurora
	// provisioned, under 30 s) or aurora-serverless (Serverless v2).
	Deployment string `yaml:"deployment"`
	// Version is the engine version. Default: a pinned version of each engine; it is never
	// upgraded behind your back.
	Version string `yaml:"version"`
	// Class is the instance class, for example db.m7g.large. Default: by size and
	// deployment. A cluster needs a class with a local disk (db.m6gd.large).
	Class string `yaml:"class"`
	// StorageGiB is the storage at the start. Default: 20, for a cluster 100, which is
	// also its least. Aurora grows by itself and takes none.
	StorageGiB int `yaml:"storageGiB"`
	// MaxStorageGiB is how far RDS may grow the storage of an instance by itself.
	// Default: five times storageGiB.
	MaxStorageGiB int `yaml:"maxStorageGiB"`
	// MultiAZ keeps a standby in another zone. false is a weakening; cluster and aurora
	// are always Multi-AZ.
	MultiAZ bool `yaml:"multiAz"`
	// Replicas is the number of readers beside the writer. Default: 1 for aurora, which
	// takes 0 to 15; 0 is a weakening: nothing to fail over to. A cluster has always 2,
	// an instance none (RDS replicates no instance whose password it manages).
	Replicas int `yaml:"replicas"`
	// Proxy puts RDS Proxy (a connection pooler) in front.
	Proxy bool `yaml:"proxy"`
	// MinACU is the least capacity of aurora-serverless, in Aurora capacity units of
	// about 2 GiB. Default: by size.
	MinACU float64 `yaml:"minAcu"`
	// MaxACU is the most capacity of aurora-serverless, in Aurora capacity units.
	// Default: by size.
	MaxACU float64 `yaml:"maxAcu"`
	// BackupDays is how long point-in-time restore reaches back. Under 7 is a weakening.
	BackupDays int `yaml:"backupDays"`
	// DeletionProtection refuses to delete the database. false is a weakening.
	DeletionProtection bool `yaml:"deletionProtection"`
}

// Cache is the in-memory store.
type Cache struct {
	// Engine is valkey, memcached or none. Default: what the workload asks for first.
	Engine string `yaml:"engine"`
	// NodeType is the node type, for example cache.m7g.large. Default: by size.
	NodeType string `yaml:"nodeType"`
	// Replicas is the number of Valkey replicas. Under 1 is a weakening: no failover.
	Replicas int `yaml:"replicas"`
}

// Storage is the object store for content.
type Storage struct {
	// Kind is s3, or s3-compatible for any other store by endpoint and keys (Cloudflare R2).
	Kind string `yaml:"kind"`
	// Endpoint is the https URL of an s3-compatible store.
	Endpoint string `yaml:"endpoint"`
	// Bucket is the bucket's name in an s3-compatible store.
	Bucket string `yaml:"bucket"`
	// Region is the region name an s3-compatible store expects, for example auto.
	Region string `yaml:"region"`
	// NoncurrentDays is how long overwritten and deleted objects can be brought back.
	// Under 7 is a weakening.
	NoncurrentDays int `yaml:"noncurrentDays"`
}

// Logs is how long logs are kept.
type Logs struct {
	// RetentionDays is how long log groups keep what is in them.
	RetentionDays int `yaml:"retentionDays"`
}

// Protection keeps people from removing things by accident.
type Protection struct {
	// Termination makes CloudFormation refuse to delete stateful stacks. false is a weakening.
	Termination bool `yaml:"termination"`
	// LoadBalancer makes the load balancer refuse its deletion; off-boarding then takes
	// one step more.
	LoadBalancer bool `yaml:"loadBalancer"`
}
