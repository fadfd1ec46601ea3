package plan

import (
	"maps"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

// ClientTag is the tag on every resource; its value is the client's name.
const ClientTag = "lectern:client"

// Resolve decides everything about one client. What it reports comes on top of
// what config.Read reported: the settings of the workload, and combinations that
// only show when defaults are filled in. With problems the Plan is incomplete.
func Resolve(f config.File) (Plan, config.Problems) {
	settings, needs, problems := workload.For(f)
	needs = listed(needs)
	tier, _ := FindTier(f.Client.Size) // an unknown size is a problem of config
	r := &resolver{f: f, c: f.Client, needs: needs, tier: tier, problems: problems}

	p := Plan{
		Client:                r.c.Name,
		Account:               r.c.Account,
		Region:                r.c.Region,
		Workload:              r.c.Workload.Kind,
		Size:                  tier,
		Settings:              settings,
		Needs:                 needs,
		Network:               r.network(),
		Domain:                r.domain(),
		Edge:                  r.edge(),
		LoadBalancer:          r.loadBalancer(),
		Database:              r.database(),
		Cache:                 r.cache(),
		Storage:               r.storage(),
		Files:                 files(needs),
		Revisions:             Revisions{Enabled: needs.Revisions},
		Queue:                 r.queue(),
		Windows:               windows(),
		LogRetentionDays:      r.c.Logs.RetentionDays,
		TerminationProtection: r.c.Protection.Termination,
		Tags:                  r.tags(),
		Weakenings:            weakenings(f),
	}
	p.Locks = locks(needs, p.Cache)
	p.Web = r.web(len(p.Network.Zones))
	p.Workers = r.workers()
	p.Stacks = stacks(p)
	return p, r.problems.Sorted()
}

// resolver carries what every decision looks at.
type resolver struct {
	f        config.File
	c        config.Client
	needs    workload.Needs
	tier     Tier
	problems config.Problems
}

func (r *resolver) problem(path, found, fix string) {
	r.problems = append(r.problems, r.f.Problem(path, found, fix))
}

func (r *resolver) tags() map[string]string {
	tags := map[string]string{}
	maps.Copy(tags, r.c.Tags)
	tags[ClientTag] = r.c.Name
	return tags
}

func weakenings(f config.File) []Weakening {
	list := []Weakening{}
	for _, w := range config.Weakenings(f) {
		list = append(list, Weakening(w))
	}
	return list
}

// listed is needs without lists that are nil.
func listed(n workload.Needs) workload.Needs {
	n.DatabaseEngines = list(n.DatabaseEngines)
	n.CacheEngines = list(n.CacheEngines)
	n.MemcachedClusters = list(n.MemcachedClusters)
	n.BodySizeExemptPaths = list(n.BodySizeExemptPaths)
	n.CachedPaths = list(n.CachedPaths)
	n.OutboundPorts = list(n.OutboundPorts)
	n.Secrets = list(n.Secrets)
	for i := range n.Secrets {
		n.Secrets[i].Fields = list(n.Secrets[i].Fields)
	}
	return n
}

// list is values as a list of its own that is never nil, so that a plan in JSON
// has [] where there is none.
func list[T any](values []T) []T {
	return append([]T{}, values...)
}
