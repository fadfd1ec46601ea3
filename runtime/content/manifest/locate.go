package manifest

import (
	"path"
	"strings"
)

var (
	packageUnknown = rule{"package.not-recognised", refuses, "Export the course as a SCORM 1.2, SCORM 2004, cmi5, xAPI or AICC package and upload that ZIP file as it is.",
		"SCORM CAM 3 (imsmanifest.xml), cmi5 14.1 (cmi5.xml), xAPI launch (tincan.xml), AICC CMI001 appendix A (.crs)"}
	packageSeveral  = rule{"package.several-courses", refuses, "Upload each course as a package of its own.", "SCORM CAM 3.2"}
	packageNested   = rule{"package.nested", warns, "Compress the contents of the folder, not the folder.", "SCORM CAM 3.2; cmi5 14.1"}
	packageHybrid   = rule{"package.several-standards", warns, "Nothing, if the course shall be played by the standard that was chosen; otherwise export it for one standard.", ""}
	packageNameCase = rule{"package.manifest-name", warns, "Name the file exactly as the standard does.", "SCORM CAM 3.2; cmi5 13.2"}
)

// format is one way to describe a course, and how to recognise it.
type format struct {
	name  string // for people
	file  string // the exact name of the describing file, or
	ext   string // its extension
	parse func(*course)
}

// formats are tried in this order: what plays today comes first in packages that are several things at once.
func formats() []format {
	return []format{
		{name: "SCORM", file: "imsmanifest.xml", parse: readSCORM},
		{name: "cmi5", file: "cmi5.xml", parse: readCMI5},
		{name: "xAPI", file: "tincan.xml", parse: readTinCan},
		{name: "AICC", ext: ".crs", parse: readAICC},
	}
}

func (f format) describes(name string) bool {
	base := strings.ToLower(path.Base(name))
	return base == f.file || f.ext != "" && path.Ext(base) == f.ext
}

// maxFolders is how far down a manifest is looked for: a folder that was compressed with its parent, twice.
const maxFolders = 3

// locate finds the manifest that lies highest, and reports if there is none or more than one course.
func locate(files []string, found *findings) (f format, manifest string, ok bool) {
	for depth := 0; depth <= maxFolders; depth++ {
		var at []string // manifests at this depth, of the first format that has any
		var also []string
		for _, candidate := range formats() {
			names := manifestsAt(files, candidate, depth)
			switch {
			case len(names) == 0:
			case at == nil:
				f, at = candidate, names
			default:
				also = append(also, names[0])
			}
		}
		if at == nil {
			continue
		}
		if len(at) > 1 {
			found.add(packageSeveral, "", 0, "The package holds %d courses: %s.", len(at), list(at))
			return f, at[0], false
		}
		if len(also) > 0 {
			found.add(packageHybrid, also[0], 0, "The package is also described by %s; it is read as %s.", list(also), f.name)
		}
		if depth > 0 {
			found.add(packageNested, at[0], 0, "The course lies in the folder %s.", path.Dir(at[0]))
		}
		if f.file != "" && path.Base(at[0]) != f.file {
			found.add(packageNameCase, at[0], 0, "The manifest is named %s, not %s.", path.Base(at[0]), f.file)
		}
		return f, at[0], true
	}
	found.add(packageUnknown, "", 0, "None of imsmanifest.xml, cmi5.xml, tincan.xml or an AICC course file is in the package; it holds %s.", describe(files))
	return format{}, "", false
}

func manifestsAt(files []string, f format, depth int) []string {
	var names []string
	for _, name := range files {
		if strings.Count(name, "/") == depth && f.describes(name) && !isSystemFile(name) {
			names = append(names, name)
		}
	}
	return names
}

func describe(files []string) string {
	if len(files) == 0 {
		return "no file"
	}
	return list(files)
}

// list names the first few.
func list(names []string) string {
	const few = 5
	if len(names) > few {
		return strings.Join(names[:few], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
