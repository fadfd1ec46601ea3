package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Problems are all the things wrong with one document.
type Problems []Problem

// Problem is one thing wrong with a document.
type Problem struct {
	Path    string // JSON path, e.g. "database.port"; empty for the document
	Message string // what was found and what would do
}

func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

func (p Problems) Error() string {
	lines := make([]string, 0, len(p)+1)
	lines = append(lines, fmt.Sprintf("runtime configuration: %d problem(s)", len(p)))
	for _, x := range p {
		lines = append(lines, "  "+x.String())
	}
	return strings.Join(lines, "\n")
}

func (p *Problems) add(path, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// Parse reads a Config strictly: unknown keys and values of the wrong type are refused, defaults are filled in and
// Validate is run. The error is a Problems that holds everything that is wrong at once.
func Parse(data []byte) (Config, error) {
	var c Config
	if err := decodeStrictly(data, &c); err != nil {
		return Config{}, err
	}
	if c.Port == 0 {
		c.Port = DefaultPort
	}
	if err := c.Validate(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// decodeStrictly fills in what into points to. The error is a Problems.
func decodeStrictly(data []byte, into any) error {
	var tree any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		if errors.Is(err, io.EOF) {
			return Problems{{Message: "the document is empty; it should be a JSON object"}}
		}
		return Problems{{Message: fmt.Sprintf("not JSON at byte %d: %v", d.InputOffset(), err)}}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Problems{{Message: fmt.Sprintf("something follows the document at byte %d; remove it", d.InputOffset())}}
	}
	var problems Problems
	checkShape("", tree, reflect.TypeOf(into).Elem(), &problems)
	if len(problems) > 0 {
		return problems
	}
	if err := json.Unmarshal(data, into); err != nil {
		return Problems{{Message: err.Error()}}
	}
	return nil
}

// checkShape reports every key that t does not have and every value that does not fit t. encoding/json alone stops at
// the first and does not say where it is.
func checkShape(path string, v any, t reflect.Type, problems *Problems) {
	switch t.Kind() {
	case reflect.Struct:
		object, ok := v.(map[string]any)
		if !ok {
			problems.add(path, "found %s; should be an object", kindOf(v))
			return
		}
		fields := map[string]reflect.Type{}
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields[name] = f.Type
		}
		known := slices.Sorted(maps.Keys(fields))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			ft, ok := fields[key]
			if !ok {
				problems.add(join(path, key), "unknown key; known here: %s", strings.Join(known, ", "))
				continue
			}
			checkShape(join(path, key), object[key], ft, problems)
		}
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			problems.add(path, "found %s; should be a list", kindOf(v))
			return
		}
		for i, item := range list {
			checkShape(fmt.Sprintf("%s[%d]", path, i), item, t.Elem(), problems)
		}
	case reflect.Map:
		object, ok := v.(map[string]any)
		if !ok {
			problems.add(path, "found %s; should be an object", kindOf(v))
			return
		}
		for _, key := range slices.Sorted(maps.Keys(object)) {
			checkShape(join(path, key), object[key], t.Elem(), problems)
		}
	case reflect.String:
		if _, ok := v.(string); !ok {
			problems.add(path, "found %s; should be a string", kindOf(v))
		}
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			problems.add(path, "found %s; should be true or false", kindOf(v))
		}
	case reflect.Int:
		n, ok := v.(json.Number)
		if ok {
			_, err := n.Int64()
			ok = err == nil
		}
		if !ok {
			problems.add(path, "found %s; should be a whole number", kindOf(v))
		}
	default:
		panic(fmt.Sprintf("contract: %s has a type Parse does not know: %s", path, t))
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func kindOf(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "true or false"
	case json.Number:
		return "the number " + x.String()
	case []any:
		return "a list"
	}
	return "an object"
}
