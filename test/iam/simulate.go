package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
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

// ask runs the simulator on all questions. wildcardOnly are the actions among them for which IAM knows no resource.
func (b *batch) ask() (answers []answer, wildcardOnly map[string]bool, err error) {
	input, err := json.Marshal(b)
	if err != nil {
		return nil, nil, err
	}
	_, file, _, _ := runtime.Caller(0)
	folder := filepath.Dir(file)
	node := exec.Command("node", filepath.Join(folder, "simulate.mjs"))
	if local := filepath.Join(folder, "..", "..", "node_modules", ".bin", "node"); exists(local) {
		node.Path = local
		node.Err = nil
	}
	var failed bytes.Buffer
	node.Stdin, node.Stderr = bytes.NewReader(input), &failed
	output, err := node.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("simulate.mjs: %w\n%s", err, failed.String())
	}
	var all struct {
		Answers      []answer
		WildcardOnly []string
	}
	if err := json.Unmarshal(output, &all); err != nil {
		return nil, nil, err
	}
	if len(all.Answers) != len(b.Questions) {
		return nil, nil, fmt.Errorf("%d answers to %d questions", len(all.Answers), len(b.Questions))
	}
	wildcardOnly = map[string]bool{}
	for _, action := range all.WildcardOnly {
		wildcardOnly[action] = true
	}
	return all.Answers, wildcardOnly, nil
}
