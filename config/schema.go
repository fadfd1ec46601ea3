package config

import _ "embed"

//go:embed schema.json
var schema []byte

// Schema is the JSON schema of client files, which is made from this package's
// types and their comments (go generate ./config).
func Schema() []byte { return schema }
