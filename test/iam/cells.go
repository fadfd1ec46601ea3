package iam

import (
	"fmt"
	"path"
)

// Cell is one action on one resource that a statement of a role's policy allows.
type Cell struct {
	Role             Role
	Policy           string
	Statement        int
	Action, Resource string
}

func (c Cell) String() string {
	return fmt.Sprintf("%s: statement %d of %s allows %s on %s", c.Role, c.Statement+1, c.Policy, c.Action, shorten(c.Resource))
}

// cells are all of a role's own policies. Those of AWS are not ours to change.
func (r Role) cells() map[string]Cell {
	found := map[string]Cell{}
	for p, policy := range r.Policies {
		for s, statement := range statements(policy.Document) {
			if statement["Effect"] != "Allow" {
				continue
			}
			for a, action := range texts(statement["Action"]) {
				for i, arn := range texts(statement["Resource"]) {
					found[cellKey(r.ARN, p, s, a, i)] = Cell{r, policy.Name, s, action, arn}
				}
			}
		}
	}
	return found
}

// cellKey tells cells apart by the position of everything.
func cellKey(role string, policy, statement, action, resource int) string {
	return fmt.Sprint(role, " ", policy, " ", statement, " ", action, " ", resource)
}

// used are the cells that allowed a question.
func used(role Role, q question, a answer) []string {
	position := map[string]int{}
	for i, index := range q.Identity {
		position[fmt.Sprint(index)] = i
	}
	var keys []string
	for _, m := range a.Identity {
		for _, action := range m.Actions {
			for _, resource := range m.Resources {
				keys = append(keys, cellKey(role.ARN, position[m.Policy], m.Statement, action, resource))
			}
		}
	}
	return keys
}

// Explained is an entry of a list of exceptions, with its reason.
type Explained struct {
	Principal string `yaml:"principal"` // service that has the role, or that calls
	Action    string `yaml:"action"`    // may have *
	Resource  string `yaml:"resource"`  // without the account, as in messages; may have *, empty: any
	Reason    string `yaml:"reason"`
	Page      string `yaml:"page"`
	uses      int
}

// explains says whether the entry is about this, and counts it.
func (x *Explained) explains(principal, action, arn string) bool {
	like := func(pattern, text string) bool {
		ok, err := path.Match(pattern, text)
		return err == nil && ok
	}
	if x.Principal != principal || !like(x.Action, action) || (x.Resource != "" && !like(x.Resource, shorten(arn))) {
		return false
	}
	x.uses++
	return true
}
