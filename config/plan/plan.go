// Package plan decides. Resolve turns a client file into a Plan, in pure Go and
// without AWS: sizes, zones, CIDRs, names and which pieces exist. What comes
// after only declares, so the plan is what people review. A Plan has no pointer
// and nothing unset that a stack would need; sections with Enabled false are
// pieces the client does not have. Load does it for all clients and checks them
// against each other.
//
// Two later concerns have their place here and nowhere else: choosing a size from
// the number of users comes before Resolve and yields a Tier and a peak; the
// monthly cost comes after it and reads nothing but a Plan.
package plan

import (
	"slices"

	"github.com/lectern/lectern/config/workload"
)

// Plan is everything that is decided about one client's environment.
type Plan struct {
	Client   string `json:"client"`
	Account  string `json:"account"`
	Region   string `json:"region"`
	Workload string `json:"workload"`
	Size     Tier   `json:"size"`
	// Settings of the workload, decoded: what its CDK half is made with. Nothing else looks into them.
	Settings workload.Settings `json:"settings"`
	Needs    workload.Needs    `json:"needs"`
	// Stacks in the order of their deployment.
	Stacks       []Stack      `json:"stacks"`
	Network      Network      `json:"network"`
	Domain       Domain       `json:"domain"`
	Edge         Edge         `json:"edge"`
	LoadBalancer LoadBalancer `json:"loadBalancer"`
	Web          Fleet        `json:"web"`
	Workers      Fleet        `json:"workers"`
	Database     Database     `json:"database"`
	Cache        Cache        `json:"cache"`
	// Locks is a Valkey for locks alone, where the cache is another or there is none.
	Locks     Cache     `json:"locks"`
	Storage   Storage   `json:"storage"`
	Files     Files     `json:"files"`
	Revisions Revisions `json:"revisions"`
	Queue     Queue     `json:"queue"`
	Windows   Windows   `json:"windows"`
	// LogRetentionDays of every log group.
	LogRetentionDays      int  `json:"logRetentionDays"`
	TerminationProtection bool `json:"terminationProtection"`
	// Tags on every taggable resource.
	Tags map[string]string `json:"tags"`
	// Weakenings of safety defaults, each with its reason, by path.
	Weakenings []Weakening `json:"weakenings"`
}

// Stack is one CloudFormation stack. ID is its construct id and its name.
type Stack struct {
	Kind   string `json:"kind"` // edge, network, data, app
	ID     string `json:"id"`
	Region string `json:"region"`
	// Stateful stacks are termination-protected and get a stack policy.
	Stateful bool `json:"stateful"`
	// Purpose in a few words, for people.
	Purpose string `json:"purpose"`
}

// Weakening is a safety default that the client file switches off.
type Weakening struct {
	Path   string `json:"path"`
	Found  string `json:"found"`
	Safe   string `json:"safe"`
	Reason string `json:"reason"`
}

// Network is the VPC with one zone entry per availability zone.
type Network struct {
	CIDR  string `json:"cidr"`
	Zones []Zone `json:"zones"`
	// InterfaceEndpoints by the last part of the service name.
	InterfaceEndpoints []string `json:"interfaceEndpoints"`
	FlowLogs           bool     `json:"flowLogs"`
}

// Zone is one availability zone and its subnets. Each zone owns a quarter of the
// VPC's range whether or not it exists, so adding one moves nothing.
type Zone struct {
	Name     string `json:"name"`   // eu-west-1a
	Letter   string `json:"letter"` // a
	Public   string `json:"public"`
	Private  string `json:"private"`
	Isolated string `json:"isolated"`
	// NAT is true where this zone has its own NAT gateway; NATZone is the letter of the
	// zone whose gateway its private subnet uses.
	NAT     bool   `json:"nat"`
	NATZone string `json:"natZone"`
}

// Domain is the host names; Enabled false means CloudFront's own name.
type Domain struct {
	Enabled bool `json:"enabled"`
	// Names are all host names, the main one first.
	Names []string `json:"names"`
	// Players is the name below which players are, each at a name of its own; empty without a domain and where nothing
	// plays.
	Players string `json:"players"`
	// ZoneID of the hosted zone, empty when certificates are given by ARN, and of the one that holds Players.
	ZoneID              string   `json:"zoneId"`
	PlayersZoneID       string   `json:"playersZoneId"`
	CertificateArn      string   `json:"certificateArn"`
	EdgeCertificateArn  string   `json:"edgeCertificateArn"`
	MoreCertificateArns []string `json:"moreCertificateArns"`
}

// PlayersName stands for every name of a player, and is what certificates, the distribution and DNS have; empty where
// Players is.
func (d Domain) PlayersName() string {
	if d.Players == "" {
		return ""
	}
	return "*." + d.Players
}

// All are all names: the hosts', and the one that stands for those of players.
func (d Domain) All() []string {
	if d.Players == "" {
		return slices.Clone(d.Names)
	}
	return append(slices.Clone(d.Names), d.PlayersName())
}

// Edge is CloudFront, WAF and Shield.
type Edge struct {
	CDN bool `json:"cdn"`
	// PlayersDistribution is a second distribution, at whose name of CloudFront's players are: without a domain.
	PlayersDistribution bool   `json:"playersDistribution"`
	PriceClass          string `json:"priceClass"` // PriceClass_100, PriceClass_200, PriceClass_All
	OriginPrefixList    string `json:"originPrefixList"`
	// WAF section; Scope is CLOUDFRONT (in us-east-1) or REGIONAL.
	WAF                 bool     `json:"waf"`
	WAFScope            string   `json:"wafScope"`
	WAFRateLimit        int      `json:"wafRateLimit"`
	WAFManagedGroups    []string `json:"wafManagedGroups"`
	WAFCapacityUnits    int      `json:"wafCapacityUnits"`
	BodySizeExemptPaths []string `json:"bodySizeExemptPaths"`
	// CachedPaths are path patterns whose answers CloudFront keeps as long as Cache-Control says.
	CachedPaths []string `json:"cachedPaths"`
	// AccessLogs is whether CloudFront's access logs go to the client's log bucket.
	AccessLogs     bool `json:"accessLogs"`
	ShieldAdvanced bool `json:"shieldAdvanced"`
	// Proxies before an instance that append to X-Forwarded-For.
	Proxies int `json:"proxies"`
}

// LoadBalancer is the application or network load balancer.
type LoadBalancer struct {
	Type                       string `json:"type"` // application, network
	Internal                   bool   `json:"internal"`
	Algorithm                  string `json:"algorithm"`
	Sticky                     bool   `json:"sticky"`
	IdleTimeoutSeconds         int    `json:"idleTimeoutSeconds"`
	DeregistrationDelaySeconds int    `json:"deregistrationDelaySeconds"`
	// Ports that are listened on.
	Ports              []int  `json:"ports"`
	Rules              []Rule `json:"rules"`
	DeletionProtection bool   `json:"deletionProtection"`
}

// Rule is a listener rule in its final order.
type Rule struct {
	Name       string   `json:"name"`
	Priority   int      `json:"priority"`
	Hosts      []string `json:"hosts"`
	Paths      []string `json:"paths"`
	Methods    []string `json:"methods"`
	Action     string   `json:"action"` // forward, deny, redirect
	RedirectTo string   `json:"redirectTo"`
}

// Fleet is an Auto Scaling group.
type Fleet struct {
	Enabled      bool   `json:"enabled"`
	InstanceType string `json:"instanceType"`
	Architecture string `json:"architecture"` // arm64, amd64
	ImageID      string `json:"imageId"`      // empty: newest Amazon Linux 2023
	DiskGiB      int    `json:"diskGiB"`
	Peak         int    `json:"peak"`
	Min          int    `json:"min"`
	Max          int    `json:"max"`
	// CPUTargetPercent and RequestsPerTargetPerMinute are targets of the web fleet,
	// BacklogPerWorker that of the workers; 0 means no such policy.
	CPUTargetPercent           int `json:"cpuTargetPercent"`
	RequestsPerTargetPerMinute int `json:"requestsPerTargetPerMinute"`
	BacklogPerWorker           int `json:"backlogPerWorker"`
	// BootSeconds is how long an instance may take from its launch to health, DrainSeconds
	// how long requests and jobs that have begun may still take when it leaves.
	BootSeconds  int `json:"bootSeconds"`
	DrainSeconds int `json:"drainSeconds"`
	// OutboundPorts are TCP ports beside 443 that instances reach on the internet.
	OutboundPorts []int `json:"outboundPorts"`
}

// Database is the relational database.
type Database struct {
	Enabled            bool    `json:"enabled"`
	Engine             string  `json:"engine"`     // postgres, mysql, mariadb
	Deployment         string  `json:"deployment"` // instance, cluster, aurora, aurora-serverless
	Version            string  `json:"version"`
	Class              string  `json:"class"`
	Name               string  `json:"name"`
	Port               int     `json:"port"`
	StorageType        string  `json:"storageType"` // gp3, io2; empty for Aurora
	StorageGiB         int     `json:"storageGiB"`
	IOPS               int     `json:"iops"` // 0: what gp3 includes
	MaxStorageGiB      int     `json:"maxStorageGiB"`
	MultiAZ            bool    `json:"multiAz"`
	Replicas           int     `json:"replicas"`
	Proxy              bool    `json:"proxy"`
	MinACU             float64 `json:"minAcu"`
	MaxACU             float64 `json:"maxAcu"`
	BackupDays         int     `json:"backupDays"`
	DeletionProtection bool    `json:"deletionProtection"`
}

// Cache is Valkey or Memcached.
type Cache struct {
	Enabled  bool     `json:"enabled"`
	Engine   string   `json:"engine"` // valkey, memcached
	Version  string   `json:"version"`
	NodeType string   `json:"nodeType"`
	Replicas int      `json:"replicas"`
	Clusters []string `json:"clusters"` // names of the Memcached clusters
	Port     int      `json:"port"`
}

// Storage is the object store.
type Storage struct {
	Enabled        bool   `json:"enabled"`
	Kind           string `json:"kind"` // s3, s3-compatible
	Endpoint       string `json:"endpoint"`
	Bucket         string `json:"bucket"`
	Region         string `json:"region"`
	NoncurrentDays int    `json:"noncurrentDays"`
}

// Files is the shared file system.
type Files struct {
	Enabled   bool   `json:"enabled"`
	MountPath string `json:"mountPath"`
	// Path in the file system that instances see as its root, and the POSIX user and
	// group that own it.
	Path string `json:"path"`
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
}

// Revisions is the bucket that released code is put in.
type Revisions struct {
	Enabled bool `json:"enabled"`
}

// Queue is the queue of background work.
type Queue struct {
	Enabled bool `json:"enabled"`
	// VisibilitySeconds is how long a message is hidden while it is worked on.
	VisibilitySeconds int `json:"visibilitySeconds"`
	MaxReceives       int `json:"maxReceives"`
}
