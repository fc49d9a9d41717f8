package policy

import (
	"fmt"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// compiler turns a File's sections into rules and settings for one function.
type compiler struct {
	*report.Reporter
	file      *File
	env       Env
	verdict   Verdict // what follows a violation, unless a rule says otherwise
	checking  bool    // there is no function yet; what cannot be known is passed over
	parsing   bool    // for ParseFile: rules without variables are kept in their drafts
	stageless bool    // the stage could not be found, which has been reported
}

// compile compiles the sections that match the function.
func (c *compiler) compile() (settings, []rule.Rule) {
	f := c.file.tree
	sections := f.Matching(c.env.Function)
	if f.FunctionsAt.Line > 0 && len(sections) == 1 {
		c.noSection()
	}
	before := len(c.Errors)
	c.env.Stage = c.stage()
	c.stageless = len(c.Errors) > before
	set := settings{info: Info{File: f.Name, SHA256: c.file.sha256, Function: c.env.Function, Stage: c.env.Stage}}
	set.info.Owner, _ = c.free(f.Owner)

	var onViolation, onUnguarded *syntax.Action
	for _, s := range sections {
		if s.OnViolation != nil {
			onViolation = s.OnViolation
		}
		if s.OnUnguarded != nil {
			onUnguarded = s.OnUnguarded
		}
		if s.BlockFails.Value != "" {
			set.callOnly = s.BlockFails.Value == "call"
		}
		if s.Strict != nil {
			set.strictOperations = *s.Strict
		}
		set.whitelist = set.whitelist || s.HasWhite
	}
	c.verdict = c.follows(onViolation, Alert)
	set.info.OnUnguarded = c.followsUnguarded(onUnguarded, c.verdict)

	size := 0
	for _, s := range sections {
		size += len(s.White) + len(s.Black)
	}
	made := make([]built, 0, size)
	for _, s := range sections {
		c.Warnings = append(c.Warnings, s.Warnings...)
		for e := range s.Rules {
			if !c.inStage(e) || !c.inTime(e) {
				continue
			}
			for _, r := range c.rules(e) {
				r.Outcome = rule.Outcome(c.follows(e.OnViolation, c.verdict))
				made = append(made, built{r, e, s})
			}
		}
	}
	rules := make([]rule.Rule, len(made))
	for i := range made {
		rules[i] = made[i].Rule
	}
	set.targets = c.targets()
	set.env = c.env
	c.lint(made)
	c.lintStages(sections)
	set.warnings = warningsOf(c.Reporter)
	set.info.OnViolation = c.verdict
	set.info.Rules = len(rules)
	return set, rules
}

// noSection reports that no section matches the function.
func (c *compiler) noSection() {
	name, names := c.env.Function, c.file.Functions()
	at := c.file.tree.FunctionsAt
	if name == "" {
		c.Fail(at, "the function's name is not known", "set AWS_LAMBDA_FUNCTION_NAME or Options.Function")
		return
	}
	fix := fmt.Sprintf(`add a section %q, or "*": {} for functions without one`, name)
	if near := report.Closest(name, names); near != "" {
		fix = fmt.Sprintf("the nearest is %q; ", near) + fix
	}
	c.Fail(at, fmt.Sprintf("no section matches function %q", name), fix)
}
