package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Sizes are the tiers, from small to large.
func Sizes() []string { return []string{"S", "M", "L", "XL", "2XL"} }

func identityKeys() []Key {
	return []Key{
		{
			Path: "name", Required: true, Example: "demo",
			Pattern: regexp.MustCompile(`^[a-z][a-z0-9-]{0,18}[a-z0-9]$`),
			Noun:    `a name: 2 to 20 of a-z, 0-9 and "-", beginning with a letter and not ending in "-"`,
		},
		{
			Path: "account", Required: true, Example: `"111122223333"`,
			Pattern: regexp.MustCompile(`^[0-9]{12}$`), Noun: "an AWS account: 12 digits",
		},
		{Path: "region", Required: true, Example: "eu-west-1", OneOf: RegionNames(), Noun: "a region"},
		{Path: "workload", Required: true, Example: "engine"},
		{Path: "size", Required: true, Example: "S", OneOf: Sizes(), Noun: "a size"},
	}
}

func nameIsFileName(f File) Problems {
	base := strings.TrimSuffix(filepath.Base(f.Path), ".yaml")
	if !f.Stated("name") || f.Client.Name == base {
		return nil
	}
	return Problems{f.Problem("name", fmt.Sprintf("%q is not the name of the file, %s", clip(f.Client.Name), clip(base)), "the file is named NAME.yaml; change one of the two")}
}

// maxTags leaves room under AWS's 50 for the tags that the deployment adds.
const maxTags = 40

// tagCharacters are those AWS allows in all services.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
var tagCharacters = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

func tagLimits(f File) Problems {
	var problems Problems
	if n := len(f.Client.Tags); n > maxTags {
		problems = append(problems, f.Problem("tags", fmt.Sprintf("%d tags are too many", n), fmt.Sprintf("keep at most %d", maxTags)))
	}
	for _, name := range sortedKeys(f.Client.Tags) {
		value, path := f.Client.Tags[name], "tags."+name
		reserved := slices.ContainsFunc([]string{"aws:", "lectern:"}, func(prefix string) bool {
			return strings.HasPrefix(strings.ToLower(name), prefix)
		})
		switch {
		case reserved:
			problems = append(problems, f.Problem(path, "the prefix is reserved", `choose a tag that does not begin with "aws:" or "lectern:"`))
		case utf8.RuneCountInString(name) > 128 || name == "":
			problems = append(problems, f.Problem(path, "a tag has a key of 1 to 128 characters", "choose another"))
		case utf8.RuneCountInString(value) > 256:
			problems = append(problems, f.Problem(path, "the value has more than 256 characters", "shorten it"))
		case !tagCharacters.MatchString(name) || !tagCharacters.MatchString(value):
			problems = append(problems, f.Problem(path, "AWS does not take some of these characters in a tag", "use letters, digits, spaces and _ . : / = + - @"))
		}
	}
	return problems
}

func sortedKeys(texts map[string]string) []string {
	var keys []string
	for key := range texts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
