// Package gen makes the JSON schema and the reference page of client files from
// the one place where keys are declared: the types with their comments, the
// defaults, and the bounds that the validator uses. A test fails when what is
// committed differs from what it makes.
package gen

// Files are the generated files, by path from the folder config, and what makes
// them from that folder.
func Files() map[string]func(root string) ([]byte, error) {
	return map[string]func(root string) ([]byte, error){
		"schema.json":                      Schema,
		"../docs/reference/client-file.md": Page,
	}
}
