package change

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const everythingAllowed = `'{"Statement":[{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}]}'`

// report puts what was found into order.
func (c *comparison) report() Report {
	r := Report{Stacks: []StackReport{}, Deploy: []Step{}}
	names := slices.Clone(c.order)
	for _, s := range c.before.Stacks {
		if c.after.stack(s.Name) == nil {
			names = append(names, s.Name)
		}
	}
	for _, name := range names {
		if s, changed := c.stackReport(name); changed {
			r.Stacks = append(r.Stacks, s)
		}
	}
	for _, change := range r.Changes() {
		r.Worst = max(r.Worst, change.Worst)
	}
	r.Deploy = append(r.Deploy, c.steps(r)...)
	return r
}

func (c *comparison) stackReport(name string) (StackReport, bool) {
	before, after := c.before.stack(name), c.after.stack(name)
	s := StackReport{Name: name, Fate: "changed", Notes: []string{}, Changes: []Change{}}
	switch {
	case after == nil:
		s.Fate, s.Region = "leaves", before.Region
		s.Notes = append(s.Notes, "CDK does not know this stack any more, so that it neither deploys nor destroys it: delete it when all others have been deployed.")
	case before == nil:
		s.Fate, s.Region = "comes", after.Region
	default:
		s.Region = after.Region
		s.Notes = append(s.Notes, c.stackNotes(before, after)...)
	}
	for _, key := range c.keys {
		if state := c.states[key]; state.stack == name {
			if change, changed := state.change(); changed {
				s.Changes = append(s.Changes, change)
			}
		}
	}
	if s.Fate == "changed" && len(s.Changes)+len(s.Notes) == 0 && before.raw != after.raw {
		s.Notes = append(s.Notes, "No resource changes, only its description, metadata or outputs.")
	}
	slices.SortStableFunc(s.Changes, func(a, b Change) int { return cmp.Compare(rank(b), rank(a)) })
	return s, len(s.Changes) > 0 || len(s.Notes) > 0
}

func (c *comparison) stackNotes(before, after *Stack) []string {
	var notes []string
	if !sameStack(before, after) {
		notes = append(notes, fmt.Sprintf("It goes from %s in account %s to %s in account %s: there it is a new stack, and the old one stays until it is deleted.", before.Region, before.Account, after.Region, after.Account))
	}
	if before.TerminationProtection != after.TerminationProtection {
		notes = append(notes, pick(after.TerminationProtection, "CloudFormation refuses from now on to delete it.", "CloudFormation does not refuse any more to delete it."))
	}
	if denied := c.denied(before); len(denied) > 0 && sameStack(before, after) {
		notes = append(notes, "Its stack policy, where it is set, refuses to remove or replace "+strings.Join(denied, ", ")+".")
	}
	return notes
}

// denied are the logical ids that a stack's policy keeps and that go nevertheless.
func (c *comparison) denied(stack *Stack) []string {
	var ids []string
	for _, key := range c.keys {
		s := c.states[key]
		if s.stack == stack.Name && s.goes() && stack.Policy.denies(pick(s.after == nil, "Update:Delete", "Update:Replace"), s.id) {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// change is what is reported about a resource; false when nothing happens to it.
func (s *state) change() (Change, bool) {
	c := Change{
		Stack: s.stack, ID: s.id, Type: s.current().Type, Path: path(s), Kind: "changed",
		Findings: slices.Clone(s.findings), HoldsData: s.before != nil && holdsData(s.before),
	}
	switch {
	case s.before == nil:
		c.Kind = "added"
	case s.movedTo != nil:
		c.Kind, c.To = "moved", s.movedTo.key
	case s.after == nil:
		c.Kind = "removed"
	case s.replaced != no:
		c.Kind = "replaced"
	case len(s.findings) == 0:
		return Change{}, false
	}
	c.Retained = s.goes() && retained(s)
	if len(c.Findings) == 0 {
		c.Findings = append(c.Findings, Finding{Effect: None, Text: "it is new"})
	}
	slices.SortStableFunc(c.Findings, func(a, b Finding) int { return cmp.Compare(b.Effect, a.Effect) })
	c.Worst, c.Perhaps = c.Findings[0].Effect, c.Findings[0].Perhaps
	for _, f := range c.Findings {
		if f.Effect == c.Worst && !f.Perhaps {
			c.Perhaps = false
		}
	}
	return c, true
}

// rank orders changes for people, the gravest first: what costs data or is refused,
// what interrupts, what goes without harm, and the rest.
func rank(c Change) int {
	const grave, interrupting = 1000, 500
	worst := 0
	for _, f := range c.Findings {
		switch {
		case f.Effect >= Unknown || c.HoldsData && f.Effect >= Replacement:
			worst = max(worst, grave+int(f.Effect))
		case f.Effect >= Interruption && f.Effect <= Downtime:
			worst = max(worst, interrupting+int(f.Effect))
		default:
			worst = max(worst, int(f.Effect))
		}
	}
	return worst
}

// steps are the commands that deploy what changes.
func (c *comparison) steps(r Report) []Step {
	var first, deploy, last []Step
	for _, s := range r.Stacks {
		before, after := c.before.stack(s.Name), c.after.stack(s.Name)
		switch {
		case before != nil && after != nil && !sameStack(before, after):
			last = append(last, leave(before)...)
		case before != nil && after != nil && len(c.denied(before)) > 0:
			set := fmt.Sprintf("aws cloudformation set-stack-policy --region %s --stack-name %s --stack-policy-body ", s.Region, s.Name)
			first = append(first, Step{set + everythingAllowed, "its stack policy refuses what this deployment does, where it is set"})
			last = append(last, Step{set + "file://cdk.out/" + s.Name + ".stack-policy.json", "what holds data is protected again"})
		case after == nil:
			last = append(last, leave(before)...)
		}
	}
	changed := slices.ContainsFunc(r.Stacks, func(s StackReport) bool { return s.Fate != "leaves" })
	if changed {
		deploy = c.deployments(r)
	}
	return slices.Concat(first, deploy, last)
}

// deployments are one command, and others before it for the stacks that come earlier
// than the CDK CLI has them. Of several stacks the CLI deploys in its own order, so each
// command names only such as are in that order.
func (c *comparison) deployments(r Report) []Step {
	var rest []string
	var early [][]string
	for _, s := range r.Stacks {
		if s.Fate != "leaves" {
			rest = append(rest, s.Name)
		}
	}
	place := func(a, b string) int { return cmp.Compare(c.after.position(a), c.after.position(b)) }
	for !slices.IsSortedFunc(rest, place) {
		if last := len(early) - 1; last < 0 || place(early[last][len(early[last])-1], rest[0]) > 0 {
			early = append(early, nil)
		}
		early[len(early)-1] = append(early[len(early)-1], rest[0])
		rest = rest[1:]
	}
	var steps []Step
	for _, names := range early {
		steps = append(steps, Step{fmt.Sprintf("npx cdk deploy -c client=%s %s --exclusively", strings.Join(c.clients(), ","), strings.Join(names, " ")), "these let go of what is then removed"})
	}
	return append(steps, Step{fmt.Sprintf("npx cdk deploy -c client=%s --all", strings.Join(c.clients(), ",")), "all stacks, in their order"})
}

func (c *comparison) clients() []string {
	var names []string
	for _, s := range c.after.Stacks {
		if name := clientOf(s.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// clientOf is the client of a stack: lectern-CLIENT-KIND.
func clientOf(stack string) string {
	rest, _ := strings.CutPrefix(stack, "lectern-")
	if end := strings.LastIndex(rest, "-"); end >= 0 {
		return rest[:end]
	}
	return rest
}

// leave deletes a stack that the assembly does not have any more.
func leave(s *Stack) []Step {
	var steps []Step
	if s.TerminationProtection {
		steps = append(steps, Step{fmt.Sprintf("aws cloudformation update-termination-protection --region %s --stack-name %s --no-enable-termination-protection", s.Region, s.Name), "it is protected against its deletion"})
	}
	return append(steps, Step{fmt.Sprintf("aws cloudformation delete-stack --region %s --stack-name %s", s.Region, s.Name), "CDK does not know it any more"})
}
