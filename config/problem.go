package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong in a client file: where it is, what was
// found and what would do.
type Problem struct {
	File string
	// Line in the file, from 1; 0 where the problem is the file itself.
	Line int
	// Path of the key, for example loadBalancer.rules[0].paths; empty where no key is meant.
	Path string
	// Found is what was found, for example `"huge" is not a class`.
	Found string
	// Fix is what would do, for example `choose db.t4g.medium`.
	Fix string
}

// String is the problem on one line:
//
//	config/clients/demo.yaml:12: database.class: "huge" is not a class; choose db.t4g.medium
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Found)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}

// Problems are all problems of one or more files. It is an error; return it as
// one only when it is not empty (see Err).
type Problems []Problem

// Err is p as an error, nil when there is no problem.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Error is String.
func (p Problems) Error() string { return p.String() }

// maxListed is how many problems String lists: more are one mistake many times.
const maxListed = 200

// String lists the problems by file and line, one a line, under their count.
func (p Problems) String() string {
	var b strings.Builder
	switch len(p) {
	case 0:
		return "no problems"
	case 1:
		b.WriteString("1 problem:")
	default:
		fmt.Fprintf(&b, "%d problems:", len(p))
	}
	for i, problem := range p.Sorted() {
		if i == maxListed {
			fmt.Fprintf(&b, "\n  … and %d more", len(p)-maxListed)
			break
		}
		b.WriteString("\n  " + problem.String())
	}
	return b.String()
}

// Sorted is p by file, line and path.
func (p Problems) Sorted() Problems {
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path))
	})
	return sorted
}
