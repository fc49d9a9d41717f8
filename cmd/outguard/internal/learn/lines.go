package learn

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// A Rule is a rule that was learned, for programs.
type Rule struct {
	Section string    `json:"section"`
	Entry   []string  `json:"entry"` // its lines, without the dash
	Calls   int       `json:"calls"`
	AtLeast bool      `json:"at_least,omitempty"` // there may be more
	Last    time.Time `json:"last,omitzero"`
	Callers []string  `json:"callers,omitempty"` // packages
}

// Rules returns the rules of all sections.
func (r *Result) Rules() (all []Rule) {
	// The same order as in the file, so that a program finds a rule by its place, too.
	for i := range r.Sections {
		s := &r.Sections[i]
		for j := range s.rules {
			rule := &s.rules[j]
			var b strings.Builder
			// write begins with a comment, which is evidence and no part of the entry.
			rule.write(&b, "")
			lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")[1:] // after the comment
			for k := range lines {
				// "- http: …" and "  methods: …": the first two bytes are the dash or its
				// indentation.
				lines[k] = lines[k][2:]
			}
			all = append(all, Rule{
				Section: s.Name, Entry: lines, Calls: rule.calls, AtLeast: rule.atLeast, Last: rule.last.UTC(),
				Callers: slices.Sorted(maps.Keys(rule.callers)),
			})
		}
	}
	return all
}
