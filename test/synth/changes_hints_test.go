package synth_test

// hint is what a key needs beside itself. given is how the client is before the change,
// so that the key means something; with changes together with the key.
type hint struct {
	given, with []edit
}

const (
	hintZone = "Z0123456789ABCDEFGHIJ"
)

// hints are the few keys that cannot be changed alone. "REGION" and
// "ACCOUNT" in a value are the client's.
var hints = map[string]hint{
	"region":                  {with: []edit{{"network.zones", nil}, {"edge.originPrefixList", nil}}},
	"workload":                {with: []edit{{"database.engine", nil}, {"database.deployment", nil}, {"database.replicas", nil}, {"database.proxy", nil}, {"cache", nil}, {"storage", nil}}},
	"domain.name":             {with: []edit{{"domain.zoneId", hintZone}}},
	"domain.zoneId":           {given: []edit{{"domain.name", "matrix.example.com"}, {"domain.zoneId", hintZone}}},
	"domain.alternativeNames": {given: []edit{{"domain.name", "matrix.example.com"}, {"domain.zoneId", hintZone}}},
	"domain.players":          {given: []edit{{"domain.name", "matrix.example.com"}, {"domain.zoneId", hintZone}}},
	"domain.playersZoneId":    {given: []edit{{"domain.name", "matrix.example.com"}, {"domain.zoneId", hintZone}}},
	"domain.certificateArn": {
		given: []edit{{"domain.name", "matrix.example.com"}, {"domain.zoneId", nil}, {"domain.alternativeNames", nil}, {"domain.certificateArn", certificateIn("REGION", "1")}, {"domain.edgeCertificateArn", certificateIn("us-east-1", "1")}},
	},
	"domain.edgeCertificateArn": {
		given: []edit{{"domain.name", "matrix.example.com"}, {"domain.zoneId", nil}, {"domain.alternativeNames", nil}, {"domain.certificateArn", certificateIn("REGION", "1")}, {"domain.edgeCertificateArn", certificateIn("us-east-1", "1")}},
	},
	"domain.moreCertificateArns":          {given: []edit{{"domain.name", "matrix.example.com"}, {"domain.zoneId", hintZone}, {"domain.moreCertificateArns", []any{certificateIn("REGION", "2")}}}},
	"edge.cdn":                            {given: []edit{{"domain.name", "matrix.example.com"}, {"domain.zoneId", hintZone}}, with: []edit{{"edge.priceClass", nil}}},
	"edge.shield.advanced":                {with: []edit{{"edge.shield.acknowledgeSubscription", "this account pays for Shield Advanced"}}},
	"edge.shield.acknowledgeSubscription": {with: []edit{{"edge.shield.advanced", true}}},
	"loadBalancer.type":                   {with: []edit{{"edge.cdn", false}, {"edge.priceClass", nil}, {"edge.waf.enabled", false}, {"edge.waf.bodySizeExemptPaths", nil}, {"loadBalancer.ports", []any{80}}, {"domain.name", "matrix.example.com"}, {"domain.zoneId", hintZone}}},
	"loadBalancer.ports":                  {given: []edit{{"loadBalancer.type", "network"}, {"edge.cdn", false}, {"edge.priceClass", nil}, {"edge.waf.enabled", false}, {"edge.waf.bodySizeExemptPaths", nil}, {"loadBalancer.ports", []any{80}}, {"domain.name", "matrix.example.com"}, {"domain.zoneId", hintZone}}},

	"loadBalancer.rules":              {with: []edit{{"loadBalancer.rules[].paths", []any{"/admin/*"}}}},
	"loadBalancer.rules[].name":       {given: []edit{{"loadBalancer.rules[].paths", []any{"/admin/*"}}}},
	"loadBalancer.rules[].hosts":      {given: []edit{{"loadBalancer.rules[].paths", []any{"/admin/*"}}}},
	"loadBalancer.rules[].paths":      {given: []edit{{"loadBalancer.rules[].paths", []any{"/admin/*"}}}},
	"loadBalancer.rules[].methods":    {given: []edit{{"loadBalancer.rules[].paths", []any{"/admin/*"}}}},
	"loadBalancer.rules[].action":     {given: []edit{{"loadBalancer.rules[].paths", []any{"/admin/*"}}}},
	"loadBalancer.rules[].redirectTo": {given: []edit{{"loadBalancer.rules[].paths", []any{"/admin/*"}}, {"loadBalancer.rules[].action", "redirect"}, {"loadBalancer.rules[].redirectTo", "www.example.com"}}},

	"database.minAcu":     {given: []edit{{"database.deployment", "aurora-serverless"}, {"database.storageGiB", nil}, {"database.maxStorageGiB", nil}, {"database.engine", "postgres"}}},
	"database.maxAcu":     {given: []edit{{"database.deployment", "aurora-serverless"}, {"database.storageGiB", nil}, {"database.maxStorageGiB", nil}, {"database.engine", "postgres"}}},
	"database.replicas":   {given: []edit{{"database.deployment", "aurora"}, {"database.storageGiB", nil}, {"database.engine", "postgres"}}},
	"database.deployment": {with: []edit{{"database.storageGiB", nil}, {"database.maxStorageGiB", nil}, {"database.replicas", nil}}},

	"storage.kind":     {with: []edit{{"storage.endpoint", "https://0123456789abcdef.r2.cloudflarestorage.com"}, {"storage.bucket", "content-matrix"}, {"storage.region", "auto"}}},
	"storage.endpoint": {given: storedElsewhere},
	"storage.bucket":   {given: storedElsewhere},
	"storage.region":   {given: storedElsewhere},

	"workload.workers.min":              {given: []edit{{"workload.workers.dedicated", true}}},
	"workload.workers.max":              {given: []edit{{"workload.workers.dedicated", true}}},
	"workload.workers.backlogPerWorker": {given: []edit{{"workload.workers.dedicated", true}}},
	"workload.web.command":              {with: []edit{{"workload.web.kind", "command"}, {"workload.web.root", nil}, {"workload.web.fallback", nil}}},
	"workload.web.fallback":             {with: []edit{{"workload.web.server", "lemp"}}},
	"workload.repository":               {given: []edit{{"workload.access", "none"}, {"workload.hostKeys", nil}, {"workload.repository", "https://github.com/example/site.git"}}},
	"workload.ref":                      {with: []edit{{"workload.version", nil}, {"workload.commit", "9fceb02d0ae598e95dc970b74767f19372d61af8"}}},
}

var storedElsewhere = []edit{
	{"storage.kind", "s3-compatible"}, {"storage.endpoint", "https://fedcba9876543210.r2.cloudflarestorage.com"}, {"storage.bucket", "content-before"}, {"storage.region", "auto"},
}

func certificateIn(region, number string) string {
	return "arn:aws:acm:" + region + ":ACCOUNT:certificate/01234567-89ab-cdef-0123-456789abcde" + number
}

// withoutEffect are keys that change nothing for some clients, and why that is right.
var withoutEffect = map[string]string{
	"loadBalancer.rules[].name": "a rule is its place in the list; the name is for people and for messages",
	"capacity.peak":             "the minimum is a multiple of the number of zones, so that peaks that are near need as many instances",
}

// ways are changes that AWS refuses or that cost data, by key, and the way that works.
// A key alone is for all clients, "KEY CLIENT" for one.
var ways = map[string]string{
	"name":                "a client keeps its name: another name is another client, with a file of its own, to which the data is moved",
	"account":             "another account is another environment: a file of its own, to which the data is moved; then the old one is taken down",
	"region":              "another region is another environment: a file of its own, to which the data is moved; then the old one is taken down",
	"workload":            "another workload is another environment: a file of its own",
	"network.cidr":        "a VPC keeps its range: a client that needs another one gets a file of its own, to which the data is moved",
	"network.zones":       "a zone leaves when nothing stands in it: move the database and the caches out of it first",
	"cache.engine":        "what is in a cache can be made again; the snapshot and the token that stay are deleted by hand",
	"database.engine":     "dump the data of the old database and load it into the new one before anybody uses it",
	"database.deployment": "restore a snapshot of the old database into the new one, or dump and load",
	"database.storageGiB": "storage never shrinks: keep the size, or dump and load into a new database",
	"database.version":    "RDS never goes back: restore a snapshot from before the upgrade into a new database",
	"storage.kind":        "copy the content to the other store before the deployment; the bucket stays and is deleted by hand",
}
