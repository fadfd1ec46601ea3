package flows

import (
	"slices"
	"strings"
)

// Kind of a subnet, by where its default route leads.
type Kind string

// Kinds of subnets.
const (
	Public   Kind = "public"   // to an internet gateway
	Private  Kind = "private"  // to a NAT gateway
	Isolated Kind = "isolated" // nowhere
)

type subnet struct {
	kind Kind
	zone string // letter
}

// places sorts the members by the subnets they stand in.
func (e *Environment) places(t Templates, members []member) {
	subnets := map[node]subnet{}
	for _, n := range t.nodes("AWS::EC2::Subnet") {
		subnets[n] = e.subnet(t, n)
	}
	zones := map[Role]map[Kind][]string{}
	for _, m := range members {
		if len(m.subnets) == 0 {
			e.find("%s (%s) stands in no subnet that is in the templates", m.node, m.role)
		}
		for _, n := range m.subnets {
			s, ok := subnets[n]
			if !ok {
				e.find("%s (%s) stands in %s, which is no subnet", m.node, m.role, n)
				continue
			}
			if zones[m.role] == nil {
				zones[m.role] = map[Kind][]string{}
			}
			zones[m.role][s.kind] = append(zones[m.role][s.kind], s.zone)
		}
	}
	for role, kinds := range zones {
		for kind, letters := range kinds {
			slices.Sort(letters)
			e.Places = append(e.Places, Place{role, kind, strings.Join(slices.Compact(letters), "")})
		}
	}
	e.Places = unique(e.Places)
}

// subnet reads the routes of the one route table that a subnet has.
func (e *Environment) subnet(t Templates, n node) subnet {
	r := t.at(n)
	s := subnet{kind: Isolated}
	if zone := r.text("AvailabilityZone"); zone != "" {
		s.zone = zone[len(zone)-1:]
	}
	if r.Properties["MapPublicIpOnLaunch"] == true {
		e.find("%s gives public addresses to whatever starts in it", n)
	}
	var tables []node
	for _, a := range t.nodes("AWS::EC2::SubnetRouteTableAssociation") {
		if of, ok := t.target(a.stack, t.at(a).Properties["SubnetId"]); ok && of == n {
			tables = append(tables, t.targets(a.stack, t.at(a).Properties["RouteTableId"])...)
		}
	}
	if len(tables) != 1 {
		e.find("%s has %d route tables; without one of its own it has the VPC's main one", n, len(tables))
		return s
	}
	for _, route := range t.nodes("AWS::EC2::Route") {
		p := t.at(route).Properties
		if table, ok := t.target(route.stack, p["RouteTableId"]); !ok || table != tables[0] {
			continue
		}
		s.kind = e.route(t, route, p)
	}
	return s
}

// route is the kind that a route makes a subnet.
func (e *Environment) route(t Templates, n node, p map[string]any) Kind {
	destination, _ := p["DestinationCidrBlock"].(string)
	if destination != anywhere[0] {
		e.find("%s leads to %q; the only route that is meant is the default one", n, destination)
	}
	if gateway, ok := t.target(n.stack, p["GatewayId"]); ok && t.at(gateway).Type == "AWS::EC2::InternetGateway" {
		return Public
	}
	if gateway, ok := t.target(n.stack, p["NatGatewayId"]); ok && t.at(gateway).Type == "AWS::EC2::NatGateway" {
		return Private
	}
	e.find("%s leads to something else than an internet or a NAT gateway", n)
	return Public
}
