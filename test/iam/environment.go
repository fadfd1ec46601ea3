package iam

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lectern/lectern/config/plan"
)

// Environment is a client's templates in an account.
type Environment struct {
	Client  string
	Account string
	Region  string
	stacks  map[string]*stack // by name
}

type stack struct {
	env       *Environment
	name      string
	region    string
	Resources map[string]resource
	Outputs   map[string]struct{ Value any }
}

type resource struct {
	Type       string
	Properties map[string]any
}

// Place is where an environment is put. A client that is put elsewhere than its file says has another account, region
// and name in every text of its templates.
type Place struct{ Account, Region, Client string }

// Load reads the golden templates of a plan, as if its file said so.
func Load(golden string, p plan.Plan, to Place) (*Environment, error) {
	e := &Environment{Client: to.Client, Account: to.Account, Region: to.Region, stacks: map[string]*stack{}}
	move := strings.NewReplacer(
		p.Account, to.Account,
		p.Region, to.Region,
		"lectern-"+p.Client+"-", "lectern-"+to.Client+"-",
		"/lectern/"+p.Client+"/", "/lectern/"+to.Client+"/",
		`\"client\":\"`+p.Client+`\"`, `\"client\":\"`+to.Client+`\"`,
	)
	for _, planned := range p.Stacks {
		file := filepath.Join(golden, p.Client+"-"+planned.Kind+".json")
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		s := &stack{env: e, name: move.Replace(planned.ID), region: move.Replace(planned.Region)}
		if err := json.Unmarshal([]byte(move.Replace(string(content))), s); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		e.stacks[s.name] = s
	}
	return e, nil
}

// At is where the client file puts a plan.
func At(p plan.Plan) Place { return Place{Account: p.Account, Region: p.Region, Client: p.Client} }

// thing is a resource in its stack.
type thing struct {
	stack *stack
	id    string
	resource
}

func (t thing) String() string { return t.stack.name + "/" + t.id }

// all are the resources of a type, in order; every type if it is empty.
func (e *Environment) all(kind string) []thing {
	var found []thing
	for _, name := range sorted(e.stacks) {
		s := e.stacks[name]
		for _, id := range sorted(s.Resources) {
			if r := s.Resources[id]; kind == "" || r.Type == kind {
				found = append(found, thing{s, id, r})
			}
		}
	}
	return found
}

// property is a resolved property.
func (t thing) property(path ...string) (any, error) {
	var value any = t.Properties
	for _, key := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, nil
		}
		value = object[key]
	}
	if value == nil {
		return nil, nil
	}
	resolved, err := t.stack.resolve(value)
	if err != nil {
		return nil, fmt.Errorf("%s.%s: %w", t, strings.Join(path, "."), err)
	}
	return resolved, nil
}

func (t thing) text(path ...string) (string, error) {
	value, err := t.property(path...)
	text, _ := value.(string)
	return text, err
}
