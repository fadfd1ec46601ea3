package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lectern/lectern/config"
)

// The deployments of a database, short.
const (
	instance   = config.DeploymentInstance
	cluster    = config.DeploymentCluster
	aurora     = config.DeploymentAurora
	serverless = config.DeploymentAuroraServerless
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
		r.notOlder(name, version)
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
	r.offered(db)
	return db
}

// notOlder refuses a version that the workload does not run on.
func (r *resolver) notOlder(engine, version string) {
	text, _, _ := strings.Cut(version, ".")
	major, err := strconv.Atoi(text)
	if err == nil && major < r.needs.DatabaseOldest {
		r.problem("database.version", fmt.Sprintf("%s %s is too old for the workload %s", engine, version, r.c.Workload.Kind),
			fmt.Sprintf("choose %d or newer, or remove the key", r.needs.DatabaseOldest))
	}
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
	db.Class = cmp.Or(c.Class, r.tier.DatabaseClass)
	db.StorageType = "gp3"
	db.StorageGiB = cmp.Or(c.StorageGiB, 20)
	db.MaxStorageGiB = cmp.Or(c.MaxStorageGiB, min(5*db.StorageGiB, 65_536))
	if db.MaxStorageGiB*10 < db.StorageGiB*11 { // less than 10 % is refused by RDS
		r.problem("database.maxStorageGiB", fmt.Sprintf("%d GiB leave no room to grow from %d", db.MaxStorageGiB, db.StorageGiB), "choose more, or remove it")
	}
}

// cluster is an RDS Multi-AZ cluster: a writer and two readers in three zones.
// RDS does not grow its storage by itself.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html
func (r *resolver) cluster(db *Database) {
	c := r.c.Database
	db.Class = cmp.Or(c.Class, r.tier.ClusterClass)
	db.StorageType = "io2" // gp3 is for clusters from 400 GiB on
	db.StorageGiB = cmp.Or(c.StorageGiB, 100)
	db.IOPS = max(3_000, (db.StorageGiB+1)/2) // half a one per GiB is the least
	db.Replicas = 2
	if zones := len(r.zoneNames()); zones == 2 {
		r.problem("network.zones", "a Multi-AZ cluster has three instances in three zones, and there are 2", "add a zone, or choose another database.deployment")
	}
	if c.MaxStorageGiB != 0 {
		r.problem("database.maxStorageGiB", "RDS does not grow the storage of a Multi-AZ cluster by itself", "remove the key")
	}
}

// aurora is a writer and readers on storage that spans three zones by itself.
func (r *resolver) aurora(db *Database) {
	db.Class = cmp.Or(r.c.Database.Class, r.tier.AuroraClass)
	db.Replicas = r.auroraReplicas()
}

// serverless is Aurora whose capacity moves between two bounds.
func (r *resolver) serverless(db *Database) {
	db.Class = "db.serverless"
	db.MinACU = cmp.Or(r.c.Database.MinACU, r.tier.MinACU)
	db.MaxACU = cmp.Or(r.c.Database.MaxACU, r.tier.MaxACU)
	db.Replicas = r.auroraReplicas()
	if db.MaxACU < db.MinACU { // one is stated, the other follows from the size
		path, other := "database.maxAcu", "minAcu"
		if r.f.Stated("database.minAcu") {
			path, other = "database.minAcu", "maxAcu"
		}
		r.problem(path, fmt.Sprintf("minAcu is then %g and maxAcu %g", db.MinACU, db.MaxACU), "state "+other+" too, or choose another size")
	}
}

func (r *resolver) auroraReplicas() int {
	if r.f.Stated("database.replicas") {
		return r.c.Database.Replicas
	}
	return 1
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
