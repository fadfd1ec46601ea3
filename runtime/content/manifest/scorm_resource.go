package manifest

import (
	"strings"

	"github.com/lectern/lectern/runtime/content"
)

// resource is what items refer to.
type resource struct {
	id, href, base string
	kind           content.Kind // "" if the manifest does not say
	line           int
	launched       bool // what is wrong with it was reported
	ref            reference
	ok             bool
}

// readResources reads the resources of a manifest and of those inside it: identifiers are unique in the whole document.
func (s *scorm) readResources(manifest *element, outer string) {
	base := joinBase(outer, manifest.value("base"))
	var all []*element
	for _, parent := range manifest.own("resources") {
		folder := joinBase(base, parent.value("base"))
		for _, e := range parent.own("resource") {
			s.resource(e, folder)
			all = append(all, e)
		}
	}
	for _, inner := range manifest.own("manifest") {
		s.submanifest[inner.value("identifier")] = true
		s.readResources(inner, base)
	}
	for _, e := range all {
		for _, d := range e.own("dependency") {
			if name := d.value("identifierref"); s.resources[name] == nil {
				s.report(resourceDependency, d.line, "The resource %q depends on %q, which does not exist.", e.value("identifier"), name)
			}
		}
	}
}

func (s *scorm) resource(e *element, folder string) {
	r := &resource{id: e.value("identifier"), href: e.value("href"), base: joinBase(folder, e.value("base")), line: e.line}
	switch {
	case r.id == "":
		s.report(resourceIdentifier, e.line, "A resource has no identifier.")
	case s.resources[r.id] != nil:
		s.report(resourceDuplicate, e.line, "The identifier %q is already that of line %d, which is taken.", r.id, s.resources[r.id].line)
	default:
		s.resources[r.id] = r
		s.order = append(s.order, r)
	}
	r.kind = s.scormType(e)
	for _, f := range e.own("file") {
		s.file(f, r)
	}
}

func (s *scorm) scormType(e *element) content.Kind {
	switch t := e.value("scormType"); strings.ToLower(t) {
	case "sco":
		return content.KindSCO
	case "asset":
		return content.KindAsset
	case "":
		return ""
	default:
		s.report(resourceType, e.line, "The resource %q is of the type %q; it is taken for a SCO.", e.value("identifier"), t)
		return content.KindSCO
	}
}

// unlaunched looks for the files of resources that only others depend on.
func (s *scorm) unlaunched() {
	for _, r := range s.order {
		if !r.launched && r.href != "" {
			s.lookFor(r, r.base, r.href, r.line)
		}
	}
}

// file looks for a file that a resource lists. The resource's own href is looked for elsewhere: where it is launched it is more than a warning.
func (s *scorm) file(e *element, r *resource) {
	if href := e.value("href"); href != "" && href != r.href {
		s.lookFor(r, joinBase(r.base, e.value("base")), href, e.line)
	}
}

func (s *scorm) lookFor(r *resource, base, href string, line int) {
	ref, ok := s.files.resolve(base, href, line, s.source)
	if ok && ref.missing {
		s.report(resourceFile, line, "The file %q of the resource %q is not in the package.", ref.file, r.id)
	}
}

// launchResource lets an activity launch a resource. What is wrong with the resource is reported once, however many items use it.
func (s *scorm) launchResource(r *resource, a *content.Activity, parameters string) {
	if !r.launched {
		r.launched = true
		s.checkLaunch(r)
	}
	if !r.ok {
		return
	}
	a.Launch = withParameters(r.ref.launch, parameters)
	a.Kind = r.kind
}

func (s *scorm) checkLaunch(r *resource) {
	if r.href == "" {
		s.report(resourceLaunchMissing, r.line, "The resource %q has no href, and an item launches it.", r.id)
		return
	}
	if r.kind == "" {
		s.report(resourceType, r.line, "The resource %q does not say whether it is a SCO; it is taken for one.", r.id)
		r.kind = content.KindSCO
	}
	r.ref, r.ok = s.launch(resourceLaunchFile, r.base, r.href, r.line)
	if r.ref.absolute {
		s.report(resourceAbsolute, r.line, "The resource %q is launched from %s.", r.id, r.ref.launch)
	}
}
