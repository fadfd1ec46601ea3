package change

import "slices"

// Report is what deploying one assembly over another would do. Its JSON is what
// `lectern diff --json` prints.
type Report struct {
	// Stacks that change, in the order of their deployment; those that leave come last.
	Stacks []StackReport `json:"stacks"`
	// Deploy are the commands that work, in order. Empty when nothing changes.
	Deploy []Step `json:"deploy"`
	// Worst is the gravest effect of all.
	Worst Effect `json:"worst"`
}

// StackReport is what happens in one stack.
type StackReport struct {
	Name   string `json:"name"`
	Region string `json:"region"`
	// Fate is "changed", "comes" or "leaves".
	Fate string `json:"fate"`
	// Notes are about the stack as a whole.
	Notes []string `json:"notes"`
	// Changes, the gravest first.
	Changes []Change `json:"changes"`
}

// Change is what happens to one resource.
type Change struct {
	Stack string `json:"stack"`
	ID    string `json:"id"`
	Type  string `json:"type"`
	// Path of the construct, below its stack; the logical id where there is none.
	Path string `json:"path"`
	// Kind is "added", "removed", "changed", "replaced" or "moved" (which CloudFormation
	// does by making another one and removing the first).
	Kind string `json:"kind"`
	// To is where a moved resource goes: STACK/ID.
	To string `json:"to,omitempty"`
	// HoldsData says that its loss is a loss of data.
	HoldsData bool `json:"holdsData"`
	// Retained says that its DeletionPolicy, or UpdateReplacePolicy, keeps it.
	Retained bool `json:"retained"`
	// Worst is the gravest effect of the findings; Perhaps says that it is known only
	// during the deployment.
	Worst   Effect `json:"worst"`
	Perhaps bool   `json:"perhaps"`
	// Findings, the gravest first.
	Findings []Finding `json:"findings"`
}

// Finding is one thing that a change means.
type Finding struct {
	// Property that changes, by path; empty where it is about the resource.
	Property string `json:"property,omitempty"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Effect   Effect `json:"effect"`
	Perhaps  bool   `json:"perhaps"`
	// Seconds that a failover takes about, 0 where it is not one.
	Seconds int `json:"seconds,omitempty"`
	// Text says what happens, Way what to do instead, Page where AWS says so.
	Text string `json:"text"`
	Way  string `json:"way,omitempty"`
	Page string `json:"page,omitempty"`
}

// Step is a command that people run.
type Step struct {
	Command string `json:"command"`
	// Why, in a few words.
	Why string `json:"why"`
}

// Grave says that a change costs data or is refused: what holds data is replaced,
// removed or written over, AWS refuses it, or nobody knows what it means.
func (c Change) Grave() bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool {
		return f.Effect >= Unknown || c.HoldsData && f.Effect >= Replacement
	})
}

// Grave are the changes that cost data or are refused.
func (r Report) Grave() []Change {
	var grave []Change
	for _, s := range r.Stacks {
		for _, c := range s.Changes {
			if c.Grave() {
				grave = append(grave, c)
			}
		}
	}
	return grave
}

// Changes are all changes.
func (r Report) Changes() []Change {
	var all []Change
	for _, s := range r.Stacks {
		all = append(all, s.Changes...)
	}
	return all
}
