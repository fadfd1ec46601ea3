package iam

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/test/iam/record"
)

// World is an environment, with all that a question about it needs.
type World struct {
	Env      *Environment
	Roles    []Role
	Fleets   []Instances
	Names    record.Names
	Policies map[string]Policy // on resources, by ARN
	Keys     map[string]string // of resources, by ARN
	Asks     []Ask

	ofAWS map[string]bool // resources in Asks that are no client's
	owned []string        // ARNs, once asked for
}

// Ask is a question about one call, and where it comes from.
type Ask struct {
	Role      *Role  // nil: a service under its own name
	Principal string // ARN of the session, or the service
	Call      record.Call
	Source    string // recorded or named
	index     int    // in the batch
}

// The sources of an Ask.
const (
	Recorded = "recorded"
	Told     = "named"
)

// Open reads an environment and collects the questions about it.
func Open(golden string, p plan.Plan, to Place, catalogues map[string]record.Catalogue, named Named) (*World, error) {
	e, err := Load(golden, p, to)
	if err != nil {
		return nil, err
	}
	w := &World{Env: e, ofAWS: map[string]bool{}}
	if w.Roles, err = e.roles(); err != nil {
		return nil, err
	}
	if w.Fleets, err = e.instances(w.Roles); err != nil {
		return nil, err
	}
	if w.Names, err = e.names(w.Fleets); err != nil {
		return nil, err
	}
	if w.Policies, err = e.resourcePolicies(); err != nil {
		return nil, err
	}
	if w.Keys, err = e.keys(); err != nil {
		return nil, err
	}
	for _, f := range w.Fleets {
		if err := w.recorded(f, p.Client, catalogues, named.Implied); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Role, err)
		}
	}
	for i := range w.Roles {
		if err := w.named(&w.Roles[i], named); err != nil {
			return nil, fmt.Errorf("%s: %w", w.Roles[i], err)
		}
	}
	return w, w.services(named.Services)
}

// recorded are the calls of a fleet, and what follows from them.
func (w *World) recorded(f Instances, client string, catalogues map[string]record.Catalogue, implied []*Implied) error {
	own := false
	for _, name := range sorted(catalogues) {
		c := catalogues[name]
		if !f.makes(c.Who, client) {
			continue
		}
		own = own || c.Who.Client != ""
		for _, call := range c.Calls {
			filled, err := fill(call, f.Names)
			if err != nil {
				return fmt.Errorf("catalogue %s: %s: %w", name, call, err)
			}
			w.add(&f.Role, filled, Recorded)
			for _, i := range implied {
				if follows, ok := i.call(filled, w, f.Names); ok {
					w.add(&f.Role, follows, Told)
				}
			}
		}
	}
	if !own {
		return errors.New("no boot of these instances was recorded; the boot tests of test/system record it with -update-calls")
	}
	return nil
}

func fill(c record.Call, n record.Names) (record.Call, error) {
	resource, err := n.Fill(c.Resource)
	if err != nil {
		return c, err
	}
	filled := record.Call{Operation: c.Operation, Action: c.Action, Resource: resource}
	for key, value := range c.Context {
		text, err := n.Fill(value)
		if err != nil {
			return c, err
		}
		if filled.Context == nil {
			filled.Context = map[string]string{}
		}
		filled.Context[key] = text
	}
	return filled, nil
}

// add asks once what is asked several times.
func (w *World) add(r *Role, c record.Call, source string) {
	for _, a := range w.Asks {
		if a.Role != nil && a.Role.ARN == r.ARN && a.Call.String() == c.String() {
			return
		}
	}
	session := strings.Replace(strings.Replace(r.ARN, ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1) + "/session"
	w.Asks = append(w.Asks, Ask{Role: r, Principal: session, Call: c, Source: source})
}

// named are the calls of what has a role.
func (w *World) named(r *Role, named Named) error {
	n := maps.Clone(w.Names)
	r.userNames(n)
	for _, c := range named.Roles {
		if c.Principal != r.Service || !c.applies(n) {
			continue
		}
		c.uses++
		for _, action := range c.Actions {
			filled, err := fill(record.Call{Operation: action, Action: action, Resource: c.Resource, Context: c.Context}, n)
			if err != nil {
				return fmt.Errorf("named call %s: %w", action, err)
			}
			if c.OfAWS {
				w.ofAWS[filled.Resource] = true
			}
			w.add(r, filled, Told)
			for _, i := range named.Implied {
				if follows, ok := i.call(filled, w, n); ok {
					w.add(r, follows, Told)
				}
			}
		}
	}
	for _, arn := range r.Managed {
		managed, known := named.Managed[arn]
		if !known {
			return fmt.Errorf("%s is attached and not among the managed policies of named-calls.yaml", arn)
		}
		r.managed = append(r.managed, Policy{arn, map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{"Effect": "Allow", "Action": managed.Allowed, "Resource": "*"},
		}}})
	}
	return nil
}

func (w *World) services(calls []*NamedCall) error {
	for _, c := range calls {
		if !c.applies(w.Names) {
			continue
		}
		c.uses++
		for _, action := range c.Actions {
			filled, err := fill(record.Call{Operation: action, Action: action, Resource: c.Resource, Context: c.Context}, w.Names)
			if err != nil {
				return fmt.Errorf("named call %s of %s: %w", action, c.Principal, err)
			}
			w.Asks = append(w.Asks, Ask{Principal: c.Principal, Call: filled, Source: Told})
		}
	}
	return nil
}

// call is what follows from a call, if anything does.
func (i *Implied) call(c record.Call, w *World, n record.Names) (record.Call, bool) {
	if !slices.Contains(i.After, c.Operation) {
		return record.Call{}, false
	}
	follows := record.Call{Operation: c.Operation + " → " + i.Action, Action: i.Action, Resource: c.Resource, Context: c.Context}
	owner := c.Resource
	if rest, isS3 := strings.CutPrefix(owner, "arn:aws:s3:::"); isS3 {
		bucket, _, _ := strings.Cut(rest, "/")
		owner = "arn:aws:s3:::" + bucket
	}
	switch {
	case i.Via != "":
		key, encrypted := w.Keys[owner]
		if !encrypted {
			return record.Call{}, false
		}
		follows.Resource = key
		follows.Context = map[string]string{"kms:ViaService": i.Via + "." + w.Env.Region + ".amazonaws.com"}
	case i.On != "":
		if owner != "arn:aws:s3:::"+n[i.On] {
			return record.Call{}, false
		}
		follows.Resource = owner
	}
	i.uses++
	return follows, true
}

// question of an Ask: the role's policies, and the policy of the resource in the world that has it.
func (a Ask) question(b *batch, in *World) (question, error) {
	q := question{
		Principal: a.Principal, Action: a.Call.Action, Resource: a.Call.Resource, Account: in.Env.Account,
		Context: map[string]string{"aws:SecureTransport": "true"},
	}
	maps.Copy(q.Context, a.Call.Context)
	if a.Role != nil {
		q.Context["aws:PrincipalArn"] = a.Role.ARN
		for _, p := range append(a.Role.Policies[:len(a.Role.Policies):len(a.Role.Policies)], a.Role.managed...) {
			i, err := b.policy(p.Document)
			if err != nil {
				return q, err
			}
			q.Identity = append(q.Identity, i)
		}
	}
	if p, has := policyOf(in.Policies, a.Call.Resource); has {
		i, err := b.policy(p.Document)
		if err != nil {
			return q, err
		}
		q.Policy = &i
	}
	return q, nil
}

// add puts an Ask into a batch and returns its place there.
func (b *batch) add(a Ask, in *World) (int, error) {
	q, err := a.question(b, in)
	if err != nil {
		return 0, err
	}
	b.Questions = append(b.Questions, q)
	return len(b.Questions) - 1, nil
}
