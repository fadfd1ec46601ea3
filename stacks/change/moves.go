package change

import (
	"reflect"
	"strings"
)

// findMoves pairs a resource that is gone with a new one of the same type that is the
// same construct in another stack, or takes its place in the same one. CloudFormation
// knows no move: it makes the new one and removes the old one.
func (c *comparison) findMoves() {
	taken := map[*state]bool{}
	for _, same := range []func(old, fresh *state) bool{samePath, sameValues} {
		for _, key := range c.keys {
			old := c.states[key]
			if old.before == nil || old.after != nil || old.movedTo != nil {
				continue
			}
			for _, other := range c.keys {
				fresh := c.states[other]
				if fresh.before == nil && fresh.after != nil && fresh.after.Type == old.before.Type && !taken[fresh] && same(old, fresh) {
					old.movedTo, fresh.movedFrom, taken[fresh] = fresh, old, true
					break
				}
			}
		}
	}
}

// samePath says whether both are the same construct, in different stacks.
func samePath(old, fresh *state) bool {
	return old.stack != fresh.stack && path(old) == path(fresh)
}

// sameValues says whether both say the same, tags and references apart from names of
// their stacks.
func sameValues(old, fresh *state) bool {
	return len(old.before.Properties) > 0 && reflect.DeepEqual(old.before.Properties, fresh.after.Properties)
}

// path of the construct below its stack, the logical id where it has none.
func path(s *state) string {
	whole, _ := s.current().Metadata["aws:cdk:path"].(string)
	if _, below, ok := strings.Cut(whole, "/"); ok {
		return below
	}
	return s.id
}
