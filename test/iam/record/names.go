package record

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/lectern/lectern/runtime/contract"
)

// Names are the physical names that an instance knows, by placeholder without ${}.
type Names map[string]string

// Placeholders beside the paths of the configuration.
const (
	Region        = "region"
	Account       = "account"
	Artifact      = "artifact.bucket"   // where user data takes the runtime from
	ArtifactKey   = "artifact.key"      //
	Configuration = "configuration"     // name of the SSM parameter
	Stack         = "stack"             // that boot signals
	Group         = "group"             // Auto Scaling group of the instance
	Revisions     = "revisions.bucket"  // where CodeDeploy takes revisions from
	QueueName     = "queue.name"        // last part of queue.url
	DeadLetters   = "queue.deadLetters" // last part of queue.deadLetterUrl
	Rest          = "rest"              // of an object's key below its first part, or of an ARN: anything
)

// FromConfig are the names in a configuration: every text of it, by its path.
func FromConfig(c contract.Config) (Names, error) {
	document, err := c.JSON()
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal([]byte(document), &tree); err != nil {
		return nil, err
	}
	n := Names{}
	n.leaves("", tree)
	n.lastPart(QueueName, c.Queue.URL)
	n.lastPart(DeadLetters, c.Queue.DeadLetterURL)
	return n, nil
}

func (n Names) leaves(at string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, child := range v {
			n.leaves(strings.TrimPrefix(at+"."+key, "."), child)
		}
	case string:
		n[at] = v
	}
}

func (n Names) lastPart(name, address string) {
	if u, err := url.Parse(address); err == nil && address != "" {
		n[name] = path.Base(u.Path)
	}
}

// placeholder is ${NAME} for the physical name of one of these placeholders.
func (n Names) placeholder(physical string, candidates ...string) (string, error) {
	for _, name := range candidates {
		if physical != "" && n[name] == physical {
			return "${" + name + "}", nil
		}
	}
	return "", fmt.Errorf("%q is none of %v that the instance knows", physical, candidates)
}

// placeholders of all names that end so.
func (n Names) ending(suffixes ...string) []string {
	var found []string
	for name := range n {
		for _, suffix := range suffixes {
			if strings.HasSuffix(name, suffix) {
				found = append(found, name)
			}
		}
	}
	return found
}

// Fill replaces the placeholders of a text.
func (n Names) Fill(text string) (string, error) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, rest, closed := strings.Cut(after, "}")
		value, known := n[name]
		if !closed || !known || value == "" {
			return "", fmt.Errorf("${%s} has no value here", name)
		}
		out.WriteString(value)
		text = rest
	}
}
