package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file checks a file without a function: every section, and what rules have to do with each
// other.

// check checks what can be known of every section without a function. For warnings, it returns the
// rules beside their drafts.
func (c *compiler) check() (all []built) {
	f := c.file.tree
	// A function is made up, so that the texts can be expanded. Its values are valid and mean
	// nothing.
	c.env = Env{Function: "function", Stage: "stage", Region: "eu-west-1", Account: "111122223333", Now: time.Now()}
	// Stages are checked where they are declared.
	if s, ok := c.text(f.Stage); ok && s != "" {
		c.isStage(syntax.Text{Value: s, Place: f.Stage.Place})
	}
	for _, a := range f.Accounts {
		if s, ok := c.text(a.Word); ok {
			c.isStage(syntax.Text{Value: s, Place: a.Word.Place})
		}
	}
	// Each section by itself. What sections have to do with each other follows in checkFile.
	for _, s := range f.Sections() {
		c.discards = c.only != nil && s.Name.Value != "" && !syntax.MatchesName(s.Name.Value, *c.only)
		c.prose(s.Owner)
		c.checkAction(s.OnViolation, "on_violation:")
		c.checkAction(s.OnUnguarded, "on_unguarded:")
		for e := range s.Rules {
			c.checkAction(e.OnViolation, "on_violation:")
			c.stages(e)
			c.inTime(e)
			m := c.rules(e)
			for i := range m.rules {
				// ParseFile keeps the rules in drafts, and only Warnings needs them.
				if !c.parsing {
					all = append(all, built{Rule: &m.rules[i], draft: m.draft, section: s})
				}
			}
		}
	}
	// Trouble with a target is a warning in a function, and an error here.
	for _, t := range f.Targets {
		for _, v := range t.Verdicts {
			c.word(v, "verdicts:", syntax.ActionWords())
		}
		c.optional(t.Dest)
		c.optional(t.Channel)
		c.optional(t.Secret)
	}
	return all
}

// checkAction checks every word of an on_violation or on_unguarded, whatever the stage.
func (c *compiler) checkAction(a *syntax.Action, key string) {
	if a == nil {
		return
	}
	c.word(a.Word, key, syntax.ActionWords())
	for _, w := range a.ByStage {
		c.word(w.Word, key, syntax.ActionWords())
	}
}

// checkFile warns of what a function would find out in some stage, or never: it is for the whole
// file.
func (c *compiler) checkFile(all []built) {
	sections := c.file.tree.Sections()
	for _, s := range sections {
		// Warnings of the parser were kept with their sections.
		c.Warnings = append(c.Warnings, s.Warnings...)
		c.checkMap(s.OnViolation, "on_violation:")
		c.checkMap(s.OnUnguarded, "on_unguarded:")
		for e := range s.Rules {
			c.checkMap(e.OnViolation, "on_violation:")
		}
	}
	if c.file.err == nil { // else what could not be read may be the list
		c.checkLists(sections)
	}
	c.checkLocal(all)
	c.below(all)
	c.notOwn(all)
	c.targets()
}

// checkLists warns of functions that may call everything: the file, or a section, has no list.
func (c *compiler) checkLists(sections []*syntax.Section) {
	listed := func(s *syntax.Section) bool { return s.HasWhite || s.HasBlack }
	// sections[0] is the top of the file.
	top, functions := sections[0], sections[1:]
	if listed(top) {
		return
	}
	if len(functions) == 0 {
		c.mayCallEverything(report.Place{})
	}
	for _, s := range functions {
		// Another section with a list may hold for the same functions.
		covers := func(t *syntax.Section) bool { return listed(t) && t.Includes(s) }
		// "*": {} says on purpose that functions need no section.
		if s.Name.Value != "*" && !slices.ContainsFunc(functions, covers) {
			c.mayCallEverything(s.Name.Place)
		}
	}
}

// checkLocal warns of whitelist rules for the function's own machine that apply in every stage. An
// emulator listens there on a laptop, and in Lambda anything may.
func (c *compiler) checkLocal(all []built) {
	for i := range all {
		r := &all[i]
		// stages: shows that the author thought of it.
		if r.Mode != pattern.Narrow || r.draft.Stages != nil {
			continue
		}
		for k, p := range r.Subject {
			if t := r.draft.Subject[k]; pattern.Local(p) {
				c.Warn(t.Place, fmt.Sprintf("%q is the function's own machine, and the rule applies in every stage", report.Short(t.Value)),
					"add stages: with the stages where an emulator runs")
			}
		}
	}
}
