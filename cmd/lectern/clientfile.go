package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lectern/lectern/config"
	"go.yaml.in/yaml/v3"
)

// clientFile is a complete client file: what is answered as keys, and every other
// key commented out, in the order and with the words of the schema. Taking away
// the "#" directly before a key (and before the keys it is in) sets it. decided
// are the values that keys have which follow from others, by path.
func clientFile(a answers, decided map[string]any) ([]byte, error) {
	var root schemaNode
	if err := json.Unmarshal(config.Schema(), &root); err != nil {
		return nil, fmt.Errorf("reading the schema of client files: %w", err)
	}
	w := fileWriter{values: a.values(), decided: decided}
	w.line(0, "# yaml-language-server: $schema=../schema.json")
	w.line(0, "#")
	w.comment(0, a.name+", written by lectern client new. Every key there is stands here with its meaning. The ones that are not set "+
		`begin with "#" and show their default for this client, or an example. To set one, take away its "#" and that of the key it is in.`)
	for _, p := range root.Properties {
		w.line(0, "")
		if p.name == "workload" {
			w.workload(p, a.workload)
			continue
		}
		w.key(0, p.name, p)
	}
	return w.out.Bytes(), w.err
}

// values are the answers by the path of their key.
func (a answers) values() map[string]any {
	values := map[string]any{"name": a.name, "account": a.account, "region": a.region, "size": a.size, "network.cidr": a.cidr}
	for path, text := range map[string]string{"domain.name": a.domain, "domain.zoneId": a.zoneID, "edge.originPrefixList": a.prefixList} {
		if text != "" {
			values[path] = text
		}
	}
	if len(a.zones) > 0 {
		values["network.zones"] = a.zones
	}
	maps.Copy(values, a.set)
	return values
}

type fileWriter struct {
	out             bytes.Buffer
	values, decided map[string]any
	err             error
}

// key writes a key with its meaning, and the keys in it.
func (w *fileWriter) key(depth int, path string, p property) {
	w.comment(depth, p.Description)
	value, set := w.values[path]
	switch {
	case len(p.Properties) > 0:
		w.line(depth, hash(w.setBelow(path))+p.name+":")
		for _, child := range p.Properties {
			w.key(depth+1, path+"."+child.name, child)
		}
	case set:
		w.line(depth, p.name+": "+w.yaml(value))
	case p.Items != nil && len(p.Items.Properties) > 0:
		w.items(depth, p)
	default:
		shown, ok := w.decided[path]
		if !ok {
			shown = p.sample()
		}
		w.line(depth, "#"+p.name+": "+w.yaml(shown))
	}
}

// items writes a list of mappings with one item in it, all commented out.
func (w *fileWriter) items(depth int, p property) {
	w.line(depth, "#"+p.name+":")
	bullet := "#- "
	for _, child := range p.Items.Properties {
		w.comment(depth+1, child.Description)
		w.line(depth+1, bullet+child.name+": "+w.yaml(child.sample()))
		bullet = "#  "
	}
}

// workload writes the kind, and the settings of that kind.
func (w *fileWriter) workload(p property, kind string) {
	w.comment(0, p.Description)
	settings := slices.IndexFunc(p.OneOf, func(n *schemaNode) bool {
		k := n.Properties.get("kind")
		return k != nil && k.Const == kind
	})
	if settings < 0 {
		w.line(0, "workload: "+w.yaml(kind))
		return
	}
	w.line(0, "workload:")
	for _, child := range p.OneOf[settings].Properties {
		if child.name == "kind" {
			w.line(1, "kind: "+w.yaml(kind))
			continue
		}
		w.key(1, "workload."+child.name, child)
	}
}

// setBelow says whether a key within path is set.
func (w *fileWriter) setBelow(path string) bool {
	for set := range w.values {
		if strings.HasPrefix(set, path+".") {
			return true
		}
	}
	return false
}

// hash is what stands before a key: nothing when it is set.
func hash(set bool) string { return pick(set, "", "#") }

func (w *fileWriter) line(depth int, text string) {
	w.out.WriteString(strings.TrimRight(strings.Repeat("  ", depth)+text, " ") + "\n")
}

// comment writes text as lines that fit on a screen.
func (w *fileWriter) comment(depth int, text string) {
	const width = 100
	line := "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width-2*depth {
			w.line(depth, line)
			line = "#"
		}
		line += " " + word
	}
	if line != "#" {
		w.line(depth, line)
	}
}

// yaml is a value on one line.
func (w *fileWriter) yaml(value any) string {
	node := yaml.Node{}
	if err := node.Encode(value); err != nil {
		w.err = fmt.Errorf("writing %v: %w", value, err)
		return ""
	}
	node.Style |= yaml.FlowStyle
	text, err := yaml.Marshal(&node)
	if err != nil {
		w.err = fmt.Errorf("writing %v: %w", value, err)
	}
	return strings.TrimSpace(string(text))
}
