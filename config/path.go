package config

import "reflect"

// Paths are the paths of all keys of a client file in the order of the types;
// items of a list have "[]".
func Paths() []string {
	var paths []string
	var walk func(t reflect.Type, path string)
	walk = func(t reflect.Type, path string) {
		for i := range t.NumField() {
			field := t.Field(i)
			name := field.Tag.Get("yaml")
			if name == "-" {
				continue
			}
			child := join(path, name)
			paths = append(paths, child)
			switch {
			case field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[Workload]():
				walk(field.Type, child)
			case field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct:
				walk(field.Type.Elem(), child+"[]")
			}
		}
	}
	walk(reflect.TypeFor[Client](), "")
	return paths
}
