package policy

import (
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// An Error is one thing that is wrong with a policy file: where, what, and how to fix it.
type Error struct {
	File         string // the name given to ParseFile; the path of a feed for an error in a feed
	Line, Column int    // from 1; Column counts characters. 0: the file as a whole
	Problem      string
	Fix          string
}

// Error returns "file:line:column: problem; fix".
func (e *Error) Error() string { return report.Fault(*e).String() }

// Errors is everything that is wrong with a policy file, in the order of the lines. ParseFile,
// Parse and File.For return it; errors.As finds it, and the first Error in it.
type Errors []*Error

// maxPrinted is how many errors Error prints: a report has to fit into a log line.
const maxPrinted = 100

// Error returns a line for each error, at most 100.
func (e Errors) Error() string {
	var b strings.Builder
	// In the order of lines, the first errors are mostly the cause of later ones.
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

// A Warning is an entry of a file that is valid but probably not what the author intended.
type Warning struct {
	File         string
	Line, Column int
	Problem      string
	Fix          string
}

// String returns "file:line:column: problem; fix".
func (w Warning) String() string { return report.Fault(w).String() }

// errorOf returns what r reported as errors, or nil. In the order of lines. The list is nil without
// errors, so that err == nil holds.
func errorOf(r *report.Reporter) error {
	if len(r.Errors) == 0 {
		return nil
	}
	var errs Errors
	for _, f := range r.SortedErrors() {
		e := Error(f)
		errs = append(errs, &e)
	}
	return errs
}

// warningsOf returns what r reported as warnings.
func warningsOf(r *report.Reporter) (warnings []Warning) {
	for _, f := range r.SortedWarnings() {
		warnings = append(warnings, Warning(f))
	}
	return warnings
}
