// Package procedures holds the documents by which people bring an environment back or
// take it down, and reads the commands out of them: `lectern holds` prints those of a
// stack's status, and the system tests run them.
package procedures

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.md
var documents embed.FS

// FailedDeployment is the document whose headings are statuses of stacks.
const FailedDeployment = "failed-deployment.md"

// Commands are the commands of a document's console blocks, by the heading of second level
// they stand under. What stands before the first heading, where people set what is theirs,
// is left out, and so is all that is not a line of its own with a prompt.
type Commands map[string][]string

// Read reads a document of this folder.
func Read(name string) (Commands, error) {
	content, err := documents.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the procedure: %w", err)
	}
	found := Commands{}
	heading, inside := "", false
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\r\n")
		command, prompted := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside && line == "```console"
		case inside && prompted && heading != "":
			found[heading] = append(found[heading], command)
		case !inside && strings.HasPrefix(line, "## "):
			heading = strings.TrimPrefix(line, "## ")
		}
	}
	return found, nil
}

// Under are the commands under the heading that names a status, alone or with others.
func (c Commands) Under(status string) (heading string, commands []string) {
	for name, lines := range c {
		for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' }) {
			if word == status {
				return name, lines
			}
		}
	}
	return "", nil
}

// Anchor is how GitHub links to a heading.
func Anchor(heading string) string { return strings.ReplaceAll(strings.ToLower(heading), " ", "-") }
