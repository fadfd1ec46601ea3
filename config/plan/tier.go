package plan

import "slices"

// Tier is a size: what one instance has, and the classes that go with it.
// CPU and memory follow the scaling guide of the SCORM API, and so do the request
// rates, which serve only as scaling targets until load tests replace them. A
// later sizing from users and population will choose among tiers; it needs
// nothing here but this table.
//
// The classes are those that exist in every region Lectern knows, or nearly, so
// that a size means the same everywhere. They are all Graviton.
type Tier struct {
	Name      string `json:"name"`
	VCPU      int    `json:"vcpu"`
	MemoryGiB int    `json:"memoryGiB"`
	// InstanceType of the web fleet and the workers. S has no type with exactly one
	// processor and 1 GiB: t4g.micro, the nearest, has two that are burstable.
	InstanceType string `json:"instanceType"`
	// DatabaseClass of an RDS instance: at least the tier's CPU, and 4 GiB of memory
	// for each processor; databases live from memory.
	DatabaseClass string `json:"databaseClass"`
	// ClusterClass of an RDS Multi-AZ cluster, which wants local disks ("d" classes);
	// db.m6gd.large is the smallest that is to be had in nearly every region.
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html
	ClusterClass string `json:"clusterClass"`
	// AuroraClass of provisioned Aurora, which has neither micro nor small classes.
	// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html
	AuroraClass       string `json:"auroraClass"`
	CacheNodeType     string `json:"cacheNodeType"`
	RequestsPerMinute int    `json:"requestsPerMinute"`
	// MinACU and MaxACU bound Aurora Serverless v2 (1 ACU is about 2 GiB): up to the
	// memory of AuroraClass, down to an eighth of it, at least 0.5.
	MinACU float64 `json:"minAcu"`
	MaxACU float64 `json:"maxAcu"`
}

// Tiers are all sizes, the smallest first.
func Tiers() []Tier {
	return []Tier{
		{
			Name: "S", VCPU: 1, MemoryGiB: 1, InstanceType: "t4g.micro", RequestsPerMinute: 100,
			DatabaseClass: "db.t4g.micro", ClusterClass: "db.m6gd.large", AuroraClass: "db.t4g.medium",
			CacheNodeType: "cache.t4g.micro", MinACU: 0.5, MaxACU: 2,
		},
		{
			Name: "M", VCPU: 2, MemoryGiB: 4, InstanceType: "c7g.large", RequestsPerMinute: 500,
			DatabaseClass: "db.m6g.large", ClusterClass: "db.m6gd.large", AuroraClass: "db.r7g.large",
			CacheNodeType: "cache.t4g.medium", MinACU: 1, MaxACU: 8,
		},
		{
			Name: "L", VCPU: 4, MemoryGiB: 8, InstanceType: "c7g.xlarge", RequestsPerMinute: 2_000,
			DatabaseClass: "db.m6g.xlarge", ClusterClass: "db.m6gd.xlarge", AuroraClass: "db.r7g.xlarge",
			CacheNodeType: "cache.m7g.large", MinACU: 2, MaxACU: 16,
		},
		{
			Name: "XL", VCPU: 8, MemoryGiB: 16, InstanceType: "c7g.2xlarge", RequestsPerMinute: 5_000,
			DatabaseClass: "db.m6g.2xlarge", ClusterClass: "db.m6gd.2xlarge", AuroraClass: "db.r7g.2xlarge",
			CacheNodeType: "cache.m7g.xlarge", MinACU: 4, MaxACU: 32,
		},
		{
			Name: "2XL", VCPU: 16, MemoryGiB: 32, InstanceType: "c7g.4xlarge", RequestsPerMinute: 10_000,
			DatabaseClass: "db.m6g.4xlarge", ClusterClass: "db.m6gd.4xlarge", AuroraClass: "db.r7g.4xlarge",
			CacheNodeType: "cache.m7g.2xlarge", MinACU: 8, MaxACU: 64,
		},
	}
}

// FindTier is the tier of that name; false when there is none.
func FindTier(name string) (Tier, bool) {
	tiers := Tiers()
	i := slices.IndexFunc(tiers, func(t Tier) bool { return t.Name == name })
	if i < 0 {
		return Tier{}, false
	}
	return tiers[i], true
}
