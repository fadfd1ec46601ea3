package record

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Call is a question to IAM: may the instance do this.
type Call struct {
	// Operation is what was requested, "SERVICE:Operation" in the API's words: "s3:UploadPart".
	Operation string `json:"operation"`
	// Action is the IAM action that the operation needs: "s3:PutObject".
	Action string `json:"action"`
	// Resource is the ARN it needs the action on, with placeholders; "*" where IAM knows no resource for the action.
	Resource string `json:"resource"`
	// Context are condition keys of the request beyond those that every request has. Nil: none.
	Context map[string]string `json:"context,omitempty"`
}

// key is the call as a text, for comparisons and order.
func (c Call) key() string {
	parts := []string{c.Operation, c.Action, c.Resource}
	for _, name := range slices.Sorted(maps.Keys(c.Context)) {
		parts = append(parts, name+"="+c.Context[name])
	}
	return strings.Join(parts, " ")
}

// String is for messages.
func (c Call) String() string { return c.key() }

// Compare orders calls.
func Compare(a, b Call) int { return cmp.Compare(a.key(), b.key()) }
