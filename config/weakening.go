package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Weakening is a safety default that a client file switches off.
type Weakening struct {
	Path string
	// Found is the value in the file, Safe the value that needs no reason.
	Found, Safe string
	// Reason from the file; Read has reported it when it is missing.
	Reason string
}

// MinReason is the shortest reason, in characters: "for demo" says nothing.
const MinReason = 10

// safety is a safety default that can be weakened.
type safety struct {
	path string
	// weak is the value found, empty where it is safe; safe is the value that would be.
	weak func(f File) (found, safe string)
}

// Weakenings are the weakened safety defaults of a client, by path.
func Weakenings(f File) []Weakening {
	var weakenings []Weakening
	for _, s := range safeties() {
		if found, safe := s.weak(f); found != "" {
			weakenings = append(weakenings, Weakening{Path: s.path, Found: found, Safe: safe, Reason: strings.TrimSpace(f.Client.Reasons[s.path])})
		}
	}
	return weakenings
}

// safeties are all safety defaults that can be weakened, by path.
func safeties() []safety {
	return []safety{
		{"cache.replicas", func(f File) (string, string) {
			engine := f.Client.Cache.Engine
			return under(1, f.Client.Cache.Replicas, f.Stated("cache.replicas") && engine != "memcached" && engine != "none")
		}},
		{"capacity.min", func(f File) (string, string) {
			zones := len(f.Client.ZoneNames())
			return under(StableMin(f.Client.Capacity.Peak, zones), f.Client.Capacity.Min, f.Stated("capacity.min") && zones > 0)
		}},
		{"database.backupDays", func(f File) (string, string) { return under(7, f.Client.Database.BackupDays, true) }},
		{"database.deletionProtection", func(f File) (string, string) { return off(f.Client.Database.DeletionProtection) }},
		{"database.multiAz", func(f File) (string, string) {
			return off(f.Client.Database.MultiAZ || f.Client.Database.Deployment != DeploymentInstance)
		}},
		{"database.replicas", func(f File) (string, string) {
			return under(1, f.Client.Database.Replicas, f.Stated("database.replicas") && f.Client.Database.Aurora())
		}},
		{"edge.waf.enabled", func(f File) (string, string) { return off(f.Client.Edge.WAF.Enabled) }},
		{"edge.waf.managedGroups", func(f File) (string, string) {
			missing := slices.DeleteFunc(DefaultManagedGroups(), func(group string) bool {
				return slices.Contains(f.Client.Edge.WAF.ManagedGroups, group)
			})
			if len(missing) == 0 || !f.Client.Edge.WAF.Enabled {
				return "", ""
			}
			return "without " + strings.Join(missing, ", "), strings.Join(DefaultManagedGroups(), ", ")
		}},
		{"loadBalancer.deregistrationDelaySeconds", func(f File) (string, string) {
			return under(10, f.Client.LoadBalancer.DeregistrationDelaySeconds, true)
		}},
		{"network.flowLogs", func(f File) (string, string) { return off(f.Client.Network.FlowLogs) }},
		{"network.natGateways", func(f File) (string, string) {
			return under(len(f.Client.ZoneNames()), f.Client.Network.NatGateways, f.Stated("network.natGateways"))
		}},
		{"protection.termination", func(f File) (string, string) { return off(f.Client.Protection.Termination) }},
		{"storage.noncurrentDays", func(f File) (string, string) {
			return under(7, f.Client.Storage.NoncurrentDays, f.Client.Storage.Kind == StorageS3)
		}},
	}
}

func off(value bool) (found, safe string) {
	if value {
		return "", ""
	}
	return "false", "true"
}

func under(least, value int, applies bool) (found, safe string) {
	if !applies || value >= least {
		return "", ""
	}
	return fmt.Sprint(value), fmt.Sprintf("%d or more", least)
}

// weakeningsHaveReasons checks that every weakening has a reason, and every
// reason a weakening: an old reason would excuse the next person's mistake.
func weakeningsHaveReasons(f File) Problems {
	var problems Problems
	weakened := map[string]bool{}
	for _, w := range Weakenings(f) {
		weakened[w.Path] = true
		path := "reasons." + w.Path
		switch _, given := f.Client.Reasons[w.Path]; {
		case !given:
			problems = append(problems, f.Problem(w.Path, fmt.Sprintf("%s weakens a safety default (%s)", w.Found, w.Safe), fmt.Sprintf("say why under reasons, as %s: the reason, or remove the key", w.Path)))
		case utf8.RuneCountInString(w.Reason) < MinReason:
			problems = append(problems, f.Problem(path, fmt.Sprintf("%q says too little", clip(w.Reason)), fmt.Sprintf("give a reason of %d characters or more", MinReason)))
		}
	}
	var known []string
	for _, s := range safeties() {
		known = append(known, s.path)
	}
	for _, path := range sortedKeys(f.Client.Reasons) {
		if weakened[path] {
			continue
		}
		found, fix := "nothing is weakened there", "remove the reason"
		if !slices.Contains(known, path) {
			found, fix = "there is no safety default of that path", "remove the reason"
			if near := Nearest(path, known); near != "" {
				fix = fmt.Sprintf("did you mean %s?", near)
			}
		}
		problems = append(problems, f.Problem("reasons."+path, found, fix))
	}
	return problems
}

// WeakenablePaths are the paths that a reason may stand for.
func WeakenablePaths() []string {
	var paths []string
	for _, s := range safeties() {
		paths = append(paths, s.path)
	}
	return paths
}
