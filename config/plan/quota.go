package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Quota is a limit of an account in a region that the clients would exceed by
// themselves. It is a warning: an account may have been granted more, and may
// use some for other things, neither of which can be known without asking AWS.
type Quota struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	// Zone of a limit per availability zone (the one that needs most: one request
	// raises it in all), else empty.
	Zone string `json:"zone"`
	Name string `json:"name"`
	// Needed by all clients together, and the Default that an account has.
	Needed  int `json:"needed"`
	Default int `json:"default"`
	// Clients that need it.
	Clients []string `json:"clients"`
	// Command asks AWS for what is needed.
	Command string `json:"command"`
}

// String is the warning in one sentence.
func (q Quota) String() string {
	where := q.Region
	if q.Zone != "" {
		where = q.Zone
	}
	const most = 5
	clients := strings.Join(q.Clients[:min(most, len(q.Clients))], ", ")
	if more := len(q.Clients) - most; more > 0 {
		clients += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("account %s in %s: %d %s are needed and %d are the default (%s)", q.Account, where, q.Needed, q.Name, q.Default, clients)
}

// limit is a default quota of every account.
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
type limit struct {
	name          string
	service, code string
	most          int
}

// Quotas are the limits that all clients of one account and region exceed
// together: a second client of three zones already needs a sixth elastic IP.
func (c Clients) Quotas() []Quota {
	vpcs := limit{"VPCs", "vpc", "L-F678F1CE", 5}
	addresses := limit{"elastic IP addresses", "ec2", "L-0263D0A3", 5}
	gateways := limit{"NAT gateways per availability zone", "vpc", "L-FE5A380F", 5}
	// Of CloudFront, which is one for all regions and counts in us-east-1.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
	policies := limit{"CloudFront cache policies", "cloudfront", "L-7D134442", 20}
	distributions := limit{"CloudFront distributions", "cloudfront", "L-24B04930", 500}

	type place struct{ account, region, zone, code string }
	limits := map[place]limit{}
	needs := map[place]*Quota{}
	add := func(p Plan, region, zone string, l limit) {
		at := place{p.Account, region, zone, l.code}
		if needs[at] == nil {
			limits[at] = l
			needs[at] = &Quota{Account: p.Account, Region: region, Zone: zone, Name: l.name, Default: l.most}
		}
		needs[at].Needed++
		if !slices.Contains(needs[at].Clients, p.Client) {
			needs[at].Clients = append(needs[at].Clients, p.Client)
		}
	}
	for _, p := range c.Plans {
		add(p, p.Region, "", vpcs)
		if p.Edge.CDN {
			add(p, edgeRegion, "", distributions)
		}
		if p.Edge.PlayersDistribution {
			add(p, edgeRegion, "", distributions)
		}
		if len(p.Edge.CachedPaths) > 0 {
			add(p, edgeRegion, "", policies)
		}
		for _, zone := range p.Network.Zones {
			if zone.NAT {
				add(p, p.Region, "", addresses)
				add(p, p.Region, zone.Name, gateways)
			}
		}
	}

	exceeded := []Quota{}
	places := slices.SortedFunc(maps.Keys(needs), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.code, b.code), cmp.Compare(needs[b].Needed, needs[a].Needed), cmp.Compare(a.zone, b.zone))
	})
	reported := map[place]bool{}
	for _, at := range places {
		q, all := *needs[at], place{at.account, at.region, "", at.code}
		if q.Needed <= q.Default || reported[all] {
			continue
		}
		reported[all] = true
		q.Command = fmt.Sprintf("aws service-quotas request-service-quota-increase --region %s --service-code %s --quota-code %s --desired-value %d",
			q.Region, limits[at].service, limits[at].code, q.Needed)
		exceeded = append(exceeded, q)
	}
	return exceeded
}
