package change

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Compare says what deploying after over before would do.
func Compare(before, after *Assembly) Report {
	c := newComparison(before, after)
	c.propagate()
	c.findMoves()
	c.judgeRelations()
	c.judgeCollisions()
	c.judgeFates()
	c.judgeOrder()
	return c.report()
}

// certainty of a replacement.
type certainty int

const (
	no certainty = iota
	perhaps
	yes
)

// state is a resource before and after, and what is found out about it.
type state struct {
	key, stack, id string
	before, after  *Resource // with resolved properties; nil where it does not exist
	replaced       certainty
	elsewhere      bool   // its stack is another one, in another region or account
	movedTo        *state // the resource that takes its place, elsewhere
	movedFrom      *state
	changes        []difference
	findings       []Finding
}

// current is the resource as it is last.
func (s *state) current() *Resource {
	if s.after != nil {
		return s.after
	}
	return s.before
}

// stays says whether there is such a resource before and after, of the same type.
func (s *state) stays() bool {
	return s.before != nil && s.after != nil && s.before.Type == s.after.Type
}

// goes says whether the resource that was there before is removed in the end, perhaps.
func (s *state) goes() bool {
	return s.before != nil && (s.after == nil || s.replaced != no)
}

func (s *state) find(f Finding) { s.findings = append(s.findings, f) }

type comparison struct {
	before, after *Assembly
	states        map[string]*state
	keys          []string // in order, so that reports are the same each time
	order         []string // stacks of the assembly after, as they are deployed
}

// sameStack says whether both are one stack: one that changes its region or account is
// another.
func sameStack(a, b *Stack) bool {
	return a != nil && b != nil && a.Region == b.Region && a.Account == b.Account
}

func newComparison(before, after *Assembly) *comparison {
	c := &comparison{before: before, after: after, states: map[string]*state{}}
	for _, s := range before.Stacks {
		for id, r := range s.Template.Resources {
			resolved := *r
			resolved.Properties, _ = before.resolve(s, r.Properties).(map[string]any)
			key := s.Name + "/" + id
			c.states[key] = &state{key: key, stack: s.Name, id: id, before: &resolved}
		}
	}
	for _, s := range after.Stacks {
		for id, r := range s.Template.Resources {
			resolved := *r
			resolved.Properties, _ = after.resolve(s, r.Properties).(map[string]any)
			key := s.Name + "/" + id
			if c.states[key] == nil {
				c.states[key] = &state{key: key, stack: s.Name, id: id}
			}
			c.states[key].after = &resolved
		}
	}
	for _, s := range c.states {
		s.elsewhere = s.before != nil && s.after != nil && !sameStack(before.stack(s.stack), after.stack(s.stack))
		if s.before != nil && s.after != nil && s.before.Type != s.after.Type || s.elsewhere {
			s.replaced = yes
		}
	}
	c.keys = slices.Sorted(maps.Keys(c.states))
	return c
}

// propagate finds what changes and is replaced, until no replacement causes another.
func (c *comparison) propagate() {
	for changed := true; changed; {
		changed = false
		for _, key := range c.keys {
			s := c.states[key]
			if !s.stays() {
				continue
			}
			was, before := s.replaced, len(s.changes)
			s.changes = c.changes(s)
			s.findings = nil
			for _, d := range s.changes {
				f := c.judge(s, d)
				s.find(f)
				if f.Effect == Replacement {
					s.replaced = max(s.replaced, pick(f.Perhaps, perhaps, yes))
				}
			}
			changed = changed || s.replaced != was || len(s.changes) != before
		}
	}
	for _, key := range c.keys {
		s := c.states[key]
		if s.stays() && s.replaced == yes {
			// It is not changed in place, so that what this would mean does not matter.
			s.findings = slices.DeleteFunc(s.findings, func(f Finding) bool { return f.Effect != Replacement && f.Effect != Unknown })
		}
		if s.stays() && len(s.changes) == 0 {
			c.attributes(s)
		}
	}
}

// changes are the properties that differ, and those that refer to what changes.
func (c *comparison) changes(s *state) []difference {
	found := differences("", anyOf(s.before.Properties), anyOf(s.after.Properties))
	return append(found, c.referring("", s.before.Properties, s.after.Properties)...)
}

func anyOf(properties map[string]any) any {
	if properties == nil {
		return map[string]any{}
	}
	return properties
}

// referring are the properties that read the same and get another value, because they
// refer to a resource that is replaced.
func (c *comparison) referring(path string, old, fresh any) []difference {
	o, isObject := old.(map[string]any)
	n, both := fresh.(map[string]any)
	if isObject && both && !intrinsic(n) {
		var found []difference
		for _, key := range slices.Sorted(maps.Keys(n)) {
			if before, ok := o[key]; ok {
				found = append(found, c.referring(join(path, key), before, n[key])...)
			}
		}
		return found
	}
	if !reflect.DeepEqual(old, fresh) {
		return nil
	}
	for _, r := range references(fresh) {
		if certain := c.valueChanges(r); certain != no {
			return []difference{{path: path, old: old, new: fresh, cause: r.key, perhaps: certain == perhaps}}
		}
	}
	return nil
}

// valueChanges says whether Ref or an attribute of a resource gives another value.
func (c *comparison) valueChanges(r reference) certainty {
	s := c.states[r.key]
	if s == nil || s.before == nil || s.after == nil {
		return no
	}
	if s.replaced != no {
		return s.replaced
	}
	if slices.Contains(movingAttributes[s.after.Type], r.attribute) && slices.ContainsFunc(s.changes, func(d difference) bool { return !isTags(s.after.Type, d) }) {
		return yes
	}
	return no
}

// movingAttributes change with the properties of their resource, not only with a replacement.
var movingAttributes = map[string][]string{
	"AWS::EC2::LaunchTemplate": {"LatestVersionNumber", "DefaultVersionNumber"},
	"AWS::SSM::Parameter":      {"Value"},
}

// attributes of a resource that stays as it is in all its properties.
func (c *comparison) attributes(s *state) {
	changed := func(name string, same bool) {
		if !same {
			s.find(Finding{Property: name, Effect: None, Text: "how CloudFormation treats it changes, the resource stays as it is"})
		}
	}
	changed("DeletionPolicy", s.before.DeletionPolicy == s.after.DeletionPolicy)
	changed("UpdateReplacePolicy", s.before.UpdateReplacePolicy == s.after.UpdateReplacePolicy)
	changed("UpdatePolicy", reflect.DeepEqual(s.before.UpdatePolicy, s.after.UpdatePolicy))
	changed("CreationPolicy", reflect.DeepEqual(s.before.CreationPolicy, s.after.CreationPolicy))
	changed("Metadata", reflect.DeepEqual(spoken(s.before.Metadata), spoken(s.after.Metadata)))
	changed("DependsOn", reflect.DeepEqual(s.before.DependsOn, s.after.DependsOn))
}

// spoken is metadata without what the CDK CLI adds for itself.
func spoken(metadata map[string]any) map[string]any {
	rest := map[string]any{}
	for key, value := range metadata {
		if !strings.HasPrefix(key, "aws:cdk:") && !strings.HasPrefix(key, "aws:asset:") {
			rest[key] = value
		}
	}
	return rest
}

// judge says what a changed property means: by a rule of this package, else by the
// specification.
func (c *comparison) judge(s *state, d difference) Finding {
	f, found := c.judgeByRule(s, d)
	if !found {
		f = bySpecification(s, d)
	}
	f.Property, f.From, f.To = d.path, text(d.old), text(d.new)
	if d.cause != "" {
		f.From, f.To = "", ""
		f.Text = cmp.Or(f.Text, "it stays") + "; " + d.cause + pick(d.perhaps, " is perhaps another one", " is another one, or another version")
	}
	f.Perhaps = f.Effect != None && (f.Perhaps || d.perhaps)
	return f
}

func bySpecification(s *state, d difference) Finding {
	resourceType := s.after.Type
	known, ok := spec()[resourceType]
	if !ok {
		return Finding{Effect: Unknown, Text: "the specification has no type " + resourceType, Way: "add its service to stacks/change/generate/spec.mjs"}
	}
	page := Page(resourceType, d.path)
	property := d.property()
	switch {
	case concerns(property, known.Replaces):
		return Finding{Effect: Replacement, Text: "CloudFormation makes another one", Page: page}
	case concerns(property, known.MayReplace):
		return Finding{Effect: Replacement, Perhaps: true, Text: "CloudFormation makes another one under conditions", Page: page}
	case isTags(resourceType, d):
		return Finding{Effect: None, Text: "its tags change"}
	}
	switch known.Says[top(property)] {
	case "new-id":
		return Finding{Effect: Refused, Text: "it cannot change in place", Way: "give it another logical id, which makes another one", Page: page}
	case "refused":
		return Finding{Effect: Refused, Text: "it cannot change once the resource is there", Page: page}
	case "restart":
		return Finding{Effect: Restart, Perhaps: true, Text: "it may need a restart", Page: page}
	case "interruption":
		return Finding{Effect: Interruption, Perhaps: true, Text: "some interruption", Page: page}
	case "maybe":
		return Finding{Effect: Replacement, Perhaps: true, Text: "CloudFormation makes another one under conditions", Page: page}
	}
	return Finding{Effect: None, Text: "it changes in place", Page: page}
}

// isTags says whether only tags differ.
func isTags(resourceType string, d difference) bool {
	tags := cmp.Or(spec()[resourceType].Tags, "Tags")
	return top(d.path) == tags || strings.HasSuffix(brackets.ReplaceAllString(d.path, ""), "TagSpecifications")
}

func pick[T any](condition bool, a, b T) T {
	if condition {
		return a
	}
	return b
}
