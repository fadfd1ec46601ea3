package manifest

import (
	"github.com/lectern/lectern/runtime/content"
)

// scorm is a SCORM package while it is read.
type scorm struct {
	*course
	fourth      bool // SCORM 2004 4th edition: more is shared between objectives
	resources   map[string]*resource
	order       []*resource
	submanifest map[string]bool
	collection  map[string]*element // sequencing by its ID
	referred    int                 // elements that were taken from collections
	items       map[string]int      // identifier → line
}

func readSCORM(c *course) {
	root := c.xml()
	if root == nil {
		return
	}
	if !root.is("manifest") {
		c.report(scormRoot, root.line, "The root element is <%s>.", root.name.Local)
		return
	}
	s := &scorm{course: c, resources: map[string]*resource{}, submanifest: map[string]bool{}, collection: map[string]*element{}, items: map[string]int{}}
	if !s.version(root) {
		return
	}
	s.fourth = s.structure.Edition == "4th"
	s.structure.ID = root.value("identifier")
	if s.structure.ID == "" {
		s.report(scormIdentifierMissing, root.line, "The manifest has no identifier.")
	}
	s.readResources(root, "")
	s.readCollections(root)
	s.organizations(root)
	s.unlaunched()
}

// organizations reads the default organization.
func (s *scorm) organizations(root *element) {
	parent := root.first("organizations")
	var all []*element
	if parent != nil {
		all = parent.own("organization")
	}
	if len(all) == 0 {
		line := root.line
		if parent != nil {
			line = parent.line
		}
		s.report(organizationMissing, line, "The manifest has no organization.")
		return
	}
	for _, o := range all {
		if o.value("identifier") == "" {
			s.report(organizationIdentifier, o.line, "An organization has no identifier.")
		}
	}
	s.organization(s.defaultOrganization(parent, all))
	if len(s.structure.Leaves()) == 0 && !s.refused() { // otherwise why not was said
		s.report(organizationEmpty, all[0].line, "No item of the organization can be launched.")
	}
}

func (s *scorm) defaultOrganization(parent *element, all []*element) *element {
	name := parent.value("default")
	if name == "" {
		s.report(organizationDefault, parent.line, "No default organization is named; the first is taken.")
		return all[0]
	}
	for _, o := range all {
		if o.value("identifier") == name {
			return o
		}
	}
	s.report(organizationDefaultUnknown, parent.line, "The default organization %q does not exist; the first is taken.", name)
	return all[0]
}

func (s *scorm) organization(e *element) {
	root := &s.structure.Root
	*root = content.Activity{ID: e.value("identifier"), Title: e.first("title").label()}
	s.items[root.ID] = e.line
	switch {
	case e.first("title") == nil:
		s.report(organizationTitleMissing, e.line, "The organization has no title.")
	case root.Title == "":
		s.report(organizationTitleEmpty, e.first("title").line, "The organization's title is empty.")
	}
	s.structure.Title = root.Title
	if s.structure.Standard == content.SCORM2004 {
		s.structure.ObjectivesGlobalToSystem = s.boolean(itemValue2004, e, "objectivesGlobalToSystem", true)
		s.structure.SharedDataGlobalToSystem = s.boolean(itemValue2004, e, "sharedDataGlobalToSystem", true)
		s.read2004(e, root)
	}
	for _, item := range e.own("item") {
		root.Children = append(root.Children, s.item(item))
	}
}

func (s *scorm) item(e *element) content.Activity {
	a := content.Activity{ID: e.value("identifier"), Title: e.first("title").label()}
	s.itemIdentifier(e, a.ID)
	if a.Title == "" {
		s.report(itemTitle, e.line, "The item %q has no title.", a.ID)
		a.Title = a.ID
	}
	a.Hidden = !s.boolean(s.itemValue(), e, "isvisible", true)
	children := e.own("item")
	s.itemResource(e, &a, len(children) > 0)
	if s.structure.Standard == content.SCORM2004 {
		s.read2004(e, &a)
	} else {
		s.read12(e, &a)
	}
	for _, child := range children {
		a.Children = append(a.Children, s.item(child))
	}
	return a
}

func (s *scorm) itemIdentifier(e *element, id string) {
	if id == "" {
		s.report(itemIdentifier, e.line, "An item has no identifier.")
		return
	}
	if first, dup := s.items[id]; dup {
		s.report(itemDuplicate, e.line, "The identifier %q is already that of line %d.", id, first)
		return
	}
	s.items[id] = e.line
}

// itemResource finds what an item launches.
func (s *scorm) itemResource(e *element, a *content.Activity, cluster bool) {
	name := e.value("identifierref")
	if name == "" {
		if !cluster {
			s.report(itemEmpty, e.line, "The item %q has neither a resource nor items below it.", a.ID)
		}
		return
	}
	if cluster && s.structure.Standard == content.SCORM2004 {
		s.report(itemCluster, e.line, "The item %q has items below it, so its resource %q is never launched.", a.ID, name)
		return
	}
	r := s.resources[name]
	switch {
	case r != nil:
		s.launchResource(r, a, e.value("parameters"))
	case s.submanifest[name]:
		s.report(itemSubmanifest, e.line, "The item %q refers to the inner manifest %q, which is not played.", a.ID, name)
	default:
		s.report(itemResourceUnknown, e.line, "The item %q refers to the resource %q, which does not exist.", a.ID, name)
	}
}

func (s *scorm) itemValue() rule {
	if s.structure.Standard == content.SCORM2004 {
		return itemValue2004
	}
	return itemValue12
}
