package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// stage returns the stage that the function runs in: env's, else what stage: says.
func (c *compiler) stage() string {
	f := c.file.tree
	if c.env.Stage != "" {
		if !c.isStage(text{c.env.Stage, f.stageAt}) {
			return ""
		}
		return c.env.Stage
	}
	if f.stage.value != "" {
		s, ok := c.text(f.stage)
		if !ok || !c.isStage(text{s, f.stage.place}) {
			return ""
		}
		return s
	}
	if f.accounts == nil {
		return ""
	}
	if c.env.Account == "" {
		return "" // an error for what depends on it
	}
	for _, key := range []string{c.env.Account, "*"} {
		for _, a := range f.accounts {
			if a.key.value == key {
				s, _ := c.text(a.word)
				return s
			}
		}
	}
	c.fail(f.stageAt, fmt.Sprintf("account %s has no stage", c.env.Account), fmt.Sprintf(`add "%s": STAGE, or a "*" entry for any other account`, c.env.Account))
	return ""
}

func (c *compiler) isStage(t text) bool { return checkStage(c.reporter, t) }

// follows returns the verdict that an on_violation gives in this stage; nil gives otherwise.
func (c *compiler) follows(a *action, otherwise Verdict) Verdict {
	if a == nil {
		return otherwise
	}
	word := a.word
	if a.byStage != nil && c.stageless {
		return Block
	}
	if a.byStage != nil {
		i := slices.IndexFunc(a.byStage, func(w stageWord) bool { return w.key.value == c.env.Stage })
		if i < 0 {
			i = slices.IndexFunc(a.byStage, func(w stageWord) bool { return w.key.value == "*" })
		}
		if i < 0 {
			c.noStage(a.place, "on_violation:", a.byStage)
			return Block
		}
		word = a.byStage[i].word
	}
	v, _ := verdictOf(c.word(word, "on_violation:", actionWords))
	return v
}

// noStage reports that a mapping by stage does not have this one.
func (c *compiler) noStage(at place, what string, words []stageWord) {
	var names []string
	for _, w := range words {
		names = append(names, w.key.value)
	}
	if c.env.Stage == "" {
		c.fail(at, what+" depends on the stage, which is not known", c.stageFix(`add stage: to the file, or a "*" entry here`))
		return
	}
	fix := fmt.Sprintf(`add "%s", or a "*" entry for any other stage`, c.env.Stage)
	if near := nearest(c.env.Stage, names); near != "" {
		fix = fmt.Sprintf("did you mean %q? Else ", near) + fix
	}
	c.fail(at, fmt.Sprintf("%s does not list stage %q", what, c.env.Stage), fix)
}

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

// stageFix says what to do about a stage that is not known; fix is for a file that has no stage: key.
func (c *compiler) stageFix(fix string) string {
	if c.file.tree.accounts != nil {
		return "the account is not known either: set the stage from outside, with OUTGUARD_STAGE or Options.Stage"
	}
	return fix
}

// inStage reports whether a rule holds in this stage.
func (c *compiler) inStage(e *draft) bool {
	if e.stages == nil {
		return true
	}
	stages, ok := c.stages(e)
	if ok && c.env.Stage == "" && !c.stageless {
		c.fail(e.stages[0].place, "stages: depends on the stage, which is not known", c.stageFix("add stage: to the file, or delete stages:"))
	}
	return slices.Contains(stages, c.env.Stage)
}

// stages expands the stages of a rule. What is no stage is refused: a blacklist rule for stage "*" would never hold.
func (c *compiler) stages(e *draft) ([]string, bool) {
	out, all := make([]string, 0, len(e.stages)), true
	for _, t := range e.stages {
		s, ok := c.text(t)
		switch {
		case ok && strings.Contains(s, "*"):
			c.fail(t.place, fmt.Sprintf("stages: %q is not a stage", short(s)), "name each stage, or leave stages: out for every stage")
			ok = false
		case ok:
			ok = c.isStage(text{s, t.place})
		}
		all = all && ok
		out = append(out, s)
	}
	return out, all
}

// inTime reports whether a rule still holds, and warns in its last week and after.
func (c *compiler) inTime(e *draft) bool {
	if e.until.value == "" {
		return true
	}
	day, ok := c.day(e.until)
	if !ok {
		return false
	}
	left := day.AddDate(0, 0, 1).Sub(c.env.Now)
	switch {
	case left <= 0:
		c.warn(e.until.place, fmt.Sprintf("the rule ended with %s and allows nothing", day.Format(time.DateOnly)), "delete it, or set a later day")
	case left <= 8*24*time.Hour && !c.checking:
		c.warn(e.until.place, fmt.Sprintf("the rule ends with %s", day.Format(time.DateOnly)), "set a later day if the call is still needed")
	}
	return left > 0
}
