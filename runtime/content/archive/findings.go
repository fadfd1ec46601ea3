package archive

import (
	"fmt"
	"unicode"

	"github.com/lectern/lectern/runtime/content"
)

// perRule is how many findings of one rule are told in full.
const perRule = 20

// findings collects what is wrong, without letting an archive of 50,000 bad entries fill a report.
type findings struct {
	list  []content.Finding
	count map[string]int
}

func (f *findings) add(severity content.Severity, rule, file, message, remedy string) {
	if f.count == nil {
		f.count = map[string]int{}
	}
	if f.count[rule]++; f.count[rule] > perRule {
		return
	}
	f.list = append(f.list, content.Finding{Severity: severity, Rule: rule, File: printable(file), Message: message, Remedy: remedy})
}

func (f *findings) refuse(rule, file, message, remedy string) {
	f.add(content.SeverityError, rule, file, message, remedy)
}

// all is the list, with one finding more for each rule that has more.
func (f *findings) all() []content.Finding {
	told := map[string]bool{}
	list := f.list
	for _, one := range f.list {
		if more := f.count[one.Rule] - perRule; more > 0 && !told[one.Rule] {
			told[one.Rule] = true
			list = append(list, content.Finding{Severity: one.Severity, Rule: one.Rule, Message: fmt.Sprintf("the same is true of %d more entries", more), Remedy: one.Remedy})
		}
	}
	return list
}

func (f *findings) refused() bool {
	return (&content.Report{Findings: f.list}).Refused()
}

// printable keeps control characters of hostile names, and most of a name that is far too long, out of reports.
func printable(name string) string {
	const longest = 200
	runes := []rune(name)
	if len(runes) > longest {
		runes = append(runes[:longest], '…')
	}
	for i, r := range runes {
		if unicode.IsControl(r) {
			runes[i] = unicode.ReplacementChar
		}
	}
	return string(runes)
}
