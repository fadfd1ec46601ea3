package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Deployments of a database.
const (
	instance   = "instance"
	cluster    = "cluster"
	aurora     = "aurora"
	serverless = "aurora-serverless"
)

// engine is what is known about a database engine.
type engine struct {
	name string
	port int
	// versions is the pinned version by deployment. A deployment that is not there does
	// not exist, or is not one that Lectern offers.
	versions map[string]string
}

// engines are all database engines, with the newest version of the newest major
// release that both RDS and every deployment had when the table was made.
// https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.RDS_Fea_Regions_DB-eng.Feature.MultiAZDBClusters.html
func engines() []engine {
	return []engine{
		{name: "postgres", port: 5432, versions: map[string]string{instance: "17.9", cluster: "17.9", aurora: "17.9", serverless: "17.9"}},
		{name: "mysql", port: 3306, versions: map[string]string{instance: "8.4.9", cluster: "8.4.9"}},
		{name: "mariadb", port: 3306, versions: map[string]string{instance: "11.4.10"}},
	}
}

func (r *resolver) database() Database {
	c := r.c.Database
	if len(r.needs.DatabaseEngines) == 0 {
		if r.f.Stated("database") {
			r.problem("database", "the workload "+r.c.Workload.Kind+" uses no database", "remove the section")
		}
		return Database{}
	}
	name := r.choice("database.engine", c.Engine, r.needs.DatabaseEngines)
	i := slices.IndexFunc(engines(), func(e engine) bool { return e.name == name })
	if i < 0 {
		return Database{} // a problem of config
	}
	e := engines()[i]
	version, ok := e.versions[c.Deployment]
	if !ok {
		r.problem("database.deployment", fmt.Sprintf("%q does not exist for %s", c.Deployment, name), "choose "+r.deploymentsOf(e))
		return Database{}
	}
	if c.Version != "" {
		version = c.Version
	}
	db := Database{
		Enabled:            true,
		Engine:             name,
		Deployment:         c.Deployment,
		Version:            version,
		Class:              c.Class,
		Name:               r.needs.DatabaseName,
		Port:               e.port,
		MultiAZ:            true,
		Proxy:              c.Proxy,
		BackupDays:         c.BackupDays,
		DeletionProtection: c.DeletionProtection,
	}
	switch c.Deployment {
	case instance:
		r.instance(&db)
	case cluster:
		r.cluster(&db)
	case aurora:
		r.aurora(&db)
	case serverless:
		r.serverless(&db)
	}
	return db
}

// deploymentsOf names those of an engine, in the order of the client file's comment.
func (r *resolver) deploymentsOf(e engine) string {
	var names []string
	for _, d := range []string{instance, cluster, aurora, serverless} {
		if _, ok := e.versions[d]; ok {
			names = append(names, d)
		}
	}
	return strings.Join(names, " or ")
}

// instance is an RDS instance, by default with a standby in another zone. The
// storage does not follow from the size: it can grow but never shrink, so a
// smaller size would become a database that cannot be updated.
func (r *resolver) instance(db *Database) {
	c := r.c.Database
	db.MultiAZ = c.MultiAZ
	db.Class = first(c.Class, r.tier.DatabaseClass)
	db.StorageGiB = first(c.StorageGiB, 20)
	db.MaxStorageGiB = first(c.MaxStorageGiB, min(5*db.StorageGiB, 65_536))
	if db.MaxStorageGiB < db.StorageGiB {
		r.problem("database.maxStorageGiB", fmt.Sprintf("%d is less than the storage at the start, %d", db.MaxStorageGiB, db.StorageGiB), "choose more, or remove it")
	}
}

// clusterClass matches the classes with local disks, which a Multi-AZ cluster needs.
var clusterClass = regexp.MustCompile(`^db\.([mrc][0-9][a-z]*d|x2iedn)\.`)

// cluster is an RDS Multi-AZ cluster: a writer and two readers in three zones.
// RDS does not grow its storage by itself.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html
func (r *resolver) cluster(db *Database) {
	c := r.c.Database
	db.Class = first(c.Class, r.tier.ClusterClass)
	if c.Class != "" && !clusterClass.MatchString(c.Class) {
		r.problem("database.class", fmt.Sprintf("%q is not a class for a Multi-AZ cluster", c.Class), "choose one with local disks, for example "+r.tier.ClusterClass)
	}
	db.StorageGiB = first(c.StorageGiB, 100)
	db.Replicas = 2
	if zones := len(r.c.Network.Zones); zones > 0 && zones < 3 {
		r.problem("network.zones", fmt.Sprintf("a Multi-AZ cluster has three instances in three zones, and there are %d", zones), "add a zone, or choose another database.deployment")
	}
	r.refuse("database.maxStorageGiB", c.MaxStorageGiB != 0, "RDS does not grow the storage of a Multi-AZ cluster by itself")
}

// auroraClass matches the families that Aurora has: r, x, and t from medium on.
var auroraClass = regexp.MustCompile(`^db\.(r[0-9][a-z]*\.|x[0-9][a-z]*\.|t[34]g?\.(medium|large)$)`)

// aurora is a writer and readers on storage that spans three zones by itself.
func (r *resolver) aurora(db *Database) {
	c := r.c.Database
	db.Class = first(c.Class, r.tier.AuroraClass)
	if c.Class != "" && !auroraClass.MatchString(c.Class) {
		r.problem("database.class", fmt.Sprintf("%q is not a class of Aurora", c.Class), "choose for example "+r.tier.AuroraClass)
	}
	db.Replicas = r.auroraReplicas()
	r.refuseAuroraStorage()
}

// serverless is Aurora whose capacity moves between two bounds.
func (r *resolver) serverless(db *Database) {
	c := r.c.Database
	r.refuse("database.class", c.Class != "", "aurora-serverless has no class; minAcu and maxAcu bound it")
	db.Class = "db.serverless"
	db.MinACU = first(c.MinACU, r.tier.MinACU)
	db.MaxACU = first(c.MaxACU, r.tier.MaxACU)
	if db.MaxACU < db.MinACU {
		r.problem("database.maxAcu", fmt.Sprintf("%g is less than the minimum, %g", db.MaxACU, db.MinACU), "choose more, or a smaller minAcu")
	}
	db.Replicas = r.auroraReplicas()
	r.refuseAuroraStorage()
}

func (r *resolver) auroraReplicas() int {
	if r.f.Stated("database.replicas") {
		return r.c.Database.Replicas
	}
	return 1
}

func (r *resolver) refuseAuroraStorage() {
	c := r.c.Database
	r.refuse("database.storageGiB", c.StorageGiB != 0, "Aurora grows by itself")
	r.refuse("database.maxStorageGiB", c.MaxStorageGiB != 0, "Aurora grows by itself")
}

func (r *resolver) refuse(path string, stated bool, why string) {
	if stated {
		r.problem(path, why, "remove the key")
	}
}

// choice is the stated one of what the workload can use, or the first of them.
func (r *resolver) choice(path, stated string, usable []string) string {
	if stated == "" {
		return usable[0]
	}
	if !slices.Contains(usable, stated) {
		r.problem(path, fmt.Sprintf("the workload %s cannot use %s", r.c.Workload.Kind, stated), "choose "+strings.Join(usable, " or "))
	}
	return stated
}

// first is value unless it is unset.
func first[T comparable](value, otherwise T) T {
	var unset T
	if value == unset {
		return otherwise
	}
	return value
}
