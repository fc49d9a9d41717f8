package policy

import (
	"fmt"
)

// compiler turns a File's sections into rules and settings for one function.
type compiler struct {
	*reporter
	file      *File
	env       Env
	verdict   Verdict // what follows a violation, unless a rule says otherwise
	checking  bool    // there is no function yet; what cannot be known is passed over
	parsing   bool    // for ParseFile: rules without variables are kept in their drafts
	stageless bool    // the stage could not be found, which has been reported
}

// compile compiles the sections that match the function.
func (c *compiler) compile() (settings, []rule) {
	f := c.file.tree
	sections := f.matching(c.env.Function)
	if f.functionsAt.line > 0 && len(sections) == 1 {
		c.noSection()
	}
	before := len(c.errs)
	c.env.Stage = c.stage()
	c.stageless = len(c.errs) > before
	set := settings{info: Info{File: f.name, SHA256: c.file.sha256, Function: c.env.Function, Stage: c.env.Stage}}
	set.info.Owner, _ = c.free(f.owner)

	var onViolation *action
	for _, s := range sections {
		if s.onViolation != nil {
			onViolation = s.onViolation
		}
		if s.blockFails.value != "" {
			set.callOnly = s.blockFails.value == "call"
		}
		if s.strict != nil {
			set.strictOperations = *s.strict
		}
		set.whitelist = set.whitelist || s.hasWhite
	}
	c.verdict = c.follows(onViolation, Alert)

	size := 0
	for _, s := range sections {
		size += len(s.white) + len(s.black)
	}
	made := make([]built, 0, size)
	for _, s := range sections {
		c.warnings = append(c.warnings, s.warnings...)
		for e := range s.drafts {
			if !c.inStage(e) || !c.inTime(e) {
				continue
			}
			for _, r := range c.rules(e) {
				r.outcome = outcome(c.follows(e.onViolation, c.verdict))
				made = append(made, built{r, e, s})
			}
		}
	}
	rules := make([]rule, len(made))
	for i := range made {
		rules[i] = made[i].rule
	}
	set.targets = c.targets()
	set.env = c.env
	c.lint(made)
	c.lintStages(sections)
	set.warnings = warningsOf(c.reporter)
	set.info.OnViolation = c.verdict
	set.info.Rules = len(rules)
	return set, rules
}

// noSection reports that no section matches the function.
func (c *compiler) noSection() {
	name, names := c.env.Function, c.file.Functions()
	at := c.file.tree.functionsAt
	if name == "" {
		c.fail(at, "the function's name is not known", "set AWS_LAMBDA_FUNCTION_NAME or Options.Function")
		return
	}
	fix := fmt.Sprintf(`add a section %q, or "*": {} for functions without one`, name)
	if near := closest(name, names); near != "" {
		fix = fmt.Sprintf("the nearest is %q; ", near) + fix
	}
	c.fail(at, fmt.Sprintf("no section matches function %q", name), fix)
}
