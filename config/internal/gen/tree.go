package gen

import (
	"reflect"
	"strings"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

// node is one key of a client file with all that is known about it.
type node struct {
	name, path  string
	description string
	kind        reflect.Kind // Struct, Slice, Map, String, Bool, Int or Float64
	key         config.Key
	fallback    any     // the default; nil where it follows from other keys
	children    []*node // of a Struct, or of the items of a Slice of structs
	item        *node   // of a Slice
}

// builder makes nodes from types.
type builder struct {
	comments comments
	keys     map[string]config.Key
}

// client is the tree of a client file, without the settings of workloads.
func client(root string) (*node, error) {
	comments, err := readComments(root)
	if err != nil {
		return nil, err
	}
	return build(comments, config.Keys(), "", reflect.ValueOf(config.Default())), nil
}

// settings is the tree of the settings of a kind of workload.
func settings(root string, of workload.Settings) (*node, error) {
	comments, err := readComments(root + "/workload")
	if err != nil {
		return nil, err
	}
	return build(comments, of.Keys(), "workload", reflect.ValueOf(of).Elem()), nil
}

func build(c comments, keys []config.Key, path string, v reflect.Value) *node {
	b := builder{comments: c, keys: map[string]config.Key{}}
	for _, key := range keys {
		b.keys[key.Path] = key
	}
	n := b.node("", path, c[v.Type().Name()], v)
	return n
}

func (b builder) node(name, path, description string, v reflect.Value) *node {
	n := &node{name: name, path: path, description: description, kind: v.Kind(), key: b.keys[path]}
	switch {
	case v.Type() == reflect.TypeFor[config.Workload]():
		n.kind = reflect.String // or the settings; see workloads
	case v.Kind() == reflect.Struct:
		if n.description == "" {
			n.description = b.comments[v.Type().Name()]
		}
		n.children = b.fields(path, v)
	case v.Kind() == reflect.Slice:
		n.item = b.node("", path+"[]", "", reflect.Zero(v.Type().Elem()))
		n.children = n.item.children
		if !v.IsNil() {
			n.fallback = v.Interface()
		}
	case v.Kind() == reflect.Bool || v.Kind() != reflect.Map && !v.IsZero():
		n.fallback = v.Interface()
	}
	return n
}

func (b builder) fields(path string, v reflect.Value) []*node {
	var nodes []*node
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := field.Tag.Get("yaml")
		if name == "-" {
			continue
		}
		child := strings.TrimPrefix(path+"."+name, ".")
		nodes = append(nodes, b.node(name, child, b.comments[v.Type().Name()+"."+field.Name], v.Field(i)))
	}
	return nodes
}
