package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file finds out the stage, and what maps by stage say for it.

// stage returns the stage that the function runs in: env's, else what stage: says. From the outside
// to the inside: OUTGUARD_STAGE or an option, stage: as a word, stage: by account.
func (c *compiler) stage() string {
	f := c.file.tree
	if c.env.Stage != "" {
		if !c.isStage(syntax.Text{Value: c.env.Stage, Place: f.StageAt}) {
			return ""
		}
		return c.env.Stage
	}
	if f.Stage.Value != "" {
		s, ok := c.text(f.Stage)
		if !ok || !c.isStage(syntax.Text{Value: s, Place: f.Stage.Place}) {
			return ""
		}
		return s
	}
	// Without stage:, there is no stage. Only what depends on it is an error.
	if f.Accounts == nil {
		return ""
	}
	if c.env.Account == "" {
		return "" // an error for what depends on it
	}
	// The account itself counts before "*".
	for _, key := range []string{c.env.Account, "*"} {
		for _, a := range f.Accounts {
			if a.Key.Value == key {
				s, _ := c.text(a.Word)
				return s
			}
		}
	}
	if c.file.central {
		return "" // the strictest entry of each map counts
	}
	c.Fail(f.StageAt, fmt.Sprintf("account %s has no stage", c.env.Account), fmt.Sprintf(`add "%s": STAGE, or a "*" entry for any other account`, c.env.Account))
	return ""
}

// isStage reports a text that cannot be a stage, and returns whether it can.
func (c *compiler) isStage(t syntax.Text) bool { return syntax.CheckStage(c.Reporter, t) }

// follows returns the verdict that an on_violation gives in this stage; nil gives otherwise.
func (c *compiler) follows(a *syntax.Action, otherwise Verdict) Verdict {
	if a == nil {
		return otherwise
	}
	if v, ok := c.verdictOf(a, "on_violation:"); ok {
		return v
	}
	// It is refused with an error, so that the verdict does not matter. Block is the safe one.
	c.noStage(a.Place, "on_violation:", a.ByStage)
	return Block
}

// followsUnguarded returns the verdict on a call that no layer saw whole: what on_unguarded says,
// else at most an alert.
func (c *compiler) followsUnguarded(a *syntax.Action, onViolation Verdict) Verdict {
	if a != nil {
		if v, ok := c.verdictOf(a, "on_unguarded:"); ok {
			return v
		}
	}
	// At most an alert, because what is reported here may be allowed.
	return max(Alert, onViolation)
}

// verdictOf returns the verdict of an action in this stage; false when it does not list the stage.
func (c *compiler) verdictOf(a *syntax.Action, key string) (Verdict, bool) {
	word := a.Word
	// The stage has an error of its own. One is enough.
	if a.ByStage != nil && c.stageless {
		return Block, true
	}
	// No stage, and it must not be loosened by leaving it open.
	if a.ByStage != nil && c.file.central && c.env.Stage == "" {
		c.unknownStage(a.Place, key, "the strictest entry counts")
		return c.strictest(a.ByStage, key), true
	}
	// The stage itself counts before "*".
	if a.ByStage != nil {
		i := slices.IndexFunc(a.ByStage, func(w syntax.StageWord) bool { return w.Key.Value == c.env.Stage })
		if i < 0 {
			i = slices.IndexFunc(a.ByStage, func(w syntax.StageWord) bool { return w.Key.Value == "*" })
		}
		if i < 0 {
			return Block, false
		}
		word = a.ByStage[i].Word
	}
	v, _ := verdictOf(c.word(word, key, syntax.ActionWords()))
	// A variable may have made it milder.
	c.loosened(word, key, v)
	return v, true
}

// noStage reports that a mapping by stage does not have this one.
func (c *compiler) noStage(at report.Place, what string, words []syntax.StageWord) {
	var names []string
	for _, w := range words {
		names = append(names, w.Key.Value)
	}
	if c.env.Stage == "" {
		c.Fail(at, what+" depends on the stage, which is not known", c.stageFix(`add stage: to the file, or a "*" entry here`))
		return
	}
	// A stage in a map is often misspelled on one of the two sides.
	fix := fmt.Sprintf(`add "%s", or a "*" entry for any other stage`, c.env.Stage)
	if near := report.Nearest(c.env.Stage, names); near != "" {
		fix = fmt.Sprintf("did you mean %q? Else ", near) + fix
	}
	c.Fail(at, fmt.Sprintf("%s does not list stage %q", what, c.env.Stage), fix)
}

// verdictOf returns the verdict of a word. Of any other it is Block and false.
func verdictOf(word string) (Verdict, bool) {
	switch word {
	case "log":
		return Log, true
	case "alert":
		return Alert, true
	case "block":
		return Block, true
	}
	return Block, false
}

// stageFix says what to do about a stage that is not known; fix is for a file that has no stage:
// key.
func (c *compiler) stageFix(fix string) string {
	if c.file.tree.Accounts != nil {
		return "the account is not known either: set the stage from outside, with OUTGUARD_STAGE or Options.Stage"
	}
	return fix
}

// inStage reports whether a rule holds in this stage.
func (c *compiler) inStage(e *syntax.Draft) bool {
	if e.Stages == nil {
		return true
	}
	stages, ok := c.stages(e)
	// Without a stage, each list is read the safe way.
	if ok && c.file.central && c.env.Stage == "" {
		if e.Mode == pattern.Wide {
			c.unknownStage(e.Stages[0].Place, "stages:", "the rule applies in every stage")
			return true
		}
		c.unknownStage(e.Stages[0].Place, "stages:", "the rule allows nothing")
		return false
	}
	if ok && c.env.Stage == "" && !c.stageless {
		c.Fail(e.Stages[0].Place, "stages: depends on the stage, which is not known", c.stageFix("add stage: to the file, or delete stages:"))
	}
	// For a stage that is wrong, this is false: the error is enough.
	return slices.Contains(stages, c.env.Stage)
}

// stages expands the stages of a rule. A text that is not a stage is refused: a blacklist rule
// for stage "*" would never hold.
func (c *compiler) stages(e *syntax.Draft) ([]string, bool) {
	out, all := make([]string, 0, len(e.Stages)), true
	for _, t := range e.Stages {
		s, ok := c.text(t)
		switch {
		case ok && strings.Contains(s, "*"):
			c.Fail(t.Place, fmt.Sprintf("stages: %q is not a stage", report.Short(s)), "name each stage, or leave stages: out for every stage")
			ok = false
		case ok:
			ok = c.isStage(syntax.Text{Value: s, Place: t.Place})
		}
		all = all && ok
		out = append(out, s)
	}
	return out, all
}

// inTime reports whether a rule still holds, and warns in its last week and after.
func (c *compiler) inTime(e *syntax.Draft) bool {
	if e.Until.Value == "" {
		return true
	}
	// The rule holds to the end of that day in UTC.
	day, ok := c.day(e.Until)
	if !ok {
		return false
	}
	left := day.AddDate(0, 0, 1).Sub(c.env.Now)
	switch {
	case left <= 0:
		c.Warn(e.Until.Place, fmt.Sprintf("the rule ended with %s and allows nothing", day.Format(time.DateOnly)), "delete it, or set a later day")
	// A day more than a week, so that the warning is there for 7 full days.
	case left <= 8*24*time.Hour && !c.checking:
		c.Warn(e.Until.Place, fmt.Sprintf("the rule ends with %s", day.Format(time.DateOnly)), "set a later day if the call is still needed")
	}
	return left > 0
}
