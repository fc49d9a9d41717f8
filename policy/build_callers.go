package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// callers parses the callers: of a rule. What can match no package is an error in a whitelist, and
// a warning in a blacklist, which then holds for the other callers that it names.
func (b *ruleBuilder) callers() (callers []pattern.Caller) {
	every := false // a text stands for every caller
	for _, t := range b.draft.Callers {
		text, ok := b.text(t)
		// A variable has no value, which has been reported.
		b.whole = b.whole && ok
		if !ok {
			continue
		}
		text = strings.TrimSpace(text)
		// A blacklist reads what was meant.
		if meant, slip := pattern.Slip(text); slip != nil && meant != "" && b.draft.Mode == pattern.Wide {
			b.Warn(t.Place, "callers: "+slip.What, slip.Fix)
			text = meant
		}
		c, wrong := pattern.ParseCaller(text)
		// deadEntry decides by the list whether it is a warning.
		if wrong != nil {
			wide := b.draft.Mode == pattern.Wide
			b.deadEntry(t.Place, wide, wrong)
			if wide {
				every = every || everyWord(text)
				callers = append(callers, meantCallers(text)...)
			}
			continue
		}
		callers = append(callers, c)
	}
	if every {
		return nil
	}
	// No caller is left: without this, nil would mean any caller.
	b.nothingLeft = b.nothingLeft || callers == nil && len(b.draft.Callers) > 0
	return callers
}

// meantCallers returns the callers in a text that lists several; nil if one of them is not one.
func meantCallers(text string) (callers []pattern.Caller) {
	for _, one := range separate(text) {
		c, wrong := pattern.ParseCaller(one)
		if wrong != nil {
			return nil
		}
		callers = append(callers, c)
	}
	return callers
}

// strangers warns of callers: that match no package of the modules of the binary.
func (c *compiler) strangers(rules []built, find func() []string) {
	if find == nil {
		return
	}
	var modules []string
	// modules is found once, and only if some rule has callers:.
	for i := range rules {
		for _, t := range rules[i].draft.Callers {
			if modules == nil {
				// nil also means that the function is not built with modules.
				if modules = find(); modules == nil {
					return // the binary does not hold them
				}
			}
			text, ok := c.text(t)
			if !ok {
				continue
			}
			p, wrong := pattern.ParseCaller(strings.TrimSpace(text))
			if wrong == nil && !slices.ContainsFunc(modules, p.MayMatchIn) {
				// The nearest module is mostly the one that was renamed or misspelled.
				fix := "name a package that the function is linked with"
				if near := report.Nearest(strings.TrimSuffix(text, "/..."), modules); near != "" {
					fix = fmt.Sprintf("did you mean %q?", near)
				}
				c.Warn(t.Place, fmt.Sprintf("callers: %q matches no module of the binary", report.Short(text)), fix)
			}
		}
	}
}

// CheckCallers returns a warning for each entry of callers: that matches no package of a binary,
// which has the given modules.
func (f *File) CheckCallers(modules []string) []Warning {
	// No rule is compiled: only the drafts matter here.
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, checking: true}
	var all []built
	for _, s := range f.tree.Sections() {
		s.Rules(func(d *syntax.Draft) bool {
			all = append(all, built{Rule: &rule.Rule{}, draft: d, section: s})
			return true
		})
	}
	c.strangers(all, func() []string { return modules })
	return warningsOf(c.Reporter)
}
