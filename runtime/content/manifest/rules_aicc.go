package manifest

const aiccSource = "AICC CMI001 appendix A"

// What AICC demands of the files of a course.
var (
	aiccTitle        = rule{"aicc.course.title-missing", warns, "Write Course_Title=… below [Course] of the .crs file.", aiccSource}
	aiccUnitsMissing = rule{"aicc.units-missing", refuses, "Add an .au file with a line for each assignable unit.", aiccSource}
	aiccFileMissing  = rule{"aicc.file-missing", warns, "Add the file; every course has .crs, .au, .des and .cst.", aiccSource}
	aiccColumn       = rule{"aicc.column-missing", refuses, "Name the columns in the first line, separated by commas.", aiccSource}
	aiccUnitID       = rule{"aicc.unit.id-missing", refuses, "Give every unit a system_id: A1, A2, …", aiccSource}
	aiccUnitRepeated = rule{"aicc.unit.id-duplicate", refuses, "Give every unit a system_id of its own.", aiccSource}
	aiccLaunch       = rule{"aicc.unit.launch-missing", refuses, "Write what the unit launches as its file_name.", aiccSource}
	aiccFile         = rule{"aicc.unit.launch-file-missing", refuses, "Add the file to the package, or write an absolute URL as file_name.", aiccSource}
	aiccValue        = rule{"aicc.unit.value", warns, "Write a value that the column allows.", aiccSource}
	aiccNoRoot       = rule{"aicc.structure.root-missing", warns, "Add a line for the block ROOT to the .cst file.", aiccSource}
	aiccMember       = rule{"aicc.structure.member-unknown", warns, "Let members be units of the .au file or blocks of the .cst file.", aiccSource}
	aiccTwice        = rule{"aicc.structure.member-twice", warns, "Let everything be a member of one block.", aiccSource}
	aiccOutside      = rule{"aicc.structure.unit-outside", warns, "Make the unit a member of a block of the .cst file.", aiccSource}
)
