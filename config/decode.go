package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
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

var (
	wholeNumber   = regexp.MustCompile(`^-?(0|[1-9][0-9_]*)$`)
	decimalNumber = regexp.MustCompile(`^-?(0|[1-9][0-9_]*)(\.[0-9]+)?$`)
	withUnit      = regexp.MustCompile(`^\s*0*([1-9][0-9]{0,8})\s*[A-Za-z%]*\s*$`)
)

func (d *decoder) scalar(n *yaml.Node, path string, v reflect.Value) {
	key := d.key(path)
	if n.Kind != yaml.ScalarNode {
		d.refuse(n, path, kindOf(n)+" stands where "+article(key, v)+" belongs", "write it on the line of the key")
		return
	}
	switch v.Kind() {
	case reflect.String:
		d.text(n, path, key, v)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.refuse(n, path, fmt.Sprintf("%q is not true or false", clip(n.Value)), boolFix(n))
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int:
		if n.Tag != "!!int" || !wholeNumber.MatchString(n.Value) {
			d.refuse(n, path, fmt.Sprintf("%q is not %s", clip(n.Value), article(key, v)), numberFix(key, n.Value))
			return
		}
		number, err := strconv.Atoi(strings.ReplaceAll(n.Value, "_", ""))
		if err != nil {
			d.refuse(n, path, clip(n.Value)+" is too large a number", numberFix(key, ""))
			return
		}
		found, fix := key.number(float64(number))
		d.refuse(n, path, found, fix)
		v.SetInt(int64(number))
	case reflect.Float64:
		if (n.Tag != "!!int" && n.Tag != "!!float") || !decimalNumber.MatchString(n.Value) {
			d.refuse(n, path, fmt.Sprintf("%q is not %s", clip(n.Value), article(key, v)), numberFix(key, n.Value))
			return
		}
		number, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
		if err != nil {
			d.refuse(n, path, clip(n.Value)+" is too large a number", numberFix(key, ""))
			return
		}
		found, fix := key.number(number)
		d.refuse(n, path, found, fix)
		v.SetFloat(number)
	}
}

// text decodes a text. YAML reads an unquoted 012345678901 or 17.10 as a number
// and would drop digits, so only what YAML itself calls a text is taken.
func (d *decoder) text(n *yaml.Node, path string, key Key, v reflect.Value) {
	if n.Tag != "!!str" {
		reading := map[string]string{
			"!!int": "a number, which can lose digits", "!!float": "a number, which can lose digits",
			"!!bool": "yes or no", "!!timestamp": "a date",
		}[n.Tag]
		if reading == "" {
			reading = "something other than text"
		}
		d.refuse(n, path, fmt.Sprintf("YAML reads %s as %s", clip(n.Value), reading), fmt.Sprintf("put it in quotes: %q", clip(n.Value)))
		return
	}
	found, fix := key.text(n.Value)
	d.refuse(n, path, found, fix)
	v.SetString(n.Value)
}

// article is what a scalar key takes, in words.
func article(key Key, v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number" + key.of()
	case reflect.Float64:
		return "a number" + key.of()
	default:
		return "a text"
	}
}

func numberFix(key Key, value string) string {
	if m := withUnit.FindStringSubmatch(value); m != nil {
		return "write " + m[1] + ", without quotes or a unit"
	}
	if key.Max > key.Min {
		return fmt.Sprintf("choose one from %s to %s", format(key.Min), format(key.Max))
	}
	return "write digits only"
}

func boolFix(n *yaml.Node) string {
	switch strings.ToLower(n.Value) {
	case "yes", "y", "on", "1", "true", "enabled":
		return "write true, without quotes"
	case "no", "n", "off", "0", "false", "disabled":
		return "write false, without quotes"
	}
	return "write true or false"
}
