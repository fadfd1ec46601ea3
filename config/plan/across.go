package plan

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/lectern/lectern/config"
)

// cidrProblems reports client VPCs that overlap, in whatever account and region:
// networks that overlap can never be peered or moved together. The client that
// did not state its range gives way; where both or neither did, both hear of it.
func cidrProblems(all []client) config.Problems {
	var problems config.Problems
	taken := Ranges(filesOf(all))
	for i, a := range all {
		for j, b := range all {
			if i == j || !overlap(a.plan, b.plan) || !givesWay(a, b) {
				continue
			}
			fix := "state another private range"
			if free, ok := FreeCIDR(a.plan.Client, taken); ok {
				taken = append(taken, free) // the next client is told another
				fix = "state network.cidr: " + free.String() + ", which is free"
			}
			problems = append(problems, a.file.Problem("network.cidr",
				fmt.Sprintf("%s overlaps %s of %s", a.plan.Network.CIDR, b.plan.Network.CIDR, b.plan.Client), fix))
			break
		}
	}
	return problems
}

func givesWay(a, b client) bool {
	const path = "network.cidr"
	return !a.file.Stated(path) || b.file.Stated(path)
}

func overlap(a, b Plan) bool {
	first, err1 := netip.ParsePrefix(a.Network.CIDR)
	second, err2 := netip.ParsePrefix(b.Network.CIDR)
	return err1 == nil && err2 == nil && first.Overlaps(second)
}

// Ranges are the VPC ranges that files state or would get, for FreeCIDR; also of
// files that have problems, as long as they have a name.
func Ranges(files []config.File) []netip.Prefix {
	var ranges []netip.Prefix
	for _, f := range files {
		if cidr, err := netip.ParsePrefix(f.Client.Network.CIDR); err == nil {
			ranges = append(ranges, cidr.Masked())
		} else if f.Client.Name != "" {
			ranges = append(ranges, DefaultCIDR(f.Client.Name))
		}
	}
	return ranges
}

// domainProblems reports host names of two clients: DNS has one answer, and CloudFront accepts a name on one distribution
// only. A wildcard is every name below it.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html#alternate-domain-names-restrictions
func domainProblems(all []client) config.Problems {
	var problems config.Problems
	for i, c := range all {
		for _, other := range slices.Concat(all[:i], all[i+1:]) {
			for _, name := range c.plan.Domain.All() {
				if found, clash := clashes(name, other.plan); clash {
					problems = append(problems, c.file.Problem(c.pathOf(name), found, "a name belongs to one client; remove it here or there"))
				}
			}
		}
	}
	return problems
}

// clashes says how a name is, or is among, the names of another client.
func clashes(name string, other Plan) (string, bool) {
	for _, theirs := range other.Domain.All() {
		switch {
		case name == theirs:
			return name + " is also a name of " + other.Client, true
		case covers(name, theirs):
			return name + " is also " + theirs + " of " + other.Client, true
		case covers(theirs, name):
			return name + " is among the names of " + other.Client + ", " + theirs, true
		}
	}
	return "", false
}

// pathOf is the key that a name comes from; the default for players comes from domain.name.
func (c client) pathOf(name string) string {
	switch i := slices.Index(c.plan.Domain.Names, name); {
	case i > 0:
		return fmt.Sprintf("domain.alternativeNames[%d]", slices.Index(c.file.Client.Domain.AlternativeNames, name))
	case i < 0 && c.file.Stated("domain.players"):
		return "domain.players"
	}
	return "domain.name"
}

func filesOf(all []client) []config.File {
	var files []config.File
	for _, c := range all {
		files = append(files, c.file)
	}
	return files
}
