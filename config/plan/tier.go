package plan

// Tier is a size: what one instance has, and the classes that go with it.
// CPU and memory follow the SCORM API scaling guide (001); the request rates are
// that guide's too, and serve only as scaling targets until load tests replace them.
type Tier struct {
	Name              string `json:"name"`
	VCPU              int    `json:"vcpu"`
	MemoryGiB         int    `json:"memoryGiB"`
	InstanceType      string `json:"instanceType"`
	DatabaseClass     string `json:"databaseClass"`
	AuroraClass       string `json:"auroraClass"`
	CacheNodeType     string `json:"cacheNodeType"`
	RequestsPerMinute int    `json:"requestsPerMinute"`
	// MinACU and MaxACU bound Aurora Serverless v2 (1 ACU is about 2 GiB).
	MinACU float64 `json:"minAcu"`
	MaxACU float64 `json:"maxAcu"`
}
