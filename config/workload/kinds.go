package workload

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/lectern/lectern/config"
)

// Settings are the settings of one kind of workload: a pointer to a struct with
// yaml tags, made with its defaults, over which the client file is decoded. It has
// json tags of the same names, because plans are shown as JSON.
type Settings interface {
	// Keys are the bounds of the settings, with their paths in the client file
	// ("workload.workers.min").
	Keys() []config.Key
	// Validate checks what the settings say together and with the rest of the file.
	Validate(f config.File) config.Problems
	// Needs is what the workload asks of its environment with these settings.
	Needs() Needs
}

// Kinds are all kinds of workload, by the name that client files use.
func Kinds() map[string]func() Settings {
	return map[string]func() Settings{
		"codedeploy": newCodeDeploy,
		"engine":     newEngine,
		"gitapp":     newGitApp,
		"moodle":     newMoodle,
	}
}

// Names are the names of all kinds.
func Names() []string { return slices.Sorted(maps.Keys(Kinds())) }

// For decodes and checks the workload of a client file and says what it needs.
// There are no settings, and Needs is empty, when the kind does not exist.
func For(f config.File) (Settings, Needs, config.Problems) {
	kind := f.Client.Workload.Kind
	newSettings, ok := Kinds()[kind]
	if !ok {
		return nil, Needs{}, unknown(f, kind)
	}
	settings := newSettings()
	var problems config.Problems
	if node := f.Client.Workload.Settings; node != nil {
		problems = f.Decode("workload", node, settings, settings.Keys())
	}
	fillLists(reflect.ValueOf(settings))
	if len(problems) == 0 {
		problems = settings.Validate(f)
	}
	return settings, settings.Needs(), problems.Sorted()
}

// unknown is the problem of a kind that does not exist. None where config has
// already reported that there is no kind at all.
func unknown(f config.File, kind string) config.Problems {
	if kind == "" {
		return nil
	}
	path := "workload"
	if f.Stated("workload.kind") {
		path = "workload.kind"
	}
	return config.Problems{f.Problem(path, fmt.Sprintf("%q is not a workload", kind), "the kinds are: "+strings.Join(Names(), ", "))}
}
