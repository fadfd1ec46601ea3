package plan

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// maxCertificateNames is how many names a certificate of ACM has by default.
// https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
const maxCertificateNames = 10

// players are below a name of their own, where no other name of the client is: what a course does at its origin, it does
// to no console, and to no course of another tenant.
func (r *resolver) players(d *Domain) {
	const key = "domain.players"
	if !r.needs.Players {
		for _, own := range []string{key, "domain.playersZoneId"} {
			if r.f.Stated(own) {
				r.problem(own, "the workload "+r.c.Workload.Kind+" plays no courses", "remove it")
			}
		}
		return
	}
	if !d.Enabled {
		return
	}
	d.Players = cmp.Or(r.c.Domain.Players, "play."+r.c.Domain.Name)
	d.PlayersZoneID = cmp.Or(r.c.Domain.PlayersZoneID, d.ZoneID)

	r.playersAlone(*d)
	if n := len(d.All()); r.makesCertificates() && n > maxCertificateNames {
		r.problem("domain.alternativeNames", fmt.Sprintf("with domain.name and the players' %s a certificate would have %d names", d.PlayersName(), n),
			fmt.Sprintf("give at most %d: a certificate has at most %d names by default", maxCertificateNames-2, maxCertificateNames))
	}
	r.playersStay(*d)
}

// playersAlone refuses other names of the client that are among those of players.
func (r *resolver) playersAlone(d Domain) {
	const key = "domain.players"
	for i, name := range d.Names {
		switch {
		case !covers(d.PlayersName(), name):
		case r.f.Stated(key):
			r.problem(key, fmt.Sprintf("%s would be among the names of players, %s", name, d.PlayersName()), "choose a name that no other one is below, for example play."+r.c.Domain.Name)
		case i > 0: // the default is never above domain.name
			r.problem(r.alternativeName(name), fmt.Sprintf("%q is among the names of players, %s", name, d.PlayersName()), "remove it, or state another name in domain.players")
		}
	}
}

// playersStay refuses a listener rule that redirects whatever comes to a player's host.
func (r *resolver) playersStay(d Domain) {
	for i, rule := range r.c.LoadBalancer.Rules {
		everything := rule.Action == "redirect" && len(rule.Paths)+len(rule.Methods) == 0
		if everything && slices.ContainsFunc(rule.Hosts, func(host string) bool { return matches(host, "label."+d.Players) }) {
			r.problem(fmt.Sprintf("loadBalancer.rules[%d].hosts", i), "players would be redirected too, to "+rule.RedirectTo, "name hosts that are not below "+d.Players)
		}
	}
}

// alternativeName is the path of one of domain.alternativeNames.
func (r *resolver) alternativeName(name string) string {
	return fmt.Sprintf("domain.alternativeNames[%d]", slices.Index(r.c.Domain.AlternativeNames, name))
}

// makesCertificates says whether the deployment makes one, for CloudFront or the load balancer.
func (r *resolver) makesCertificates() bool {
	d := r.c.Domain
	balancer := r.c.LoadBalancer.Type == "application" && d.CertificateArn == ""
	edge := r.c.Edge.CDN && d.EdgeCertificateArn == ""
	return d.ZoneID != "" && (balancer || edge)
}

// matches says whether a host of a listener rule, where * and ? stand for any characters, is meant by its pattern.
func matches(pattern, host string) bool {
	ok, err := path.Match(strings.ToLower(pattern), host)
	return ok && err == nil
}

// covers says whether a name stands for another: the same, or a wildcard above it. CloudFront takes a wildcard for names
// of any depth.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/alternate-domain-names-wildcard.html
func covers(name, other string) bool {
	if name == other {
		return true
	}
	parent, wildcard := strings.CutPrefix(name, "*")
	return wildcard && strings.HasSuffix(other, parent)
}
