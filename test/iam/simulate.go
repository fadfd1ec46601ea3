package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// question is one for the simulator.
type question struct {
	Principal string            `json:"principal"` // ARN of a role's session, or a service
	Action    string            `json:"action"`
	Resource  string            `json:"resource"`
	Account   string            `json:"account"` // of the resource
	Context   map[string]string `json:"context,omitempty"`
	Identity  []int             `json:"identity,omitempty"`       // policies of the principal
	Policy    *int              `json:"resourcePolicy,omitempty"` // of the resource
}

// answer is what the simulator says.
type answer struct {
	Error    json.RawMessage `json:"error"`
	Result   string          `json:"result"` // Allowed, ExplicitlyDenied or ImplicitlyDenied
	Ignored  []string        `json:"ignored"`
	Identity []match         `json:"identity"`
	Resource []match         `json:"resource"`
	Denied   []int           `json:"denied"` // statements of the resource's policy
}

func (a answer) allowed() bool { return a.Result == "Allowed" }

// match is a statement that allowed, and by which of its actions and resources.
type match struct {
	Statement int   `json:"statement"`
	Actions   []int `json:"actions"`
	Resources []int `json:"resources"`
	Policy    string
}

// batch collects questions, since starting Node once is dear enough.
type batch struct {
	Policies  []map[string]any `json:"policies"`
	Questions []question       `json:"questions"`
	indexes   map[string]int
}

// policy is the index of a document, which is sent once.
func (b *batch) policy(document map[string]any) (int, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return 0, err
	}
	if b.indexes == nil {
		b.indexes = map[string]int{}
	}
	i, known := b.indexes[string(text)]
	if !known {
		i = len(b.Policies)
		b.indexes[string(text)] = i
		b.Policies = append(b.Policies, document)
	}
	return i, nil
}

// share is how many questions are worth a process of their own.
const share = 1000

// ask runs the simulator on all questions, on as many processors as there are. wildcardOnly are the actions among them for
// which IAM knows no resource.
func (b *batch) ask() (answers []answer, wildcardOnly map[string]bool, err error) {
	processes := max(1, min(runtime.NumCPU(), len(b.Questions)/share))
	parts := make([]outcome, processes)
	var all sync.WaitGroup
	for i := range parts {
		from, to := i*len(b.Questions)/processes, (i+1)*len(b.Questions)/processes
		all.Go(func() { parts[i] = simulate(batch{Policies: b.Policies, Questions: b.Questions[from:to]}) })
	}
	all.Wait()
	wildcardOnly = map[string]bool{}
	for _, part := range parts {
		if part.err != nil {
			return nil, nil, part.err
		}
		answers = append(answers, part.Answers...)
		for _, action := range part.WildcardOnly {
			wildcardOnly[action] = true
		}
	}
	return answers, wildcardOnly, nil
}

// outcome is what simulate.mjs prints.
type outcome struct {
	Answers      []answer
	WildcardOnly []string
	err          error
}

func simulate(b batch) (o outcome) {
	input, err := json.Marshal(b)
	if err != nil {
		return outcome{err: err}
	}
	_, file, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(file), "simulate.mjs")
	node := exec.Command("node", script)
	if pinned := filepath.Join(filepath.Dir(file), "..", "..", "node_modules", ".bin", "node"); exists(pinned) {
		node = exec.Command(pinned, script)
	}
	var failed bytes.Buffer
	node.Stdin, node.Stderr = bytes.NewReader(input), &failed
	output, err := node.Output()
	if err != nil {
		return outcome{err: fmt.Errorf("simulate.mjs (make node_modules installs what it needs): %w\n%s", err, failed.String())}
	}
	if err := json.Unmarshal(output, &o); err != nil {
		return outcome{err: fmt.Errorf("simulate.mjs: %w", err)}
	}
	if len(o.Answers) != len(b.Questions) {
		o.err = fmt.Errorf("simulate.mjs: %d answers to %d questions", len(o.Answers), len(b.Questions))
	}
	return o
}
