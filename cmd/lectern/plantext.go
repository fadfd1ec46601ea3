package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
)

// printPlan writes a plan for a person to review: what there will be, and why.
func printPlan(out io.Writer, p plan.Plan, quotas []plan.Quota) error {
	fmt.Fprintf(out, "%s: %s of size %s (%d vCPU, %d GiB), account %s, %s\n",
		p.Client, p.Workload, p.Size.Name, p.Size.VCPU, p.Size.MemoryGiB, p.Account, p.Region)
	sections := []section{
		stackSection(p), networkSection(p), edgeSection(p), capacitySection(p),
		databaseSection(p), cacheSection(p), contentSection(p), safetySection(p), warningSection(quotas),
	}
	for _, s := range sections {
		if err := s.print(out); err != nil {
			return err
		}
	}
	return nil
}

// section is a heading and rows of cells, aligned among themselves.
type section struct {
	title string
	rows  [][]string
}

func (s *section) add(cells ...string) { s.rows = append(s.rows, cells) }

func (s *section) addIf(condition bool, cells ...string) {
	if condition {
		s.add(cells...)
	}
}

func (s section) print(out io.Writer) error {
	if len(s.rows) == 0 {
		return nil
	}
	fmt.Fprintf(out, "\n%s\n", s.title)
	t := newTable(out)
	for _, row := range s.rows {
		t.row(append([]string{" " + row[0]}, row[1:]...)...)
	}
	return t.flush()
}

func stackSection(p plan.Plan) section {
	s := section{title: "Stacks, in order"}
	for _, stack := range p.Stacks {
		s.add(stack.ID, stack.Region, pick(stack.Stateful, "stateful", "replaceable"), stack.Purpose)
	}
	return s
}

func networkSection(p plan.Plan) section {
	s := section{title: "Network " + p.Network.CIDR}
	s.add("zone", "public", "private", "isolated", "way out")
	for _, z := range p.Network.Zones {
		way := "NAT gateway of its own"
		if !z.NAT {
			way = "NAT gateway of zone " + z.NATZone
		}
		s.add(z.Name, z.Public, z.Private, z.Isolated, way)
	}
	s.add("endpoints", strings.Join(append([]string{"s3 (gateway)"}, p.Network.InterfaceEndpoints...), ", "))
	s.add("flow logs", pick(p.Network.FlowLogs, "all connections", "none"))
	return s
}

func edgeSection(p plan.Plan) section {
	s := section{title: "Edge and load balancer"}
	lb := p.LoadBalancer
	nameRows(&s, p)
	if p.Edge.CDN {
		s.add("distribution", "CloudFront "+p.Edge.PriceClass+", through a VPC origin to a load balancer without public address")
		s.addIf(p.Edge.PlayersDistribution, "", "and a second one for players")
		s.addIf(len(p.Edge.CachedPaths) > 0, "", "keeps what the workload lets it keep below "+strings.Join(p.Edge.CachedPaths, ", "))
		s.addIf(!p.Edge.AccessLogs, "", "without access logs: CloudFront delivers none to buckets in "+p.Region+", an opt-in region")
	} else {
		s.add("distribution", "none; the load balancer faces the internet")
	}
	if p.Edge.WAF {
		s.add("firewall", fmt.Sprintf("%s in scope %s, %s requests in 5 minutes from one address", wcu(p), p.Edge.WAFScope, thousands(p.Edge.WAFRateLimit)))
		s.add("", strings.Join(p.Edge.WAFManagedGroups, ", "))
		s.addIf(len(p.Edge.BodySizeExemptPaths) > 0, "", "bodies of any size below "+strings.Join(p.Edge.BodySizeExemptPaths, ", "))
	} else {
		s.add("firewall", "none")
	}
	s.add("Shield", pick(p.Edge.ShieldAdvanced, "Advanced (the account pays its subscription)", "Standard"))
	s.add("load balancer", balancer(lb))
	s.addIf(p.Needs.HealthPath != "", "health check", fmt.Sprintf("%s on port %d of each instance", p.Needs.HealthPath, p.Needs.Port))
	for _, r := range lb.Rules {
		s.add(fmt.Sprintf("  rule %d", r.Priority), r.Name+": "+ruleText(r))
	}
	return s
}

func wcu(p plan.Plan) string { return thousands(p.Edge.WAFCapacityUnits) + " of 1,500 WCU" }

func balancer(lb plan.LoadBalancer) string {
	var ports []string
	for _, port := range lb.Ports {
		ports = append(ports, fmt.Sprint(port))
	}
	text := lb.Type + ", " + pick(lb.Internal, "internal", "internet-facing") + ", port " + strings.Join(ports, ", ")
	if lb.Algorithm != "" {
		text += ", " + strings.ReplaceAll(lb.Algorithm, "_", " ")
	}
	return text + pick(lb.Sticky, ", sticky", "") + fmt.Sprintf(", %d s to finish requests", lb.DeregistrationDelaySeconds)
}

func ruleText(r plan.Rule) string {
	var when []string
	for _, part := range []struct {
		name   string
		values []string
	}{{"host", r.Hosts}, {"path", r.Paths}, {"method", r.Methods}} {
		if len(part.values) > 0 {
			when = append(when, part.name+" "+strings.Join(part.values, " or "))
		}
	}
	text := r.Action
	if r.RedirectTo != "" {
		text += " to " + r.RedirectTo
	}
	return text + " when " + strings.Join(when, " and ")
}

func capacitySection(p plan.Plan) section {
	s := section{title: "Capacity"}
	s.add("web", fleetText(p.Web))
	s.add("", minimum(p))
	targets := fmt.Sprintf("scales at %d %% CPU", p.Web.CPUTargetPercent)
	if p.Web.RequestsPerTargetPerMinute > 0 {
		targets += fmt.Sprintf(" or %s requests a minute for each instance", thousands(p.Web.RequestsPerTargetPerMinute))
	}
	s.add("", targets)
	s.addIf(strings.HasPrefix(p.Web.InstanceType, "t"), "", p.Web.InstanceType+" is burstable: load that stays above its baseline costs extra")
	s.add("", fmt.Sprintf("an instance has %d s to become healthy, and %d s to finish requests and jobs when it leaves", p.Web.BootSeconds, p.Web.DrainSeconds))
	if p.Workers.Enabled {
		s.add("workers", fleetText(p.Workers))
		s.add("", fmt.Sprintf("scale at %d waiting messages for each worker", p.Workers.BacklogPerWorker))
	}
	return s
}

func fleetText(f plan.Fleet) string {
	image := "newest Amazon Linux 2023"
	if f.ImageID != "" {
		image = f.ImageID
	}
	return fmt.Sprintf("%d to %d x %s (%s, %d GiB disk, %s)", f.Min, f.Max, f.InstanceType, f.Architecture, f.DiskGiB, image)
}

// minimum is the reasoning behind the smallest number of web instances.
func minimum(p plan.Plan) string {
	zones := len(p.Network.Zones)
	stable := config.StableMin(p.Web.Peak, zones)
	formula := fmt.Sprintf("%d = ceil(%d / (%d - 1)) x %d", stable, p.Web.Peak, zones, zones)
	switch {
	case p.Web.Min == stable:
		return "min " + formula + ": a zone can be lost at the peak of " + count(p.Web.Peak, "instance")
	case p.Web.Min > stable:
		return fmt.Sprintf("min %d is stated; %s would do to lose a zone at the peak", p.Web.Min, formula)
	}
	return fmt.Sprintf("min %d is stated; %s would be needed to lose a zone at the peak", p.Web.Min, formula)
}
