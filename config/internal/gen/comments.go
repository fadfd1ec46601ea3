package gen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// comments are the doc comments of a package's types and struct fields, by
// "Type" and "Type.Field".
type comments map[string]string

// readComments parses the Go files of a directory.
func readComments(dir string) (comments, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the comments of the keys: %w", err)
	}
	found := comments{}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("reading the comments of the keys: %w", err)
		}
		for _, declaration := range file.Decls {
			if types, ok := declaration.(*ast.GenDecl); ok && types.Tok == token.TYPE {
				found.add(types)
			}
		}
	}
	return found, nil
}

func (c comments) add(types *ast.GenDecl) {
	for _, spec := range types.Specs {
		spec := spec.(*ast.TypeSpec)
		c[spec.Name.Name] = sentence(spec.Doc.Text() + types.Doc.Text())
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range fields.Fields.List {
			for _, name := range field.Names {
				c[spec.Name.Name+"."+name.Name] = sentence(field.Doc.Text())
			}
		}
	}
}

// sentence puts a comment on one line.
func sentence(text string) string { return strings.Join(strings.Fields(text), " ") }
