// Package report collects what is wrong or doubtful in a policy file, and words it for people: places, faults, suggestions.
package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// place is a position in a policy file. Both numbers start at 1; zero means the file as a whole.
type place struct{ line, col int }

// problem is what is wrong with a piece of policy text, and how to fix it. The reporter adds the place.
type problem struct{ what, fix string }

func (p *problem) Error() string { return p.what + "; " + p.fix }

// fault is a problem at its place: an error or a warning. A zero Line means the file as a whole.
type fault struct {
	File         string
	Line, Column int
	Problem      string
	Fix          string
}

// String returns "file:line:column: problem; fix".
func (f fault) String() string {
	where := f.File
	switch {
	case f.Line > 0 && f.Column > 0:
		where = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	case f.Line > 0:
		where = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	if f.Fix == "" {
		return where + ": " + f.Problem
	}
	return where + ": " + f.Problem + "; " + f.Fix
}

// reporter collects the errors and warnings of one file.
type reporter struct {
	file     string
	errs     []fault
	warnings []fault
}

func (r *reporter) fail(at place, problem, fix string) {
	r.errs = append(r.errs, r.fault(at, problem, fix))
}

func (r *reporter) warn(at place, problem, fix string) {
	r.warnings = append(r.warnings, r.fault(at, problem, fix))
}

func (r *reporter) fault(at place, problem, fix string) fault {
	return fault{r.file, at.line, at.col, oneLine(problem), oneLine(fix)}
}

// sortedErrs returns the errors in the order of files and lines.
func (r *reporter) sortedErrs() []fault {
	slices.SortStableFunc(r.errs, func(a, b fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), byPlace(a, b))
	})
	return r.errs
}

// sortedWarnings returns the warnings in the order of lines, each once.
func (r *reporter) sortedWarnings() []fault {
	slices.SortStableFunc(r.warnings, func(a, b fault) int {
		return cmp.Or(byPlace(a, b), strings.Compare(a.Problem, b.Problem))
	})
	return slices.Compact(r.warnings)
}

func byPlace(a, b fault) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// maxMessage is the longest problem or fix, in bytes.
const maxMessage = 600

// oneLine bounds a message and keeps it on one line: it may quote text of any length and characters.
func oneLine(s string) string {
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "..."
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}
