package plan

import (
	"slices"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/runtime/contract"
)

func (r *resolver) domain() Domain {
	d := r.c.Domain
	names := []string{}
	if d.Name != "" {
		names = append(names, d.Name)
		for _, name := range d.AlternativeNames {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	domain := Domain{
		Enabled:             d.Name != "",
		Names:               names,
		ZoneID:              d.ZoneID,
		CertificateArn:      d.CertificateArn,
		EdgeCertificateArn:  d.EdgeCertificateArn,
		MoreCertificateArns: list(d.MoreCertificateArns),
	}
	r.players(&domain)
	return domain
}

func (r *resolver) edge() Edge {
	e := Edge{
		CDN:                 r.c.Edge.CDN,
		WAF:                 r.c.Edge.WAF.Enabled && r.c.LoadBalancer.Type != "network", // a web ACL reads HTTP
		WAFManagedGroups:    []string{},
		BodySizeExemptPaths: []string{},
		CachedPaths:         []string{},
		ShieldAdvanced:      r.c.Edge.Shield.Advanced,
	}
	if e.CDN {
		e.PriceClass = "PriceClass_" + r.c.Edge.PriceClass
		e.OriginPrefixList = r.originPrefixList()
		e.CachedPaths = list(r.needs.CachedPaths)
		region, _ := config.FindRegion(r.c.Region)
		e.AccessLogs = !region.OptIn
		e.PlayersDistribution = r.needs.Players && r.c.Domain.Name == ""
		e.Proxies++
	}
	if r.c.LoadBalancer.Type != "network" { // which passes connections on
		e.Proxies++
	}
	if e.WAF {
		r.waf(&e)
	}
	return e
}

// originPrefixList is the stated one, or the one that is known for the region.
func (r *resolver) originPrefixList() string {
	if id := r.c.Edge.OriginPrefixList; id != "" {
		return id
	}
	region, _ := config.FindRegion(r.c.Region)
	return region.PrefixList // config refuses a client whose region has none known and that states none
}

func (r *resolver) loadBalancer() LoadBalancer {
	c := r.c.LoadBalancer
	lb := LoadBalancer{
		Type:                       c.Type,
		Internal:                   r.c.Edge.CDN,
		IdleTimeoutSeconds:         c.IdleTimeoutSeconds,
		DeregistrationDelaySeconds: r.deregistrationDelay(),
		Sticky:                     c.Sticky,
		Ports:                      []int{},
		Rules:                      []Rule{},
		DeletionProtection:         r.c.Protection.LoadBalancer,
	}
	if lb.Type == "network" {
		lb.Ports = list(c.Ports)
		if len(lb.Ports) == 0 {
			lb.Ports = []int{443}
		}
		return lb
	}
	lb.Algorithm = c.Algorithm
	lb.Ports = r.listenerPorts()
	for i, rule := range c.Rules {
		lb.Rules = append(lb.Rules, Rule{
			Name: rule.Name,
			// Room between priorities lets a person try a rule by hand during an incident.
			Priority:   (i + 1) * 10,
			Hosts:      list(rule.Hosts),
			Paths:      list(rule.Paths),
			Methods:    list(rule.Methods),
			Action:     rule.Action,
			RedirectTo: rule.RedirectTo,
		})
	}
	return lb
}

// maxDeregistrationDelay is the longest that a target group takes, in seconds.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
const maxDeregistrationDelay = 3_600

// deregistrationDelay is the stated one, or at least what an instance may take to drain:
// a load balancer that gives up earlier cuts off requests that the instance still serves.
func (r *resolver) deregistrationDelay() int {
	const path = "loadBalancer.deregistrationDelaySeconds"
	delay := r.c.LoadBalancer.DeregistrationDelaySeconds
	if r.f.Stated(path) {
		return delay
	}
	return min(maxDeregistrationDelay, max(delay, contract.DrainDelaySeconds+r.drainSeconds()))
}

// listenerPorts of an application load balancer: HTTPS where there is a domain and so a
// certificate, and HTTP to redirect from where browsers reach it directly. Behind
// CloudFront without a domain it is HTTP, on AWS's network between the two.
func (r *resolver) listenerPorts() []int {
	switch {
	case !r.c.Edge.CDN:
		return []int{80, 443}
	case r.c.Domain.Name != "":
		return []int{443}
	default:
		return []int{80}
	}
}

// union is a followed by what only b has.
func union(a, b []string) []string {
	all := list(a)
	for _, value := range b {
		if !slices.Contains(all, value) {
			all = append(all, value)
		}
	}
	return all
}
