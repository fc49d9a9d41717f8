package policy

import (
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// This file checks the names of operations and actions in rules.

// CheckOperations asks wrong about every operation that the aws: rules of the file name, by the
// IAM prefix of its service and as written. wrong returns what is wrong with a name and how to
// fix it, or "" for an operation or an action that some call takes. Such a name is a warning and
// not an error, because AWS adds operations every day. The names of all operations are large, so
// that this package does not have them.
func (f *File) CheckOperations(wrong func(prefix, operation string) (problem, fix string)) []Warning {
	// Only the places and names matter here. The compiler takes the warnings.
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, checking: true}
	for _, s := range f.tree.Sections() {
		for d := range s.Rules {
			if d.Key != "aws" {
				continue
			}
			// With its capacity cut, append copies and leaves the draft alone.
			for _, t := range append(d.Subject[:len(d.Subject):len(d.Subject)], d.Except...) {
				p, err := pattern.ParseAWS(t.Value, pattern.Wide)
				if err != nil || p.Service == "*" {
					continue // reported elsewhere, any, or a variable
				}
				if problem, fix := wrong(p.Service, p.Operation); problem != "" {
					c.Warn(t.Place, report.Quoted(t.Value)+" "+problem, fix)
				}
			}
		}
	}
	return warningsOf(c.Reporter)
}

// CheckResources asks kinds for the kinds of resources on which each operation acts that the aws:
// rules of the file name in full: how what follows an ARN's fifth colon begins, or nil if that is
// not known. It warns of resources on which no operation of their rule acts. The kinds of all
// operations are large, so that this package does not have them.
func (f *File) CheckResources(kinds func(prefix, operation string) []string) []Warning {
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, checking: true}
	for _, s := range f.tree.Sections() {
		for d := range s.Rules {
			if d.Key != "aws" || len(d.Resources) == 0 {
				continue
			}
			var subject []pattern.AWS
			// One subject that cannot be read leaves open what the resources are for.
			for _, t := range d.Subject {
				p, err := pattern.ParseAWS(t.Value, pattern.Wide)
				if err != nil {
					subject = nil
					break
				}
				subject = append(subject, p)
			}
			for _, t := range d.Resources {
				// What a variable stands for is known only in a function.
				if strings.Contains(t.Value, "${") {
					continue
				}
				if p := pattern.OtherKind(subject, t.Value, d.Mode, kinds); p != nil {
					c.Warn(t.Place, p.What, p.Fix)
				}
			}
		}
	}
	return warningsOf(c.Reporter)
}
