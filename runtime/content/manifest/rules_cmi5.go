package manifest

// What cmi5 demands of a course structure; the section of its specification is the source.
var (
	cmi5Root      = rule{"cmi5.structure.root", refuses, "Begin the file with <courseStructure> of cmi5.", "cmi5 13.2"}
	cmi5Namespace = rule{"cmi5.structure.namespace", warns,
		"Declare xmlns=\"https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd\".", "cmi5 13.2"}
	cmi5Invalid = rule{"cmi5.structure.invalid", refuses, "Write the elements that the schema asks for, in its order.", "cmi5 13.2"}
	cmi5Value   = rule{"cmi5.structure.value", refuses, "Write a value that the schema allows.", "cmi5 13.1.4, 13.2"}
	cmi5IRI     = rule{"cmi5.id.not-absolute", refuses, "Write a whole IRI, with its scheme: https://example.com/course/1.", "cmi5 3.0"}
	cmi5Block   = rule{"cmi5.block.id-duplicate", refuses, "Give every block an id of its own.", "cmi5 13.1.2"}
	cmi5Object  = rule{"cmi5.objective.id-duplicate", refuses, "Give every objective an id of its own.", "cmi5 13.1.3"}
	cmi5Unknown = rule{"cmi5.objective.unknown", warns, "Refer to an objective that the course defines.", "cmi5 13.1.3"}
	cmi5AU      = rule{"cmi5.au.id-duplicate", refuses, "Give every assignable unit an id of its own.", "cmi5 13.1.4"}
	cmi5URL     = rule{"cmi5.au.url-missing", refuses, "Write where the unit is launched into its <url>.", "cmi5 13.1.4"}
	cmi5Query   = rule{"cmi5.au.url-query", refuses,
		"Rename the parameter: endpoint, fetch, actor, registration and activityId are added at launch.", "cmi5 8.1"}
	cmi5Relative = rule{"cmi5.au.url-relative", refuses,
		"Write an absolute URL, or upload a ZIP file with cmi5.xml and the unit's files.", "cmi5 14.2"}
	cmi5File = rule{"cmi5.au.file-missing", refuses, "Add the file to the package, or write an absolute URL.", "cmi5 14.1"}

	notAPackage = rule{"package.not-an-archive", refuses,
		"Upload the ZIP file that the authoring tool exports, or a cmi5 course structure (XML) whose units have absolute URLs.", "cmi5 14.0; SCORM CAM 3.2"}
)
