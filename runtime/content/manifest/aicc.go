package manifest

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/lectern/lectern/runtime/content"
)

// aicc is an AICC course while it is read: the course file, and the tables beside it.
type aicc struct {
	*course
	units  map[string]content.Activity
	order  []string            // units as the .au file lists them
	titles map[string]record   // descriptors by system_id
	needs  map[string][]string // prerequisites by element
	blocks map[string][]member
	placed map[string]bool
	au     source // findings about the .au file
	cst    source
}

// readAICC reads the files of a course: .crs and .au, and .des, .cst and .pre where they exist (CMI001 appendix A).
func readAICC(c *course) {
	c.structure.Standard = content.AICC
	x := &aicc{course: c, units: map[string]content.Activity{}, titles: map[string]record{}, needs: map[string][]string{},
		blocks: map[string][]member{}, placed: map[string]bool{}}
	x.readCourse()
	if des, ok := x.table(".des", aiccFileMissing); ok {
		for _, r := range des.records {
			x.titles[key(r.get("system_id"))] = r
		}
	}
	if pre, ok := x.table(".pre", rule{}); ok {
		x.prerequisites(pre)
	}
	au, ok := x.table(".au", aiccUnitsMissing, "system_id", "file_name")
	if !ok {
		return
	}
	x.au = au.source
	for _, r := range au.records {
		x.unit(r)
	}
	if len(x.order) == 0 {
		x.au.report(aiccUnitsMissing, 0, "The file lists no assignable unit.")
		return
	}
	x.structureOf()
	x.structure.Root.ID, x.structure.Root.Title = x.rootID(), x.structure.Title
}

// rootID is the course's id, or what the course structure calls the root, made unlike every unit and block.
func (x *aicc) rootID() string {
	id := x.structure.ID
	if id == "" {
		id = "ROOT"
	}
	for x.known(id) || x.placed[key(id)] {
		id += "_"
	}
	return id
}

// readCourse reads the .crs file.
func (x *aicc) readCourse() {
	data, ok := x.read(x.file)
	if !ok {
		return
	}
	values, description := parseINI(decodeText(data))
	x.structure.ID = values["course/course_id"]
	x.structure.Title = values["course/course_title"]
	x.structure.Root.Description = description
	if x.structure.Title == "" {
		x.report(aiccTitle, 0, "The course has no Course_Title.")
	}
}

// prerequisites reads the .pre file: an element, and what it needs. Several lines about one element must all hold.
func (x *aicc) prerequisites(t table) {
	for _, r := range t.records {
		element, needed := key(r.at(0)), r.at(1)
		if element != "" && needed != "" {
			x.needs[element] = append(x.needs[element], needed)
		}
	}
}

func (x *aicc) known(id string) bool {
	_, ok := x.units[key(id)]
	return ok
}

func (x *aicc) unit(r record) {
	id := r.get("system_id")
	switch {
	case id == "":
		x.au.report(aiccUnitID, r.line, "A unit has no system_id.")
		return
	case x.known(id):
		x.au.report(aiccUnitRepeated, r.line, "The system_id %q is given twice.", id)
		return
	}
	a := content.Activity{ID: id, Kind: content.KindAU, DataFromLMS: r.get("core_vendor")}
	x.label(&a)
	a.MasteryScore = x.score(r)
	a.MaxTimeAllowed = x.time(r)
	a.TimeLimitAction = x.action(r)
	x.order = append(x.order, id)
	if name := r.get("file_name"); name == "" {
		x.au.report(aiccLaunch, r.line, "The unit %q has no file_name.", id)
	} else if ref, ok := x.launchFrom(name, r.line); ok {
		a.Launch = withParameters(ref.launch, r.get("web_launch"))
	}
	x.units[key(id)] = a
}

// launchFrom resolves a URL of the .au file.
func (x *aicc) launchFrom(name string, line int) (reference, bool) {
	c := *x.course
	c.source = x.au
	return c.launch(aiccFile, "", name, line)
}

func (x *aicc) label(a *content.Activity) {
	d := x.titles[key(a.ID)]
	a.Title, a.Description = d.get("title"), d.get("description")
	if a.Title == "" {
		a.Title = a.ID
	}
	a.Prerequisites = strings.Join(x.needs[key(a.ID)], "&")
}

func (x *aicc) score(r record) string {
	v := r.get("mastery_score")
	if v == "" {
		return ""
	}
	if n, err := strconv.ParseFloat(v, 64); err != nil || !within(n, 0, 100) {
		x.au.report(aiccValue, r.line, "The mastery_score %q is not a number from 0 to 100; it is ignored.", v)
		return ""
	}
	return v
}

var zeroTime = regexp.MustCompile(`^[0:.]+$`)

func (x *aicc) time(r record) string {
	v := r.get("max_time_allowed")
	if v == "" || zeroTime.MatchString(v) { // no limit, as tools write it
		return ""
	}
	if !timespan.MatchString(v) {
		x.au.report(aiccValue, r.line, "The max_time_allowed %q is not HHHH:MM:SS; it is ignored.", v)
		return ""
	}
	return v
}

// action puts AICC's letters into the words that SCORM took over: C,N is "continue,no message".
func (x *aicc) action(r record) string {
	v := r.get("time_limit_action")
	if v == "" {
		return ""
	}
	exit, message := "", "no message"
	for _, letter := range strings.Split(strings.ToUpper(v), ",") {
		switch strings.TrimSpace(letter) {
		case "E", "EXIT":
			exit = "exit"
		case "C", "CONTINUE":
			exit = "continue"
		case "M", "MESSAGE":
			message = "message"
		}
	}
	if exit == "" {
		x.au.report(aiccValue, r.line, "The time_limit_action %q says neither E nor C; it is ignored.", v)
		return ""
	}
	return exit + "," + message
}

// key is an AICC identifier as it is compared: without case.
func key(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

// beside is the file of an extension in the folder of the .crs file: of the same name, or the only other one.
func (x *aicc) beside(ext string) string {
	stem := strings.TrimSuffix(strings.ToLower(x.file), ".crs")
	found := ""
	for _, name := range x.pkg.Files() {
		if isSystemFile(name) || path.Dir(name) != path.Dir(x.file) || !strings.EqualFold(path.Ext(name), ext) {
			continue
		}
		if found == "" || strings.EqualFold(strings.TrimSuffix(name, path.Ext(name)), stem) {
			found = name
		}
	}
	return found
}
