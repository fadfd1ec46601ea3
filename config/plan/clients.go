package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lectern/lectern/config"
)

// Clients are the plans of all client files of a directory, by name.
type Clients struct {
	Plans []Plan `json:"plans"`
}

// Load reads and resolves every client file of a directory and checks them
// against each other. It reports all problems of all files at once; a file that
// cannot be read hides none of the others'. Files with problems have no plan.
func Load(dir string) (Clients, config.Problems) {
	files, problems := config.ReadDir(dir)
	return Together(files, problems)
}

// Together is Load for files that are already read, with the problems found then.
func Together(files []config.File, problems config.Problems) (Clients, config.Problems) {
	var all []client
	for _, f := range files {
		if f.Client.Name == "" {
			continue // not even decoded; its problems say so
		}
		p, more := Resolve(f)
		problems = append(problems, news(more, problems)...)
		all = append(all, client{f, p})
	}
	problems = append(problems, cidrProblems(all)...)
	problems = append(problems, domainProblems(all)...)

	c := Clients{Plans: []Plan{}}
	for _, one := range all {
		broken := slices.ContainsFunc(problems, func(p config.Problem) bool { return p.File == one.file.Path })
		if !broken {
			c.Plans = append(c.Plans, one.plan)
		}
	}
	slices.SortFunc(c.Plans, func(a, b Plan) int { return strings.Compare(a.Client, b.Client) })
	return c, problems.Sorted()
}

// client is a file and what was decided about it.
type client struct {
	file config.File
	plan Plan
}

// Find is the plan of the client of that name.
func (c Clients) Find(name string) (Plan, error) {
	i := slices.IndexFunc(c.Plans, func(p Plan) bool { return p.Client == name })
	if i >= 0 {
		return c.Plans[i], nil
	}
	names := c.Names()
	if len(names) == 0 {
		return Plan{}, fmt.Errorf("there is no client %q; there is none at all: `lectern client new NAME` writes a client file", name)
	}
	message := fmt.Sprintf("there is no client %q", name)
	if near := config.Nearest(name, names); near != "" {
		message += fmt.Sprintf("; did you mean %s?", near)
	}
	return Plan{}, fmt.Errorf("%s; the clients are %s", message, strings.Join(names, ", "))
}

// Names of the clients.
func (c Clients) Names() []string {
	names := []string{}
	for _, p := range c.Plans {
		names = append(names, p.Client)
	}
	return names
}

// news is what of problems is not about a key that known already refuses: one
// cause, one problem.
func news(problems, known config.Problems) config.Problems {
	var kept config.Problems
	for _, p := range problems {
		told := slices.ContainsFunc(known, func(k config.Problem) bool { return k.File == p.File && k.Path == p.Path })
		if !told {
			kept = append(kept, p)
		}
	}
	return kept
}
