package manifest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lectern/lectern/runtime/content"
)

// rule is something that a package must or should keep.
type rule struct {
	name     string // stable: reports, documentation and people's filters refer to it
	severity content.Severity
	remedy   string
	source   string
}

const (
	refuses = content.SeverityError
	warns   = content.SeverityWarning
)

// mostPerRule is how many findings of one rule a report lists: a manifest can name thousands of files that are not there.
const mostPerRule = 50

// mostInMessage is how many characters of a message a report keeps: what was found may be megabytes.
const mostInMessage = 500

// findings collects what is wrong with one package.
type findings struct {
	list  []content.Finding
	count map[string]int
}

// add reports that a file breaks a rule at a line (1-based; 0 is the whole file).
func (f *findings) add(r rule, file string, line int, format string, args ...any) {
	if f.count == nil {
		f.count = map[string]int{}
	}
	f.count[r.name]++
	if f.count[r.name] > mostPerRule {
		return
	}
	message := fmt.Sprintf(format, args...)
	if short := []rune(message); len(short) > mostInMessage {
		message = string(short[:mostInMessage]) + " …"
	}
	f.list = append(f.list, content.Finding{
		Severity: r.severity, Rule: r.name, File: file, Line: line, Message: message, Remedy: r.remedy, Source: r.source,
	})
}

// refused says whether there is an error yet.
func (f *findings) refused() bool {
	return (&content.Report{Findings: f.list}).Refused()
}

// sorted is all findings, errors first, then by file and line. The last one of a rule that was broken too often says how often.
func (f *findings) sorted() []content.Finding {
	last := map[string]int{}
	for i, one := range f.list {
		last[one.Rule] = i
	}
	for name, i := range last {
		if more := f.count[name] - mostPerRule; more > 0 {
			f.list[i].Message += fmt.Sprintf(" (and %d more like this)", more)
		}
	}
	slices.SortStableFunc(f.list, func(a, b content.Finding) int {
		return cmp.Or(
			cmp.Compare(rank(a.Severity), rank(b.Severity)), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	if f.list == nil {
		return []content.Finding{} // reports say [], not null
	}
	return f.list
}

func rank(s content.Severity) int {
	if s == content.SeverityError {
		return 0
	}
	return 1
}

// source is where findings are reported for: one file of the package.
type source struct {
	*findings
	file string
}

func (s source) report(r rule, line int, format string, args ...any) {
	s.add(r, s.file, line, format, args...)
}
