// Package report collects what is wrong or doubtful in a policy file, and words it for people:
// places, faults, suggestions.
package report

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// Place is a position in a policy file. Both numbers start at 1; zero means the file as a whole.
type Place struct{ Line, Col int }

// Problem is what is wrong with a piece of policy text, and how to fix it. The reporter adds the
// place. Both are whole phrases without a full stop, and begin with a small letter.
type Problem struct{ What, Fix string }

// Error returns "problem; fix".
func (p *Problem) Error() string { return p.What + "; " + p.Fix }

// Of returns the problem of a text that holds nothing to escape: what follows the text in quotes.
// The 60 places where Of or OfKey are called would take 16 KB more if each built its text.
//
//go:noinline
func Of(text, what, fix string) *Problem {
	return &Problem{What: Quoted(Short(text)) + what, Fix: fix}
}

// OfKey returns the problem of a text under a key of the policy, or of a text alone: what follows
// the text in quotes.
//
//go:noinline
func OfKey(key, text, what, fix string) *Problem {
	if key != "" {
		key += ": "
	}
	return &Problem{What: key + strconv.Quote(Short(text)) + what, Fix: fix}
}

// Fault is a problem at its place: an error or a warning. A zero Line means the file as a whole.
type Fault struct {
	File         string
	Line, Column int
	Problem      string
	Fix          string
}

// String returns "file:line:column: problem; fix".
func (f Fault) String() string {
	where := f.File
	switch {
	case f.Line > 0 && f.Column > 0:
		where = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	case f.Line > 0:
		where = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	// A fix is missing where there is nothing to do about it.
	if f.Fix == "" {
		return where + ": " + f.Problem
	}
	return where + ": " + f.Problem + "; " + f.Fix
}

// Reporter collects the errors and warnings of one file. It is for one goroutine. The zero Reporter
// works, for a file without a name.
type Reporter struct {
	File     string
	Errors   []Fault
	Warnings []Fault
}

// Fail adds an error. Inlined, as it would be at 84 places, it is 30 KB, and Warn is 13 KB.
//
//go:noinline
func (r *Reporter) Fail(at Place, problem, fix string) {
	r.Errors = append(r.Errors, r.fault(at, problem, fix))
}

// Warn adds a warning.
//
//go:noinline
func (r *Reporter) Warn(at Place, problem, fix string) {
	r.Warnings = append(r.Warnings, r.fault(at, problem, fix))
}

// fault bounds the texts: they may quote what is in the file.
func (r *Reporter) fault(at Place, problem, fix string) Fault {
	return Fault{r.File, at.Line, at.Col, oneLine(problem), oneLine(fix)}
}

// SortedErrors returns the errors in the order of files and lines. Errors of several files meet in
// one Reporter: a feed's stand beside the policy's.
func (r *Reporter) SortedErrors() []Fault {
	sort.SliceStable(r.Errors, func(i, j int) bool { // slices.SortStableFunc is 10 KB more
		a, b := &r.Errors[i], &r.Errors[j]
		return cmp.Or(strings.Compare(a.File, b.File), byPlace(a, b)) < 0
	})
	return r.Errors
}

// SortedWarnings returns the warnings in the order of lines, each once.
func (r *Reporter) SortedWarnings() []Fault {
	sort.SliceStable(r.Warnings, func(i, j int) bool {
		a, b := &r.Warnings[i], &r.Warnings[j]
		return cmp.Or(byPlace(a, b), strings.Compare(a.Problem, b.Problem)) < 0
	})
	// The same rule may be checked for several reasons, which warn alike.
	return slices.Compact(r.Warnings)
}

// byPlace orders by line and column. Faults of the file as a whole come first.
func byPlace(a, b *Fault) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// maxMessage is the longest problem or fix, in bytes.
const maxMessage = 600

// oneLine bounds a message and keeps it on one line: it may quote text of any length and
// characters.
func oneLine(s string) string {
	// The cut may go through a character of several bytes, which is then dropped.
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "..."
	}
	// Line feeds and escape sequences would forge lines of a log.
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}
