package flows

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/lectern/lectern/config/plan"
)

// meant is every flow that there may be, in terms of what a client's plan says it
// needs. A line without ports for a plan is not there. Nobody opens a connection to
// workers or from the data to anywhere.
var meant = []struct {
	from, to Role
	ports    func(p plan.Plan) []int
}{
	// The way in. Behind CloudFront nobody else reaches the load balancer.
	{CloudFront, LoadBalancer, func(p plan.Plan) []int { return when(p.Edge.CDN, p.LoadBalancer.Ports...) }},
	{Internet, LoadBalancer, func(p plan.Plan) []int { return when(!p.Edge.CDN, p.LoadBalancer.Ports...) }},
	{LoadBalancer, Web, func(p plan.Plan) []int { return []int{p.Needs.Port} }},

	// Instances: AWS's APIs and package repositories, what else a workload fetches from.
	{Web, Internet, outbound},
	{Web, Endpoints, endpoints},
	{Workers, Internet, ofWorkers(outbound)},
	{Workers, Endpoints, ofWorkers(endpoints)},

	// The database: through the proxy where there is one, and then only through it.
	{Web, Database, direct},
	{Web, DatabaseProxy, pooled},
	{Workers, Database, ofWorkers(direct)},
	{Workers, DatabaseProxy, ofWorkers(pooled)},
	{DatabaseProxy, Database, pooled},

	// What else instances share.
	{Web, Cache, cachePort},
	{Web, Locks, locksPort},
	{Web, Files, filesPort},
	{Workers, Cache, ofWorkers(cachePort)},
	{Workers, Locks, ofWorkers(locksPort)},
	{Workers, Files, ofWorkers(filesPort)},
}

func outbound(p plan.Plan) []int  { return append([]int{443}, p.Web.OutboundPorts...) }
func endpoints(p plan.Plan) []int { return when(len(p.Network.InterfaceEndpoints) > 0, 443) }
func direct(p plan.Plan) []int {
	return when(p.Database.Enabled && !p.Database.Proxy, p.Database.Port)
}
func pooled(p plan.Plan) []int    { return when(p.Database.Proxy, p.Database.Port) }
func cachePort(p plan.Plan) []int { return when(p.Cache.Enabled, p.Cache.Port) }
func locksPort(p plan.Plan) []int { return when(p.Locks.Enabled, p.Locks.Port) }
func filesPort(p plan.Plan) []int { return when(p.Files.Enabled, 2049) }

// ofWorkers are the ports of a piece for workers of their own.
func ofWorkers(ports func(plan.Plan) []int) func(plan.Plan) []int {
	return func(p plan.Plan) []int { return when(p.Workers.Enabled, ports(p)...) }
}

func when(condition bool, ports ...int) []int {
	if !condition {
		return nil
	}
	return ports
}

// standing is where each role is meant to stand, if the client has it.
var standing = []struct {
	role Role
	kind func(p plan.Plan) Kind
	has  func(p plan.Plan) bool
}{
	{LoadBalancer, func(p plan.Plan) Kind { return pick(p.LoadBalancer.Internal, Private, Public) }, always},
	{Web, in(Private), always},
	{Workers, in(Private), func(p plan.Plan) bool { return p.Workers.Enabled }},
	{Endpoints, in(Private), func(p plan.Plan) bool { return len(p.Network.InterfaceEndpoints) > 0 }},
	{Database, in(Isolated), func(p plan.Plan) bool { return p.Database.Enabled }},
	{DatabaseProxy, in(Isolated), func(p plan.Plan) bool { return p.Database.Proxy }},
	{Cache, in(Isolated), func(p plan.Plan) bool { return p.Cache.Enabled }},
	{Locks, in(Isolated), func(p plan.Plan) bool { return p.Locks.Enabled }},
	{Files, in(Isolated), func(p plan.Plan) bool { return p.Files.Enabled }},
}

func always(plan.Plan) bool { return true }

func in(kind Kind) func(plan.Plan) Kind { return func(plan.Plan) Kind { return kind } }

// Meant is what a plan means.
func Meant(p plan.Plan) Environment {
	var e Environment
	for _, m := range meant {
		for _, port := range m.ports(p) {
			e.Flows = append(e.Flows, Flow{m.from, m.to, strconv.Itoa(port)})
		}
	}
	var zones, gateways string
	for _, z := range p.Network.Zones {
		zones += z.Letter
		if z.NAT {
			gateways += z.Letter
		}
	}
	for _, s := range standing {
		if s.has(p) {
			e.Places = append(e.Places, Place{s.role, s.kind(p), zones})
		}
	}
	e.Places = append(e.Places, Place{NAT, Public, gateways})
	e.Flows, e.Places = unique(e.Flows), unique(e.Places)
	return e
}

// Compare names what is there and not meant, what is meant and not there, and every finding.
func Compare(is, meant Environment) []string {
	problems := slices.Clone(is.Findings)
	problems = append(problems, apart("flow", is.Flows, meant.Flows)...)
	return append(problems, apart("place", is.Places, meant.Places)...)
}

func apart[T interface {
	comparable
	fmt.Stringer
}](what string, is, meant []T) []string {
	var lines []string
	for _, v := range is {
		if !slices.Contains(meant, v) {
			lines = append(lines, what+" that is not meant: "+v.String())
		}
	}
	for _, v := range meant {
		if !slices.Contains(is, v) {
			lines = append(lines, what+" that is meant and not there: "+v.String())
		}
	}
	return lines
}

// Table prints an environment for people.
func (e Environment) Table() string {
	var out string
	for _, f := range e.Flows {
		out += fmt.Sprintf("  %-15s → %-20s %s\n", f.From, f.To, f.Port)
	}
	for _, p := range e.Places {
		out += fmt.Sprintf("  %-20s %-9s %s\n", p.Role, p.Kind, p.Zones)
	}
	return out
}
