package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Decode decodes a node of the file over the struct that into points at, and
// checks each value against keys, whose paths are those of the whole file. It
// walks on after a problem, so that all are reported; a value with a problem
// keeps what into held. Struct fields are strings, bools, ints, float64s,
// structs, slices of these and map[string]string, with a yaml tag each.
func (f File) Decode(path string, node *yaml.Node, into any, keys []Key) Problems {
	d := &decoder{file: f, keys: make(map[string]Key, len(keys))}
	for _, key := range keys {
		d.keys[key.Path] = key
	}
	d.value(node, path, reflect.ValueOf(into).Elem())
	return d.problems
}

type decoder struct {
	file     File
	keys     map[string]Key
	problems Problems
}

var listIndex = regexp.MustCompile(`\[\d+\]`)

// key is what is known about the values at a path.
func (d *decoder) key(path string) Key { return d.keys[listIndex.ReplaceAllString(path, "[]")] }

func (d *decoder) refuse(n *yaml.Node, path, found, fix string) {
	line := n.Line
	if n.Kind != yaml.ScalarNode {
		line = d.file.Line(path) // the line of the key; the node begins below it
	}
	d.refuseAt(line, path, found, fix)
}

// refuseAt is refuse for a line that is known; nothing found is no problem.
func (d *decoder) refuseAt(line int, path, found, fix string) {
	if found != "" {
		d.problems = append(d.problems, Problem{File: d.file.Path, Line: line, Path: path, Found: found, Fix: fix})
	}
}

func (d *decoder) value(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		d.refuse(n, path, "there is no value", "give it one or remove the key")
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if workload, ok := v.Addr().Interface().(*Workload); ok {
			d.workload(n, path, workload)
			return
		}
		d.mapping(n, path, v)
	case reflect.Slice:
		d.sequence(n, path, v)
	case reflect.Map:
		d.texts(n, path, v)
	case reflect.String, reflect.Bool, reflect.Int, reflect.Float64:
		d.scalar(n, path, v)
	default:
		panic(fmt.Sprintf("config: %s has the type %s, which Decode does not know", path, v.Type()))
	}
}

// mapping decodes the keys of a struct.
func (d *decoder) mapping(n *yaml.Node, path string, v reflect.Value) {
	fields := map[string]int{}
	var names []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "-" {
			fields[name] = i
			names = append(names, name)
		}
	}
	if n.Kind != yaml.MappingNode {
		d.refuse(n, path, kindOf(n)+" stands where a group of keys belongs", "write the keys below it, indented: "+strings.Join(names, ", "))
		return
	}
	d.pairs(n, path, func(key, value *yaml.Node, child string) {
		if i, ok := fields[key.Value]; ok {
			d.value(value, child, v.Field(i))
			return
		}
		d.refuse(key, child, "there is no such key", d.meant(key.Value, path, names))
	})
	for _, name := range names {
		child := join(path, name)
		if key := d.key(child); key.Required && !d.file.Stated(child) {
			d.refuse(n, child, "the key is missing", fmt.Sprintf("add for example %s: %s", name, key.Example))
		}
	}
}

// meant is the advice for an unknown key.
func (d *decoder) meant(key, path string, siblings []string) string {
	if len(d.problems) > maxListed { // nobody reads these, and guessing takes time
		return "remove it"
	}
	if near := Nearest(key, siblings); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	for _, elsewhere := range Paths() {
		if strings.HasSuffix(elsewhere, "."+key) && !strings.Contains(elsewhere, "[]") {
			return fmt.Sprintf("did you mean %s?", elsewhere)
		}
	}
	where := "the file"
	if path != "" {
		where = path
	}
	return fmt.Sprintf("%s has %s", where, strings.Join(siblings, ", "))
}

// pairs calls each for the keys of a mapping and refuses those that repeat.
func (d *decoder) pairs(n *yaml.Node, path string, each func(key, value *yaml.Node, child string)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			d.refuseAt(key.Line, path, kindOf(key)+" stands where the name of a key belongs", "look at the brackets and the indentation")
			continue
		}
		child := join(path, key.Value)
		if line, ok := seen[key.Value]; ok {
			d.refuse(key, child, fmt.Sprintf("the key is already on line %d", line), "keep one of the two")
			continue
		}
		seen[key.Value] = key.Line
		each(key, value, child)
	}
}

// sequence replaces a list; the default does not shine through.
func (d *decoder) sequence(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		fix := "write the values in brackets, or one a line after \"- \""
		if n.Kind == yaml.ScalarNode {
			fix = fmt.Sprintf("write [%s]", clip(n.Value))
		}
		d.refuse(n, path, kindOf(n)+" stands where a list belongs", fix)
		return
	}
	found, fix := d.key(path).length(len(n.Content))
	d.refuse(n, path, found, fix)
	if d.key(path).Unique {
		d.repeated(n, path)
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, fmt.Sprintf("%s[%d]", path, i), list.Index(i))
	}
	v.Set(list)
}

// repeated refuses list items that are in the list already.
func (d *decoder) repeated(n *yaml.Node, path string) {
	seen := map[string]bool{}
	for i, item := range n.Content {
		if item.Kind == yaml.ScalarNode && seen[item.Value] {
			d.refuse(item, fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("%q is already in the list", clip(item.Value)), "remove one of the two")
		}
		seen[item.Value] = true
	}
}

// texts decodes a mapping of free keys to texts.
func (d *decoder) texts(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.refuse(n, path, kindOf(n)+" stands where a group of keys belongs", "write one \"key: value\" a line below it, indented")
		return
	}
	texts := reflect.MakeMap(v.Type())
	d.pairs(n, path, func(key, value *yaml.Node, child string) {
		text := reflect.New(v.Type().Elem()).Elem()
		d.value(value, child, text)
		texts.SetMapIndex(reflect.ValueOf(key.Value), text)
	})
	v.Set(texts)
}

// workload decodes the kind and keeps the rest for package workload.
func (d *decoder) workload(n *yaml.Node, path string, into *Workload) {
	kind := n
	if n.Kind == yaml.MappingNode {
		kind = nil
		settings := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line}
		d.pairs(n, path, func(key, value *yaml.Node, child string) {
			if key.Value == "kind" {
				kind = value
				return
			}
			settings.Content = append(settings.Content, key, value)
		})
		into.Settings = settings
		path = join(path, "kind")
	}
	if kind == nil {
		d.refuse(n, path, "the kind is missing", "add for example kind: engine")
		return
	}
	if kind.Kind == yaml.SequenceNode {
		d.refuse(kind, path, "a list stands where the name of a kind belongs", "write for example engine")
		return
	}
	d.value(kind, path, reflect.ValueOf(&into.Kind).Elem())
}
