package change

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed spec.json
var specJSON []byte

// typeSpec is what CloudFormation's specification says about a type. Properties are
// paths with dots; an item of a list has no index.
type typeSpec struct {
	Replaces   []string          // a change of these replaces the resource
	MayReplace []string          // a change of these replaces it under conditions
	Identifier []string          // properties or attributes that identify it
	HoldsData  bool              // deleting it loses data
	Tags       string            // property of its tags; empty if it takes none
	Says       map[string]string // what the documentation says about a property: name, new-id, refused, restart, interruption, maybe
}

var spec = sync.OnceValue(func() map[string]typeSpec {
	var file struct{ Types map[string]typeSpec }
	if err := json.Unmarshal(specJSON, &file); err != nil {
		panic(fmt.Sprintf("change: reading the embedded specification: %v", err))
	}
	return file.Types
})

// Knows says whether the specification has a resource type.
func Knows(resourceType string) bool {
	_, ok := spec()[resourceType]
	return ok
}

// CreateOnly are the properties of a type whose change replaces the resource, by path.
// None for a type that is not known.
func CreateOnly(resourceType string) []string { return slices.Clone(spec()[resourceType].Replaces) }

// concerns says whether a change at path is one of a listed property: of the property
// itself, of a part of it, or of what contains it.
func concerns(path string, listed []string) bool {
	return slices.ContainsFunc(listed, func(l string) bool {
		return path == l || strings.HasPrefix(path, l+".") || strings.HasPrefix(l, path+".")
	})
}

// top is the property that a path begins with.
func top(path string) string {
	before, _, _ := strings.Cut(path, ".")
	before, _, _ = strings.Cut(before, "[")
	return before
}

// Page is the page of CloudFormation's reference on a type and one of its properties.
// An empty property gives the page alone.
func Page(resourceType, property string) string {
	parts := strings.Split(strings.ToLower(resourceType), "::")
	if len(parts) != 3 {
		return "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"
	}
	page := fmt.Sprintf("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-%s-%s.html", parts[1], parts[2])
	if property != "" {
		page += fmt.Sprintf("#cfn-%s-%s-%s", parts[1], parts[2], strings.ToLower(top(property)))
	}
	return page
}
