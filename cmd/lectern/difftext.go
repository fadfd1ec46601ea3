package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/lectern/lectern/stacks/change"
)

// printDiff writes a report for people: stack by stack, the gravest first.
func printDiff(out io.Writer, r change.Report) error {
	var text strings.Builder
	if len(r.Stacks) == 0 {
		text.WriteString("Nothing changes.\n")
	}
	for _, s := range r.Stacks {
		fmt.Fprintf(&text, "%s (%s)%s\n", s.Name, s.Region, map[string]string{"comes": ", a new stack", "leaves": ", which leaves"}[s.Fate])
		for _, note := range s.Notes {
			fmt.Fprintf(&text, "  %s\n", note)
		}
		describeChanges(&text, s)
		text.WriteString("\n")
	}
	summarize(&text, r)
	if len(r.Deploy) > 0 {
		text.WriteString(pick(r.Worst == change.Refused, "\nWithout what AWS refuses, deploy with:\n", "\nDeploy with:\n"))
		for _, step := range r.Deploy {
			fmt.Fprintf(&text, "  %s   # %s\n", step.Command, step.Why)
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// describeChanges writes what happens to each resource. Of a stack that comes or
// leaves as a whole, harmless ones are only counted.
func describeChanges(text *strings.Builder, s change.StackReport) {
	whole := 0
	for _, c := range s.Changes {
		if s.Fate != "changed" && !c.Grave() && c.Kind != "moved" && c.Worst != change.LeftBehind {
			whole++
			continue
		}
		describe(text, c)
	}
	if whole > 0 {
		fmt.Fprintf(text, "  %s %s\n", count(whole, "resource"), map[string]string{"comes": "are added", "leaves": "are deleted with it"}[s.Fate])
	}
}

func describe(text *strings.Builder, c change.Change) {
	mark := "  "
	if c.Grave() {
		mark = "! "
	}
	data := pick(c.HoldsData, ", holds data", "")
	fmt.Fprintf(text, "%s%s %s (%s%s): %s\n", mark, c.Kind, c.Path, c.Type, data, effect(c.Worst, c.Perhaps, seconds(c)))
	if c.To != "" {
		fmt.Fprintf(text, "      to %s\n", c.To)
	}
	if c.Kind == "added" && c.Worst == change.None {
		return
	}
	for _, f := range c.Findings {
		fmt.Fprintf(text, "      %s%s\n", whatChanges(f), f.Text)
		if f.Effect >= change.Interruption && f.Way != "" {
			fmt.Fprintf(text, "        instead: %s\n", f.Way)
		}
		if f.Effect >= change.Interruption && f.Page != "" {
			fmt.Fprintf(text, "        %s\n", f.Page)
		}
	}
}

// whatChanges is "Path: from → to: ", as far as there is one.
func whatChanges(f change.Finding) string {
	switch {
	case f.Property == "":
		return ""
	case f.From == "" && f.To == "" || len(f.From)+len(f.To) > 140:
		return f.Property + ": "
	}
	return fmt.Sprintf("%s: %s → %s: ", f.Property, oneLine(f.From), oneLine(f.To))
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", " ") }

func seconds(c change.Change) int {
	for _, f := range c.Findings {
		if f.Effect == c.Worst && f.Seconds > 0 {
			return f.Seconds
		}
	}
	return 0
}

func effect(e change.Effect, perhaps bool, seconds int) string {
	words := e.Words()
	if seconds > 0 {
		words += fmt.Sprintf(" of about %d s", seconds)
	}
	return pick(perhaps, "perhaps ", "") + words
}

// summarize writes how many resources meet with what.
func summarize(text *strings.Builder, r change.Report) {
	all := r.Changes()
	if len(all) == 0 {
		return
	}
	kinds := map[string]int{}
	refused, data := 0, 0
	for _, c := range all {
		kinds[c.Kind]++
		if c.Worst == change.Refused {
			refused++
		}
		if c.HoldsData && c.Grave() && c.Worst != change.Refused {
			data++
		}
	}
	var parts []string
	for _, kind := range []string{"added", "changed", "replaced", "moved", "removed"} {
		if kinds[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", kinds[kind], kind))
		}
	}
	fmt.Fprintf(text, "%s: %s.", count(len(all), "resource"), strings.Join(parts, ", "))
	switch {
	case refused > 0:
		fmt.Fprintf(text, " AWS refuses %s.", count(refused, "change"))
	case data > 0:
		fmt.Fprintf(text, " %s with data would be replaced, removed or written over.", count(data, "resource"))
	case len(r.Grave()) > 0:
		text.WriteString(" Nobody has said what some of these mean.")
	default:
		text.WriteString(" Nothing that holds data is lost, and AWS refuses nothing.")
	}
	text.WriteString("\n")
}
