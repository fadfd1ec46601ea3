package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

const introduction = `# The client file

<!-- Generated from the types in config/. Change those, then run: go generate ./config -->

A client file, ` + "`config/clients/NAME.yaml`" + `, is all that a person writes to get an environment.
Five keys are required; every other key has a safe default. Begin the file with

` + "```yaml" + `
# yaml-language-server: $schema=../schema.json
` + "```" + `

and an editor with a YAML language server completes keys and marks mistakes. The file is read strictly: unknown
keys, repeated keys, numbers with units and empty values are refused, all problems at once, each with its line.
A default marked "derived" follows from other keys, as its meaning says.
`

// Page is the reference page of client files. root is the folder of package
// config.
func Page(root string) ([]byte, error) {
	tree, err := client(root)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(introduction)
	table(&out, "The file", "", leaves(tree))
	for _, child := range tree.children {
		switch {
		case child.name == "workload":
			for _, kind := range workload.Names() {
				tree, err := settings(root, workload.Kinds()[kind]())
				if err != nil {
					return nil, err
				}
				table(&out, "workload: "+kind, tree.description+" Settings go beside kind: "+kind+".", deep(tree))
			}
		case child.kind == reflect.Struct:
			table(&out, child.name, child.description, deep(child))
		}
	}
	weakenings(&out)
	regions(&out)
	return out.Bytes(), nil
}

func table(out *bytes.Buffer, title, description string, rows []*node) {
	fmt.Fprintf(out, "\n## %s\n\n", title)
	if description != "" {
		fmt.Fprintf(out, "%s\n\n", description)
	}
	out.WriteString("| key | type | default | meaning |\n| --- | --- | --- | --- |\n")
	for _, row := range rows {
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", row.path, cell(typeOf(row)), cell(fallback(row)), cell(row.description))
	}
}

// leaves are the keys at the top that are no sections.
func leaves(tree *node) []*node {
	var rows []*node
	for _, child := range tree.children {
		if child.kind != reflect.Struct {
			rows = append(rows, child)
		}
	}
	return rows
}

// deep are all keys below a section.
func deep(section *node) []*node {
	var rows []*node
	for _, child := range section.children {
		if child.kind != reflect.Struct || child.description != "" {
			rows = append(rows, child)
		}
		rows = append(rows, deep(child)...)
	}
	return rows
}

func typeOf(n *node) string {
	words := ""
	switch n.kind {
	case reflect.Struct:
		return "section"
	case reflect.Map:
		return "texts by key"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		words = "list"
		if n.item.kind == reflect.Struct {
			return words
		}
		words += " of: " + typeOf(n.item)
		if n.key.MaxItems > 0 {
			words = fmt.Sprintf("%d to %d of: %s", n.key.MinItems, n.key.MaxItems, typeOf(n.item))
		}
		return words
	case reflect.Int:
		words = "whole number"
	case reflect.Float64:
		words = "number"
	default:
		words = "text"
	}
	switch key := n.key; {
	case key.Path == "region":
		return "text, one of the regions below"
	case key.Path == "workload":
		return "one of " + strings.Join(workload.Names(), ", ") + ", or a section with kind"
	case len(key.OneOf) > 0:
		return "one of " + strings.Join(key.OneOf, ", ")
	case len(key.Numbers) > 0:
		return "one of " + strings.Trim(fmt.Sprint(key.Numbers), "[]") + " " + key.Unit
	case key.Noun != "":
		return words + ", " + key.Noun
	case key.Max > key.Min:
		return strings.TrimSpace(fmt.Sprintf("%s, %.12g to %.12g %s", words, key.Min, key.Max, key.Unit))
	}
	return words
}

func fallback(n *node) string {
	switch {
	case n.key.Required:
		return "**required**"
	case n.kind == reflect.Struct:
		return ""
	case n.fallback != nil:
		text, err := json.Marshal(n.fallback)
		if err != nil {
			return fmt.Sprint(n.fallback)
		}
		return "`" + strings.ReplaceAll(string(text), `","`, `", "`) + "`"
	case strings.Contains(n.description, "Default:") && !strings.Contains(n.description, "Default: none"):
		return "derived"
	}
	return "none"
}

// cell keeps a text within its cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func weakenings(out *bytes.Buffer) {
	out.WriteString("\n## Safety defaults that need a reason\n\nWeakening one of these is possible; the file must say why under `reasons`.\n\n")
	for _, path := range config.WeakenablePaths() {
		fmt.Fprintf(out, "- `%s`\n", path)
	}
}

func regions(out *bytes.Buffer) {
	out.WriteString("\n## Regions\n\nThe default zones are the first three. Where CloudFront's prefix list is not known, " +
		"a client with `edge.cdn: true` states `edge.originPrefixList`. " +
		"An account enables opt-in regions itself; CloudFront delivers no access logs to them, so a client there has none (those of the firewall remain). " +
		"Where AWS names no bucket with CodeDeploy's agent, `workload: codedeploy` is refused.\n\n" +
		"| region | zones | CloudFront's prefix list | |\n| --- | --- | --- | --- |\n")
	for _, region := range config.Regions() {
		zones := strings.Join(strings.Split(region.Letters, ""), ", ")
		if region.ZonesDiffer {
			zones += " (two of them, by account: state them)"
		}
		var notes []string
		if region.OptIn {
			notes = append(notes, "opt-in")
		}
		if region.NoCodeDeployAgent {
			notes = append(notes, "no agent of CodeDeploy")
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s |\n", region.Name, zones, region.PrefixList, strings.Join(notes, ", "))
	}
}
