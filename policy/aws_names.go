package policy

import (
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
)

// CheckOperations asks known about every operation that the file's aws: rules name, by its service's IAM prefix and as written: known returns the fix for
// one that no service has, "" for one that some has. What is unknown is a warning, not an error, for AWS adds operations
// every day. The names of all operations are large, so that this package does not have them.
func (f *File) CheckOperations(known func(prefix, operation string) (fix string)) []Warning {
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, checking: true}
	for _, s := range f.tree.Sections() {
		for d := range s.Rules {
			if d.Key != "aws" {
				continue
			}
			for _, t := range append(d.Subject[:len(d.Subject):len(d.Subject)], d.Except...) {
				p, err := pattern.ParseAWS(t.Value, pattern.Wide)
				if err != nil || p.Service == "*" {
					continue // said elsewhere, any, or a variable
				}
				if fix := known(p.Service, p.Operation); fix != "" {
					c.Warn(t.Place, report.Quoted(t.Value)+" is no operation or action that is known", fix)
				}
			}
		}
	}
	return warningsOf(c.Reporter)
}
