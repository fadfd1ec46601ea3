package manifest

import (
	"strings"

	"github.com/lectern/lectern/runtime/content"
)

// member is an element of a block.
type member struct {
	id   string
	line int
}

// structureOf builds the tree from the .cst file; a course without one is the list of its units.
func (x *aicc) structureOf() {
	cst, ok := x.table(".cst", aiccFileMissing)
	x.cst = cst.source
	if ok {
		x.readBlocks(cst)
		if _, has := x.blocks["root"]; has {
			x.structure.Root.Children = x.block("root", 1)
		} else {
			x.cst.report(aiccNoRoot, 0, "The file has no block named ROOT.")
		}
	}
	for _, id := range x.order {
		if x.placed[key(id)] {
			continue
		}
		if ok {
			x.cst.report(aiccOutside, 0, "The unit %q is in no block; it is put at the end.", id)
		}
		x.structure.Root.Children = append(x.structure.Root.Children, x.units[key(id)])
	}
}

// readBlocks reads the members of every block. A line has as many members as it likes, beyond the columns that the first line names; columns
// of other names are no members.
func (x *aicc) readBlocks(t table) {
	for _, r := range t.records {
		block := key(r.at(0))
		for i := 1; i < len(r.values); i++ {
			if name := t.column(i); name != "" && !strings.HasPrefix(name, "member") {
				continue
			}
			if id := r.at(i); id != "" {
				x.blocks[block] = append(x.blocks[block], member{id, r.line})
			}
		}
	}
}

// block is the members of a block, with theirs. Everything is placed once, so blocks that contain each other end.
func (x *aicc) block(name string, depth int) []content.Activity {
	var list []content.Activity
	if depth > maxDepth {
		x.cst.report(tooLarge, 0, "Blocks are nested more than %d deep.", maxDepth)
		return nil
	}
	for _, m := range x.blocks[name] {
		k := key(m.id)
		unit, isUnit := x.units[k]
		_, isBlock := x.blocks[k]
		switch {
		case x.placed[k]:
			x.cst.report(aiccTwice, m.line, "%q is a member of two blocks, or of itself; the first place counts.", m.id)
			continue
		case !isUnit && !isBlock:
			if !strings.HasPrefix(k, "j") { // objectives are members too (J1, J2, …), and no activities
				x.cst.report(aiccMember, m.line, "The member %q is neither a unit nor a block.", m.id)
			}
			continue
		case !isUnit:
			unit = content.Activity{ID: m.id}
			x.label(&unit)
		}
		x.placed[k] = true
		unit.Children = x.block(k, depth+1)
		list = append(list, unit)
	}
	return list
}
