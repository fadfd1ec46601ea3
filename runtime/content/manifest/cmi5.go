package manifest

import (
	"strings"

	"github.com/lectern/lectern/runtime/content"
)

const cmi5Space = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"

// readCMI5 reads cmi5.xml of a package.
func readCMI5(c *course) {
	c.structure.Standard = content.CMI5
	if root := c.xml(); root != nil {
		c.courseStructure(root)
	}
}

// readBare reads a course structure that came without an archive.
func readBare(c *course, data []byte) {
	if len(data) > maxBytes {
		c.report(tooLarge, 0, "The file is larger than %d MiB.", maxBytes>>20)
		return
	}
	root := parseXML(data, c.source)
	switch {
	case root == nil:
	case !root.is("courseStructure"):
		c.report(notAPackage, root.line, "The upload is XML that begins with <%s>: no course without its files.", root.name.Local)
	default:
		c.structure.Standard = content.CMI5
		c.courseStructure(root)
	}
}

// courseReader is a course structure while it is read.
type courseReader struct {
	*course
	ids        map[string]int // of the course, its blocks and units → line
	objectives map[string]int
}

func (c *course) courseStructure(root *element) {
	if !root.is("courseStructure") {
		c.report(cmi5Root, root.line, "The root element is <%s>.", root.name.Local)
		return
	}
	if root.name.Space != cmi5Space {
		c.report(cmi5Namespace, root.line, "The course structure is in the namespace %q.", root.name.Space)
	}
	r := &courseReader{course: c, ids: map[string]int{}, objectives: map[string]int{}}
	r.validate(root)
	a := &c.structure.Root
	if e := root.first("course"); e != nil {
		r.describe(e, a)
		r.ids[a.ID] = e.line
		r.iri(e, "id")
	}
	c.structure.ID, c.structure.Title = a.ID, a.Title
	if list := root.first("objectives"); list != nil {
		for _, o := range list.own("objective") {
			r.objective(o)
		}
	}
	a.Children = r.members(root)
}

func (r *courseReader) describe(e *element, a *content.Activity) {
	a.ID = e.value("id")
	a.Title = langString(e.first("title"))
	a.Description = langString(e.first("description"))
}

// langString is the first language's text: the languages of a course are not told apart when it is launched.
func langString(e *element) string {
	if e == nil {
		return ""
	}
	return e.first("langstring").label()
}

func (r *courseReader) objective(e *element) {
	id := e.value("id")
	r.iri(e, "id")
	if first, dup := r.objectives[id]; dup {
		r.report(cmi5Object, e.line, "The objective id %q is already that of line %d.", id, first)
		return
	}
	r.objectives[id] = e.line
	r.structure.Objectives = append(r.structure.Objectives, content.Objective{
		ID: id, Title: langString(e.first("title")), Description: langString(e.first("description")),
	})
}

// members reads the blocks and units of a block or of the course.
func (r *courseReader) members(parent *element) []content.Activity {
	var list []content.Activity
	for _, e := range parent.children {
		if e.name.Space != parent.name.Space {
			continue
		}
		switch {
		case e.is("block"):
			list = append(list, r.block(e))
		case e.is("au"):
			list = append(list, r.au(e))
		}
	}
	return list
}

func (r *courseReader) block(e *element) content.Activity {
	var a content.Activity
	r.describe(e, &a)
	r.unique(cmi5Block, e, a.ID)
	if refs := r.references(e); refs != nil {
		a.AU = &content.AU{Objectives: refs}
	}
	a.Children = r.members(e)
	return a
}

func (r *courseReader) au(e *element) content.Activity {
	a := content.Activity{Kind: content.KindAU, ActivityType: e.value("activityType")}
	r.describe(e, &a)
	r.unique(cmi5AU, e, a.ID)
	a.AU = &content.AU{
		MoveOn:           r.choice(cmi5Value, e, "moveOn", "NotApplicable", "Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed"),
		LaunchMethod:     r.choice(cmi5Value, e, "launchMethod", "AnyWindow", "OwnWindow"),
		LaunchParameters: e.first("launchParameters").content(),
		EntitlementKey:   e.first("entitlementKey").content(),
		Objectives:       r.references(e),
	}
	if _, ok := e.attr("masteryScore"); ok {
		a.AU.MasteryScore = new(r.decimal(cmi5Value, e, "masteryScore", 0, 0))
	}
	a.Launch = r.url(e.first("url"), e)
	return a
}

func (r *courseReader) unique(duplicate rule, e *element, id string) {
	r.iri(e, "id")
	if first, dup := r.ids[id]; dup && id != "" {
		r.report(duplicate, e.line, "The id %q of this <%s> is already that of line %d.", id, e.name.Local, first)
		return
	}
	r.ids[id] = e.line
}

// references reads the objectives that a block or unit is about.
func (r *courseReader) references(e *element) []string {
	parent := e.first("objectives")
	if parent == nil {
		return nil
	}
	var ids []string
	for _, o := range parent.own("objective") {
		id := o.value("idref")
		r.iri(o, "idref")
		if _, known := r.objectives[id]; !known {
			r.report(cmi5Unknown, o.line, "The objective %q is not defined by the course; the reference is ignored.", id)
		} else {
			ids = append(ids, id)
		}
	}
	return ids
}

// iri reports an identifier that is no whole IRI.
func (r *courseReader) iri(e *element, name string) {
	v := e.value(name)
	m := scheme.FindString(v)
	if m == "" || len(v) == len(m) || strings.ContainsAny(v, " <>\"{}|\\^`") {
		r.report(cmi5IRI, e.line, "The %s %q of <%s> is not an absolute IRI.", name, v, e.name.Local)
	}
}
