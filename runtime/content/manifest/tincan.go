package manifest

import (
	"github.com/lectern/lectern/runtime/content"
)

const tinCanSource = "Tin Can launch, tincan.xml (Rustici Software)"

var (
	tincanRoot     = rule{"tincan.root", refuses, "Begin the file with <tincan><activities>.", tinCanSource}
	tincanNone     = rule{"tincan.activity.nothing-to-launch", refuses, "Give an <activity> a <launch>.", tinCanSource}
	tincanID       = rule{"tincan.activity.id-missing", refuses, "Give every <activity> an id: statements are about it.", "xAPI 1.0.3 Data 2.4.4.1"}
	tincanIRI      = rule{"tincan.activity.id-not-absolute", warns, "Write a whole IRI, with its scheme: http://example.com/course/1.", "xAPI 1.0.3 Data 2.4.4.1"}
	tincanRepeated = rule{"tincan.activity.id-duplicate", refuses, "Give every <activity> an id of its own.", tinCanSource}
	tincanName     = rule{"tincan.activity.name-missing", warns, "Add a <name>.", tinCanSource}
	tincanFile     = rule{"tincan.activity.launch-file-missing", refuses, "Add the file to the package, or write an absolute URL.", tinCanSource}
)

// readTinCan reads tincan.xml. The first activity that can be launched is the course; all others are below it.
func readTinCan(c *course) {
	c.structure.Standard = content.XAPI
	root := c.xml()
	if root == nil {
		return
	}
	var list []*element
	if root.is("tincan") {
		for _, parent := range root.own("activities") {
			list = append(list, parent.own("activity")...)
		}
	} else {
		c.report(tincanRoot, root.line, "The root element is <%s>.", root.name.Local)
		return
	}
	var all []content.Activity
	first := -1
	ids := map[string]int{}
	for _, e := range list {
		a := c.tinCanActivity(e, ids)
		if a.Kind != "" && first < 0 {
			first = len(all)
		}
		all = append(all, a)
	}
	if first < 0 {
		c.report(tincanNone, root.line, "None of %d activities has a launch.", len(all))
		return
	}
	c.structure.Root = all[first]
	c.structure.Root.Children = append(append([]content.Activity{}, all[:first]...), all[first+1:]...)
	c.structure.ID, c.structure.Title = all[first].ID, all[first].Title
}

func (c *course) tinCanActivity(e *element, ids map[string]int) content.Activity {
	a := content.Activity{
		ID: e.value("id"), ActivityType: e.value("type"),
		Title: e.first("name").label(), Description: e.first("description").label(),
	}
	line, dup := ids[a.ID]
	switch {
	case a.ID == "":
		c.report(tincanID, e.line, "An activity has no id.")
	case dup:
		c.report(tincanRepeated, e.line, "The id %q is already that of line %d.", a.ID, line)
	case !scheme.MatchString(a.ID):
		c.report(tincanIRI, e.line, "The id %q is not an absolute IRI.", a.ID)
	}
	ids[a.ID] = e.line
	if a.Title == "" {
		c.report(tincanName, e.line, "The activity %q has no name.", a.ID)
	}
	launch := e.first("launch")
	if launch.content() == "" {
		return a
	}
	a.Kind = content.KindAU
	if ref, ok := c.launch(tincanFile, "", launch.content(), launch.line); ok {
		a.Launch = ref.launch
	}
	return a
}
