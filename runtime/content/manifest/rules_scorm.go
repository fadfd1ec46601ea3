package manifest

// Where SCORM writes its rules about manifests.
const (
	cam        = "SCORM 1.2 CAM 2.3; SCORM 2004 CAM 3.4"
	cam12      = "SCORM 1.2 CAM 2.3"
	cam2004    = "SCORM 2004 CAM 3.4"
	camSeq     = "SCORM 2004 CAM 5.1"
	camNav     = "SCORM 2004 CAM 5.2"
	imsPackage = "IMS Content Packaging 1.1.4"
)

var (
	scormRoot = rule{"scorm.manifest.root", refuses, "Begin the manifest with <manifest> of IMS Content Packaging.", cam}

	scormVersionMissing = rule{"scorm.schemaversion.missing", warns,
		"Write <schema>ADL SCORM</schema><schemaversion>…</schemaversion> into the manifest's <metadata>.", cam}
	scormVersionUnknown = rule{"scorm.schemaversion.unknown", warns,
		"Write 1.2, CAM 1.3 (2nd Edition), 2004 3rd Edition or 2004 4th Edition as <schemaversion>.", cam}
	scormVersionOther = rule{"scorm.schema.other", refuses,
		"Export the course as SCORM 1.2 or SCORM 2004.", cam}
	scormIdentifierMissing = rule{"scorm.manifest.identifier-missing", warns, "Give <manifest> an identifier.", cam}

	organizationMissing = rule{"scorm.organization.missing", refuses,
		"Add an <organization> with items: a package of resources alone cannot be played.", cam}
	organizationIdentifier = rule{"scorm.organization.identifier-missing", refuses,
		"Give <organization> the identifier that <organizations default> names.", cam}
	organizationTitleMissing = rule{"scorm.organization.title-missing", refuses,
		"Add a <title> to the organization: it is the course's name.", cam}
	organizationTitleEmpty = rule{"scorm.organization.title-empty", warns, "Write the course's name into the organization's <title>.", cam}
	organizationDefault    = rule{"scorm.organization.default-missing", warns,
		"Name the organization to play in <organizations default=\"…\">.", cam}
	organizationDefaultUnknown = rule{"scorm.organization.default-unknown", warns,
		"Let <organizations default> name an organization that exists.", cam}
	organizationEmpty = rule{"scorm.organization.nothing-to-launch", refuses,
		"Let an item refer to a resource that has an href.", cam}

	itemIdentifier = rule{"scorm.item.identifier-missing", refuses,
		"Give every <item> an identifier: learners' data is kept by it.", cam}
	itemDuplicate = rule{"scorm.item.identifier-duplicate", refuses,
		"Give every <item> an identifier of its own: learners' data is kept by it.", cam}
	itemTitle           = rule{"scorm.item.title-missing", warns, "Add a <title>; learners see it in the table of contents.", cam}
	itemResourceUnknown = rule{"scorm.item.resource-unknown", refuses,
		"Let identifierref name a <resource> of this manifest, or add that resource.", cam}
	itemSubmanifest = rule{"scorm.item.submanifest", refuses,
		"Put the items of the inner manifest into the organization that refers to it.", "SCORM 2004 CAM 3.4.1"}
	itemEmpty   = rule{"scorm.item.empty", warns, "Let the item refer to a resource, or remove it.", cam}
	itemCluster = rule{"scorm2004.item.cluster-with-resource", warns,
		"Move the resource into an item of its own below this one.", cam2004}

	resourceLaunchMissing = rule{"scorm.resource.launch-missing", refuses,
		"Give the resource an href: it is what the item launches.", cam}
	resourceLaunchFile = rule{"scorm.resource.launch-file-missing", refuses,
		"Add the file to the package, or correct the resource's href.", cam}
	resourceFile = rule{"scorm.resource.file-missing", warns,
		"Add the file to the package, or remove it from the resource.", cam}
	resourceDependency = rule{"scorm.resource.dependency-unknown", warns,
		"Let the dependency name a resource of this manifest, or remove it.", cam}
	resourceIdentifier = rule{"scorm.resource.identifier-missing", warns, "Give the resource an identifier, or remove it.", cam}
	resourceDuplicate  = rule{"scorm.resource.identifier-duplicate", warns,
		"Give every resource an identifier of its own.", imsPackage}
	resourceAbsolute = rule{"scorm.resource.launch-elsewhere", warns,
		"Put the content into the package: a page of another origin cannot find the API.", "SCORM 1.2 RTE 3.3; SCORM 2004 RTE 3.2"}
	resourceType = rule{"scorm.resource.scorm-type", warns,
		"Write adlcp:scormType=\"sco\" (adlcp:scormtype in SCORM 1.2) on what calls the API, \"asset\" on what does not.", cam}

	itemValue12 = rule{"scorm12.item.value", warns, "Write a value that the element allows.", cam12}

	itemValue2004 = rule{"scorm2004.item.value", warns, "Write a value that the element allows.", cam2004}
	hideUnknown   = rule{"scorm2004.navigation.hide-unknown", warns,
		"Hide continue, previous, exit, exitAll, abandon, abandonAll or suspendAll.", camNav}
	sharedDataTarget = rule{"scorm2004.data.target-missing", warns, "Give <adlcp:map> a targetID.", cam2004}

	sequencingReference = rule{"scorm2004.sequencing.reference-unknown", refuses,
		"Let IDRef name a <sequencing ID> of the <sequencingCollection>.", camSeq}
	sequencingValue     = rule{"scorm2004.sequencing.value", warns, "Write a value that the attribute allows.", camSeq}
	sequencingRule      = rule{"scorm2004.sequencing.rule", warns, "Give the rule a known action and at least one known condition.", camSeq}
	sequencingObjective = rule{"scorm2004.sequencing.objective-unknown", warns,
		"Let the name be that of an objective of the same activity.", camSeq}
	objectiveIdentifier = rule{"scorm2004.objective.id-missing", warns, "Give the objective an objectiveID; only a primary one without maps can do without.", camSeq}
	mapTarget           = rule{"scorm2004.objective.map-target-missing", warns, "Give <mapInfo> a targetObjectiveID.", camSeq}
)
