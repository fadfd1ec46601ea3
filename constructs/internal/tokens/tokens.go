// Package tokens helps with the CDK's unresolved values.
package tokens

// List is ids in the form of the properties that take either ids or constructs.
func List(ids ...*string) *[]any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	return &list
}
