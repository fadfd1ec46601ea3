package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/config/workload"
)

func databaseSection(p plan.Plan) section {
	s := section{title: "Database"}
	db := p.Database
	if !db.Enabled {
		return s
	}
	s.add("engine", fmt.Sprintf("%s %s, database %q on port %d", db.Engine, db.Version, db.Name, db.Port))
	s.add("deployment", deployment(db))
	switch {
	case db.StorageGiB == 0:
		s.add("storage", "Aurora's, grows by itself")
	case db.MaxStorageGiB > 0:
		s.add("storage", fmt.Sprintf("%s GiB %s, grows by itself to %s GiB", thousands(db.StorageGiB), db.StorageType, thousands(db.MaxStorageGiB)))
	default:
		s.add("storage", fmt.Sprintf("%s GiB %s with %s IOPS", thousands(db.StorageGiB), db.StorageType, thousands(db.IOPS)))
	}
	s.addIf(db.Proxy, "proxy", "RDS Proxy shares connections")
	s.add("safety", fmt.Sprintf("restore to any second of %s, deletion protection %s", count(db.BackupDays, "day"), pick(db.DeletionProtection, "on", "off")))
	return s
}

func deployment(db plan.Database) string {
	switch db.Deployment {
	case config.DeploymentCluster:
		return "Multi-AZ cluster, writer and 2 readable standbys of " + db.Class + ", fails over in under 35 s"
	case config.DeploymentAurora:
		return "Aurora, writer and " + count(db.Replicas, "reader") + " of " + db.Class + ", fails over in under 30 s"
	case config.DeploymentAuroraServerless:
		return fmt.Sprintf("Aurora Serverless v2, writer and %s of %g to %g ACU (2 GiB each)", count(db.Replicas, "reader"), db.MinACU, db.MaxACU)
	}
	return db.Class + pick(db.MultiAZ, " with a standby in another zone, fails over in 60 to 120 s", " without a standby")
}

func cacheSection(p plan.Plan) section {
	s := section{title: "Cache"}
	c := p.Cache
	switch {
	case !c.Enabled:
	case c.Engine == "memcached":
		s.add("engine", engineText(c))
		s.add("clusters", strings.Join(c.Clusters, ", ")+" of "+c.NodeType)
	default:
		s.add("engine", engineText(c))
		s.add("nodes", nodesText(c))
	}
	if l := p.Locks; l.Enabled {
		s.add("locks", engineText(l))
		s.add("", nodesText(l))
	}
	return s
}

func engineText(c plan.Cache) string {
	return fmt.Sprintf("%s %s on port %d", c.Engine, c.Version, c.Port)
}

func nodesText(c plan.Cache) string {
	return "primary and " + count(c.Replicas, "replica") + " of " + c.NodeType
}

func contentSection(p plan.Plan) section {
	s := section{title: "Content and background work"}
	switch {
	case !p.Storage.Enabled:
	case p.Storage.Kind == config.StorageS3:
		s.add("objects", fmt.Sprintf("S3, versioned; deleted ones can be brought back for %s", count(p.Storage.NoncurrentDays, "day")))
	default:
		s.add("objects", fmt.Sprintf("bucket %s at %s", p.Storage.Bucket, p.Storage.Endpoint))
	}
	s.addIf(p.Needs.ContentPath != "" && p.Edge.CDN, "", "CloudFront serves "+p.Needs.ContentPath+" from there")
	s.addIf(p.Files.Enabled, "files", "EFS mounted at "+p.Files.MountPath)
	s.addIf(p.Revisions.Enabled, "code", "a bucket for releases, which instances only read; every version is kept")
	s.addIf(p.Queue.Enabled, "queue", fmt.Sprintf("messages are hidden %d s while worked on, set aside after %d attempts", p.Queue.VisibilitySeconds, p.Queue.MaxReceives))
	return s
}

func safetySection(p plan.Plan) section {
	s := section{title: "Operation and safety"}
	s.add("deletion", pick(p.TerminationProtection, "CloudFormation refuses to delete stateful stacks", "CloudFormation deletes stateful stacks when asked")+
		pick(p.LoadBalancer.DeletionProtection, "; AWS refuses to delete the load balancer", ""))
	s.add("windows", "backup "+p.Windows.Backup+" UTC, maintenance "+p.Windows.Maintenance+" UTC")
	s.add("logs", "kept for "+count(p.LogRetentionDays, "day"))
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		tags = append(tags, key+"="+p.Tags[key])
	}
	s.add("tags", strings.Join(tags, ", "))
	s.addIf(len(p.Web.OutboundPorts) > 0, "outbound", "instances reach the internet on 443 and "+strings.Trim(fmt.Sprint(p.Web.OutboundPorts), "[]"))
	for i, secret := range p.Needs.Secrets {
		s.add(pick(i == 0, "secrets", ""), secretText(secret))
	}
	for i, w := range p.Weakenings {
		s.add(pick(i == 0, "weakened", ""), fmt.Sprintf("%s is %s instead of %s: %s", w.Path, w.Found, w.Safe, w.Reason))
	}
	s.addIf(len(p.Weakenings) == 0, "weakened", "nothing")
	return s
}

// secretText says who fills a secret in.
func secretText(s workload.Secret) string {
	if len(s.Fields) == 0 {
		return s.Name + ", generated: " + s.Description
	}
	return s.Name + ", to be filled in before instances start with " + strings.Join(s.Fields, ", ") + ": " + s.Description
}

func warningSection(quotas []plan.Quota) section {
	s := section{title: "Warnings"}
	for _, q := range quotas {
		s.add(q.String())
		s.add("  " + q.Command)
	}
	return s
}
