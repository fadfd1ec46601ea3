package flows

import (
	"fmt"
	"slices"
	"strings"
)

// Flow is a connection that may be opened: on a TCP port, or on "all" or another
// protocol, which no client means.
type Flow struct {
	From, To Role
	Port     string
}

func (f Flow) String() string { return fmt.Sprintf("%s → %s, port %s", f.From, f.To, f.Port) }

// Place is where a role stands: the kind of subnet by its routes, and the zones.
type Place struct {
	Role  Role
	Kind  Kind
	Zones string // letters in order: "abc"
}

func (p Place) String() string { return fmt.Sprintf("%s in %s subnets of %s", p.Role, p.Kind, p.Zones) }

// Environment is what the templates of one client hold.
type Environment struct {
	Flows    []Flow
	Places   []Place
	Findings []string
}

func (e *Environment) find(format string, arguments ...any) {
	e.Findings = append(e.Findings, fmt.Sprintf(format, arguments...))
}

// Derive reads an environment out of its templates.
func Derive(t Templates) Environment {
	var e Environment

	// 1. Who stands in the VPC, and what instances are told.
	members := e.members(t)
	told := e.configurations(t)
	for i := range members {
		told.apply(&members[i])
	}

	// 2. Who may reach whom.
	g := grouping{e: &e, members: map[node][]member{}}
	g.groups(t, members)
	all := rules(t)
	allowed := g.flows(all)

	// 3. Who wants to reach whom, and on which ports somebody listens.
	e.wanted(t, members, told, allowed)
	e.ports(members, allowed)

	// 4. Where they stand.
	e.places(t, members)

	for _, c := range allowed {
		e.Flows = append(e.Flows, c.flow())
	}
	e.Flows = unique(e.Flows)
	e.Findings = unique(e.Findings)
	return e
}

// unique is the values in the order of their texts, each once.
func unique[T comparable](values []T) []T {
	slices.SortFunc(values, func(a, b T) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return slices.Compact(values)
}
