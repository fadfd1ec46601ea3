package config

import (
	"fmt"
	"regexp"
	"strings"
)

// Deployments of a database.
const (
	DeploymentInstance         = "instance"
	DeploymentCluster          = "cluster"
	DeploymentAurora           = "aurora"
	DeploymentAuroraServerless = "aurora-serverless"
)

const (
	minACU = 0.5
	maxACU = 256
)

func databaseKeys() []Key {
	return []Key{
		{Path: "database.engine", OneOf: []string{"postgres", "mysql", "mariadb"}, Noun: "a database engine"},
		{
			Path: "database.deployment", Noun: "a deployment",
			OneOf: []string{DeploymentInstance, DeploymentCluster, DeploymentAurora, DeploymentAuroraServerless},
		},
		{Path: "database.version", Pattern: regexp.MustCompile(`^[0-9]+(\.[a-z0-9_]+)*$`), Noun: "an engine version", Example: `"17.5"`},
		{
			Path: "database.class", Noun: "a class", Example: "db.m7g.large",
			Pattern: regexp.MustCompile(`^db\.[a-z][a-z0-9-]*[0-9][a-z0-9-]*\.(micro|small|medium|large|[0-9]*xlarge)$`),
		},
		{Path: "database.storageGiB", Unit: "GiB", Min: 20, Max: 65536},
		{Path: "database.maxStorageGiB", Unit: "GiB", Min: 22, Max: 65536},
		{Path: "database.replicas", Min: 0, Max: 15},
		{Path: "database.minAcu", Unit: "ACU", Min: minACU, Max: maxACU, Step: 0.5},
		{Path: "database.maxAcu", Unit: "ACU", Min: 1, Max: maxACU, Step: 0.5},
		{Path: "database.backupDays", Unit: "days", Min: 1, Max: 35},
	}
}

// Aurora says whether the deployment is one of Aurora's.
func (d Database) Aurora() bool {
	return d.Deployment == DeploymentAurora || d.Deployment == DeploymentAuroraServerless
}

// databaseDeployment checks what a deployment cannot be combined with.
func databaseDeployment(f File) Problems {
	d := f.Client.Database
	var problems Problems
	refuse := func(key, found, fix string) { problems = append(problems, f.Problem("database."+key, found, fix)) }
	if d.Engine == "mariadb" && d.Deployment != DeploymentInstance {
		refuse("engine", fmt.Sprintf("mariadb has no deployment %s", d.Deployment), "set deployment: instance, or engine: mysql")
	}
	if !d.MultiAZ && d.Deployment != DeploymentInstance {
		refuse("multiAz", fmt.Sprintf("the deployment %s is always Multi-AZ", d.Deployment), "remove the key, or set deployment: instance")
	}
	switch {
	case !f.Stated("database.replicas"):
	case d.Deployment == DeploymentInstance && d.Replicas > 0:
		refuse("replicas", "the deployment instance has no readers: RDS replicates no instance whose password it manages", "set deployment: aurora or cluster, or remove the key")
	case d.Deployment == DeploymentCluster && d.Replicas != 2:
		refuse("replicas", fmt.Sprintf("the deployment cluster has always 2 readers, not %d", d.Replicas), "remove the key")
	}
	return problems
}

var (
	localDiskClass = regexp.MustCompile(`^db\.[a-z]+[0-9]+[a-z]*d[a-z]*\.`)
	auroraClass    = regexp.MustCompile(`^db\.([rx][0-9][a-z0-9]*\.[a-z0-9]+|t(3|4g)\.(medium|large))$`)
)

// databaseClass checks the class against the deployment.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html
func databaseClass(f File) Problems {
	const path = "database.class"
	d := f.Client.Database
	if !f.Stated(path) || d.Class == "" {
		return nil
	}
	switch {
	case d.Deployment == DeploymentAuroraServerless:
		return Problems{f.Problem(path, "aurora-serverless has no class", "remove it and set minAcu and maxAcu, or set deployment: aurora")}
	case d.Deployment == DeploymentCluster && !localDiskClass.MatchString(d.Class):
		return Problems{f.Problem(path, fmt.Sprintf("%s has no local disk, which the deployment cluster needs", d.Class), "choose a class with a d, for example db.m6gd.large")}
	case d.Deployment == DeploymentAurora && !auroraClass.MatchString(d.Class):
		return Problems{f.Problem(path, fmt.Sprintf("Aurora has no class %s", d.Class), "choose for example db.t4g.medium, db.t4g.large or db.r7g.large")}
	}
	return nil
}

// databaseStorage checks the storage. RDS takes a limit for growth only when it
// is at least 10 % above the storage.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
func databaseStorage(f File) Problems {
	d := f.Client.Database
	var problems Problems
	if d.Aurora() {
		for _, key := range []string{"storageGiB", "maxStorageGiB"} {
			if path := "database." + key; f.Stated(path) {
				problems = append(problems, f.Problem(path, "Aurora grows by itself and has no storage to set", "remove it"))
			}
		}
		return problems
	}
	if f.Stated("database.storageGiB") && d.Deployment == DeploymentCluster && d.StorageGiB < 100 {
		problems = append(problems, f.Problem("database.storageGiB", fmt.Sprintf("%d GiB are too few for the deployment cluster", d.StorageGiB), "choose 100 or more"))
	}
	if f.Stated("database.storageGiB") && f.Stated("database.maxStorageGiB") && d.MaxStorageGiB*10 < d.StorageGiB*11 {
		problems = append(problems, f.Problem("database.maxStorageGiB", fmt.Sprintf("%d GiB leave no room to grow from %d", d.MaxStorageGiB, d.StorageGiB), fmt.Sprintf("choose %d or more", (d.StorageGiB*11+9)/10)))
	}
	return problems
}

func serverlessCapacity(f File) Problems {
	d := f.Client.Database
	var problems Problems
	for _, key := range []string{"minAcu", "maxAcu"} {
		if path := "database." + key; f.Stated(path) && d.Deployment != DeploymentAuroraServerless {
			problems = append(problems, f.Problem(path, fmt.Sprintf("the deployment %s has no ACU", d.Deployment), "remove it, or set deployment: aurora-serverless"))
		}
	}
	if f.Stated("database.minAcu") && f.Stated("database.maxAcu") && d.MinACU > d.MaxACU {
		problems = append(problems, f.Problem("database.minAcu", fmt.Sprintf("%s is above maxAcu, %s", format(d.MinACU), format(d.MaxACU)), strings.TrimSpace("choose "+format(d.MaxACU)+" or less, or raise maxAcu")))
	}
	return problems
}
