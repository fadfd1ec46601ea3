package main

import (
	"strings"

	"github.com/lectern/lectern/config/plan"
)

// nameRows say where the environment and its players answer, and which certificates prove it.
func nameRows(s *section, p plan.Plan) {
	d := p.Domain
	if !d.Enabled {
		s.add("names", "CloudFront's own")
		s.addIf(p.Edge.PlayersDistribution, "players", "another name of CloudFront's: one for all courses, so for one tenant")
		return
	}
	s.add("names", strings.Join(d.Names, ", "))
	s.addIf(d.Players != "", "players", d.PlayersName()+", a name for each course of each tenant")
	if d.ZoneID == "" {
		s.add("", "records are yours to make, at the output Address, for "+strings.Join(d.All(), ", "))
	}
	for i, text := range certificates(p) {
		s.add(pick(i == 0, "certificates", ""), text)
	}
}

// certificates are those of CloudFront and of the load balancer. What a given one holds is known to AWS only.
func certificates(p plan.Plan) []string {
	d := p.Domain
	var made, given, all []string
	add := func(user, arn string) {
		if arn == "" {
			made = append(made, user)
		} else {
			given = append(given, user)
		}
	}
	if p.Edge.CDN {
		add("CloudFront", d.EdgeCertificateArn)
	}
	if p.LoadBalancer.Type == "application" {
		add("the load balancer", d.CertificateArn)
	}
	if len(made) > 0 {
		zones := "hosted zone " + d.ZoneID
		if d.PlayersZoneID != d.ZoneID && d.PlayersZoneID != "" {
			zones = "hosted zones " + d.ZoneID + " and " + d.PlayersZoneID
		}
		all = append(all, "made for "+strings.Join(made, " and ")+", validated through "+zones)
	}
	if len(given) > 0 {
		all = append(all, "given for "+strings.Join(given, " and ")+": must hold "+strings.Join(d.All(), ", ")+", which nothing here can check")
	}
	return all
}
