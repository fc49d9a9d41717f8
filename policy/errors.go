package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// An Error is one thing that is wrong with a policy file: where, what, and how to mend it.
type Error struct {
	File         string // name of the file, as given to ParseFile; a feed's path for an error in a feed
	Line, Column int    // from 1; Column counts characters. 0: the file as a whole
	Problem      string
	Fix          string
}

// Error returns "file:line:column: problem; fix".
func (e *Error) Error() string { return located(e.File, e.Line, e.Column, e.Problem, e.Fix) }

// Errors is everything that is wrong with a policy file, in the order of the lines. It is what ParseFile, Parse and
// File.For return; errors.As finds it, and the first Error in it.
type Errors []*Error

// maxPrinted is how many errors Error prints: a report has to fit into a log line.
const maxPrinted = 100

// Error returns a line for each error, at most 100.
func (e Errors) Error() string {
	var b strings.Builder
	for i, err := range e {
		if i == maxPrinted {
			fmt.Fprintf(&b, "\n… and %d more", len(e)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(err.Error())
	}
	return b.String()
}

// Unwrap lets errors.As find each Error.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, err := range e {
		errs[i] = err
	}
	return errs
}

// A Warning is something in a file that has a meaning, but hardly the one that was meant.
type Warning struct {
	File         string
	Line, Column int
	Problem, Fix string
}

// String returns "file:line:column: problem; fix".
func (w Warning) String() string { return located(w.File, w.Line, w.Column, w.Problem, w.Fix) }

func located(file string, line, column int, problem, fix string) string {
	where := file
	switch {
	case line > 0 && column > 0:
		where = fmt.Sprintf("%s:%d:%d", file, line, column)
	case line > 0:
		where = fmt.Sprintf("%s:%d", file, line)
	}
	if fix == "" {
		return where + ": " + problem
	}
	return where + ": " + problem + "; " + fix
}

// place is where something stands in the policy file.
type place struct{ line, col int }

// reporter collects what is wrong with a file, and what is doubtful.
type reporter struct {
	file     string
	errs     Errors
	warnings []Warning
}

func (r *reporter) fail(at place, problem, fix string) {
	r.errs = append(r.errs, &Error{r.file, at.line, at.col, oneLine(problem), oneLine(fix)})
}

func (r *reporter) warn(at place, problem, fix string) {
	r.warnings = append(r.warnings, Warning{r.file, at.line, at.col, oneLine(problem), oneLine(fix)})
}

// maxMessage is how long a problem or a fix can be, in bytes.
const maxMessage = 600

// oneLine bounds a message, and keeps it from being more than a line: it may quote a text of any length and characters.
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

// err returns what was reported as an error, in the order of the lines, or nil.
func (r *reporter) err() error {
	if len(r.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(r.errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.errs
}
