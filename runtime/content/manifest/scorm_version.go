package manifest

import (
	"strings"

	"github.com/lectern/lectern/runtime/content"
)

// version finds out which SCORM the manifest is written for: by its schemaversion, or else by its namespaces. false if it is
// another standard's.
func (s *scorm) version(root *element) bool {
	var schema, version *element
	if metadata := root.first("metadata"); metadata != nil {
		schema, version = metadata.first("schema"), metadata.first("schemaversion")
	}
	spaces := namespaces(root)
	if name := strings.ToLower(schema.content()); strings.Contains(name, "common cartridge") || strings.Contains(spaces, "imsccv1p") {
		s.report(scormVersionOther, root.line, "The manifest is that of an IMS Common Cartridge.")
		return false
	}
	var known bool
	s.structure.Standard, s.structure.Edition, known = byVersion(version.content())
	if known {
		return true
	}
	s.structure.Standard, s.structure.Edition = byNamespace(spaces, root)
	guess := strings.TrimSpace("SCORM " + map[content.Standard]string{content.SCORM12: "1.2", content.SCORM2004: "2004 "}[s.structure.Standard] + s.structure.Edition)
	if version.content() == "" {
		s.report(scormVersionMissing, root.line, "The manifest has no schemaversion; by its namespaces it is read as %s.", guess)
	} else {
		s.report(scormVersionUnknown, version.line, "The schemaversion %q is not one of SCORM's; by its namespaces the manifest is read as %s.", version.content(), guess)
	}
	return true
}

// byVersion knows what the editions ask for as schemaversion (SCORM 2004 CAM 3.4.1.4) and what tools write instead.
func byVersion(version string) (standard content.Standard, edition string, known bool) {
	v := strings.ToLower(strings.Join(strings.Fields(version), " "))
	switch {
	case v == "1.2" || v == "scorm 1.2":
		return content.SCORM12, "", true
	case strings.Contains(v, "4th"):
		return content.SCORM2004, "4th", true
	case strings.Contains(v, "3rd"):
		return content.SCORM2004, "3rd", true
	case v == "cam 1.3" || v == "1.3" || strings.Contains(v, "2nd"):
		return content.SCORM2004, "2nd", true
	}
	return "", "", false
}

// byNamespace guesses. Only the 2nd edition and what came before it could do without a schemaversion of their own.
func byNamespace(spaces string, root *element) (content.Standard, string) {
	if strings.Contains(spaces, "adlcp_rootv1p2") || strings.Contains(spaces, "imscp_rootv1p1p2") {
		return content.SCORM12, ""
	}
	if !strings.Contains(spaces, "imscp_v1p1") && !strings.Contains(spaces, "imsss") && !strings.Contains(spaces, "v1p3") {
		return content.SCORM12, "" // no namespaces at all: as old as it gets
	}
	if usesFourth(root) {
		return content.SCORM2004, "4th"
	}
	return content.SCORM2004, "2nd"
}

// namespaces is all that the manifest declares on its root, in lower case.
func namespaces(root *element) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(root.name.Space))
	for _, a := range root.attrs {
		if a.Name.Space == "xmlns" || a.Name.Local == "schemaLocation" {
			b.WriteString(" " + strings.ToLower(a.Value))
		}
	}
	return b.String()
}

// usesFourth looks for what only the 4th edition has.
func usesFourth(e *element) bool {
	if e.in("adlseq") && e.is("objectives") || e.in("adlcp") && e.is("data") {
		return true
	}
	for _, c := range e.children {
		if usesFourth(c) {
			return true
		}
	}
	return false
}
