package policy

import (
	"fmt"
	"strconv"

	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// This file builds the rules and settings of one function: which sections match, in which order.

// A compiler turns the sections of a File into rules and settings for one function. It is made for
// one run: errors and warnings collect in the Reporter.
type compiler struct {
	*report.Reporter
	file      *File
	env       Env
	verdict   Verdict // what follows a violation, unless a rule says otherwise
	checking  bool    // there is no function yet; what cannot be known is left out
	parsing   bool    // for ParseFile: rules without variables are kept for For
	only      *string // the one function that they are kept for; nil: all
	discards  bool    // the section is for other functions: its rules are checked, and not made
	repeats   repeats
	stageless bool // the stage could not be found, which has been reported
	builder   *ruleBuilder
	one       [1]entry // what pattern returns for most texts
	dropped   bool     // the last text was one that its rule must not be without
}

// compile compiles the sections that match the function. It returns the rules beside their drafts.
func (c *compiler) compile() (settings, []built) {
	f := c.file.tree
	sections := f.Matching(c.env.Function)
	// One section is the top. A central file may have sections for some functions alone.
	if f.FunctionsAt.Line > 0 && len(sections) == 1 && (!c.file.central || c.env.Function == "") {
		c.noSection()
	}
	// Without a stage, each map by stage would be an error of its own. So it is noted whether the
	// stage itself was one.
	before := len(c.Errors)
	c.env.Stage = c.stage()
	c.stageless = len(c.Errors) > before
	set := settings{info: Info{File: f.Name, SHA256: c.file.sha256, Function: c.env.Function, Stage: c.env.Stage}}
	// Sections apply in the order of the file. The last one that has a key wins.
	var onViolation, onUnguarded *syntax.Action
	for _, s := range sections {
		if s.Owner.Value != "" {
			set.info.Owner, _ = c.prose(s.Owner)
		}
		if s.OnViolation != nil {
			onViolation = s.OnViolation
		}
		if s.OnUnguarded != nil {
			onUnguarded = s.OnUnguarded
		}
		if s.BlockFails.Value != "" {
			set.callOnly = s.BlockFails.Value == "call"
			set.info.AtOnce = s.BlockFails.Value == "at_once"
		}
		// One whitelist anywhere is enough for default deny, even an empty one.
		set.whitelist = set.whitelist || s.HasWhite
	}
	// Without on_violation:, a violation is an alert.
	c.verdict = c.follows(onViolation, Alert)
	set.info.OnUnguarded = c.followsUnguarded(onUnguarded, c.verdict)

	// Rules are kept in one slice. Large files have tens of thousands.
	size := 0
	for _, s := range sections {
		size += len(s.White) + len(s.Black)
	}
	all := make([]built, 0, size)
	for _, s := range sections {
		// Warnings of sections that do not apply are not shown.
		c.Warnings = append(c.Warnings, s.Warnings...)
		for e := range s.Rules {
			// A rule of another stage, or of the past, does not become a rule.
			if !c.inStage(e) || !c.inTime(e) {
				continue
			}
			m := c.rules(e)
			for i := range m.rules {
				// A rule's own on_violation: counts before that of the sections.
				outcome := rule.Outcome(c.follows(e.OnViolation, c.verdict))
				all = append(all, built{&m.rules[i], outcome, m.draft, s})
			}
		}
	}
	// These see the rules that apply to the function, and warn of what only shows there.
	c.checkStages(sections)
	c.strangers(all, c.env.Modules)
	c.below(all)
	c.notOwn(all)
	c.elsewhere(all)
	if !c.file.central { // there, such a rule does not vouch
		c.anyAccount(all)
	}
	if !c.file.central || len(sections) > 1 || f.FunctionsAt.Line == 0 {
		c.unrestricted(sections) // the top of a central file alone may be silent about a function
	}
	set.targets = c.targets()
	set.env = c.env
	set.warnings = warningsOf(c.Reporter)
	set.info.OnViolation = c.verdict
	set.info.Rules = len(all)
	return set, all
}

// rulesOf returns the rules alone, with their outcomes.
func rulesOf(all []built) []rule.Rule {
	// The drafts are not needed by engines.
	rules := make([]rule.Rule, len(all))
	for i := range all {
		rules[i] = *all[i].Rule
		rules[i].Outcome = all[i].outcome
	}
	return rules
}

// unrestricted warns of a function that may call everything, because neither its sections nor the
// top of the file have a list. A section "*" alone stands for functions that need none.
func (c *compiler) unrestricted(sections []*syntax.Section) {
	// at is the section to complain about; everybody says that "*" alone applies.
	at, everybody := report.Place{}, len(sections) > 1
	for _, s := range sections {
		if s.HasWhite || s.HasBlack {
			return
		}
		if s.Name.Value != "" && s.Name.Value != "*" {
			at, everybody = s.Name.Place, false
		}
	}
	if !everybody {
		c.mayCallEverything(at)
	}
}

// mayCallEverything warns at a section, or of the whole file where at is zero.
func (c *compiler) mayCallEverything(at report.Place) {
	what := "this file lets functions call everything: it has neither a whitelist nor a blacklist"
	// A section is named, where there is one.
	if at.Line > 0 {
		what = "this function may call everything: neither its section nor the top of the file has a whitelist or a blacklist"
	}
	c.Warn(at, what, "add one, or write blacklist: [] if that is meant")
}

// below warns of a path of a blacklist whose well-known neighbours no blacklist holds.
func (c *compiler) below(all []built) {
	// covered reports whether a blacklist has a pattern, or forbids all of HTTP.
	covered := func(p pattern.Pattern) bool {
		for i := range all {
			if all[i].Mode == pattern.Wide && (all[i].Any && all[i].Kind == rule.HTTP || pattern.AnyCovers(all[i].Subject, p)) {
				return true
			}
		}
		return false
	}
	for i := range all {
		r := &all[i]
		// Feeds have hosts alone.
		if r.Mode != pattern.Wide || r.draft.Key == "feed" {
			continue
		}
		// Subjects and their texts have the same indexes.
		for k, p := range r.Subject {
			if wrong := pattern.Below(p, r.draft.Subject[k].Value, covered); wrong != nil {
				c.Warn(r.draft.Subject[k].Place, wrong.What, wrong.Fix)
			}
		}
	}
}

// noSection reports that no section matches the function.
func (c *compiler) noSection() {
	name, names := c.env.Function, c.file.Functions()
	at := c.file.tree.FunctionsAt
	// Without a name, no section can be found, whatever the file has.
	if name == "" {
		c.Fail(at, "the function's name is not known", "set AWS_LAMBDA_FUNCTION_NAME or Options.Function")
		return
	}
	section := strconv.Quote(name)
	// The name ends in what a tool generates: an exact section would be wrong after the next stack.
	if glob := foldids.Function(name); glob != name {
		section = strconv.Quote(glob) + ", whose * stands for what was generated"
	}
	fix := fmt.Sprintf(`add a section %s, or "*": {} for functions without one`, section)
	if near := report.Closest(name, names); near != "" {
		fix = fmt.Sprintf("the nearest is %q; ", near) + fix
	}
	c.Fail(at, fmt.Sprintf("no section matches function %q", name), fix)
}
