package flows

import (
	"fmt"
	"slices"
	"strconv"
)

// connection is a Flow between two members; one outside of the VPC has no node.
type connection struct {
	from, to         node
	fromRole, toRole Role
	protocol         string
	low, high        int
}

func (c connection) flow() Flow {
	port := strconv.Itoa(c.low)
	switch {
	case c.protocol == "-1":
		port = "all"
	case c.low != c.high:
		port = fmt.Sprintf("%d-%d", c.low, c.high)
	}
	if c.protocol != "tcp" && c.protocol != "-1" {
		port = c.protocol + " " + port
	}
	return Flow{From: c.fromRole, To: c.toRole, Port: port}
}

func (c connection) carries(port int) bool {
	return c.protocol == "-1" || c.protocol == "tcp" && c.low <= port && port <= c.high
}

// grouping is who is in which security group.
type grouping struct {
	e       *Environment
	members map[node][]member
}

// endpointGroup describes the one group that is there without members too: that of interface endpoints, which rules of
// another stack may still name when the last endpoint goes (ADR 21).
const endpointGroup = "Interface endpoints of AWS services"

// groups sorts the members into their groups. A member without one is in the VPC's
// default group; a group without a member is nobody's.
func (g grouping) groups(t Templates, members []member) {
	for _, m := range members {
		if len(m.groups) == 0 && !m.groupless {
			g.e.find("%s (%s) has no security group that is in the templates: it would be in the VPC's default group", m.node, m.role)
		}
		for _, group := range m.groups {
			if t.at(group).Type != "AWS::EC2::SecurityGroup" {
				g.e.find("%s (%s) is in %s, which is no security group", m.node, m.role, group)
				continue
			}
			g.members[group] = append(g.members[group], m)
		}
	}
	for _, group := range t.nodes("AWS::EC2::SecurityGroup") {
		if len(g.members[group]) == 0 && t.at(group).Properties["GroupDescription"] != endpointGroup {
			g.e.find("security group %s is nobody's", group)
		}
	}
}

// flows are what both sides allow. A rule that names a group needs one on the other
// side that names this group; the internet and CloudFront have no side of their own.
func (g grouping) flows(all []rule) []connection {
	var allowed []connection
	for _, r := range all {
		switch {
		case r.cidr == nobody:
		case r.peer != node{}:
			if !slices.ContainsFunc(all, func(o rule) bool {
				return o.egress != r.egress && o.group == r.peer && o.peer == r.group && o.covers(r)
			}) {
				g.e.find("%s allows %s on one side only: no %s rule of %s names %s", r.node, r.span(), pick(r.egress, "ingress", "egress"), r.peer, r.group)
				continue
			}
			if !r.egress { // each connection once
				allowed = append(allowed, g.connections(r, g.members[r.peer], g.members[r.group])...)
			}
		default:
			allowed = append(allowed, g.connections(r, nil, g.members[r.group])...)
		}
	}
	return allowed
}

// connections from each source to each target; sources are outside of the VPC where there are none.
func (g grouping) connections(r rule, sources, targets []member) []connection {
	base := connection{protocol: r.protocol, low: r.from, high: r.to}
	var list []connection
	for _, target := range targets {
		c := base
		c.to, c.toRole = target.node, target.role
		if r.peer == (node{}) {
			c.fromRole = r.outside()
			if r.egress {
				c.from, c.fromRole, c.to, c.toRole = c.to, c.toRole, c.from, c.fromRole
			}
			list = append(list, c)
			continue
		}
		for _, source := range sources {
			c.from, c.fromRole = source.node, source.role
			list = append(list, c)
		}
	}
	return list
}

// outside is who is on the far side of a rule that names no group. An address range is a role of its own, which no
// table means: inside of the VPC rules name groups.
func (r rule) outside() Role {
	switch {
	case r.prefixList != "" && !r.egress:
		return CloudFront
	case slices.Contains(anywhere, r.cidr):
		return Internet
	}
	return Role("addresses " + r.cidr + r.prefixList)
}

func (r rule) span() string {
	return connection{protocol: r.protocol, low: r.from, high: r.to}.flow().Port
}

func pick[T any](condition bool, yes, no T) T {
	if condition {
		return yes
	}
	return no
}
