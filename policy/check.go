package policy

import (
	"time"

	"github.com/outguard/outguard/internal/syntax"
)

// check checks what can be known of every section without a function, and warns, if lint is set.
func (c *compiler) check(lint bool) {
	f := c.file.tree
	c.env = Env{Function: "function", Stage: "stage", Region: "eu-west-1", Account: "111122223333", Now: time.Now()}
	c.free(f.Owner)
	if s, ok := c.text(f.Stage); ok && s != "" {
		c.isStage(syntax.Text{Value: s, Place: f.Stage.Place})
	}
	for _, a := range f.Accounts {
		if s, ok := c.text(a.Word); ok {
			c.isStage(syntax.Text{Value: s, Place: a.Word.Place})
		}
	}
	sections := f.Sections()
	var made []built
	for _, s := range sections {
		c.checkAction(s.OnViolation, "on_violation:")
		c.checkAction(s.OnUnguarded, "on_unguarded:")
		for e := range s.Rules {
			c.checkAction(e.OnViolation, "on_violation:")
			c.stages(e)
			c.inTime(e)
			for _, r := range c.rules(e) {
				if lint {
					made = append(made, built{r, e, s})
				}
			}
		}
	}
	if lint {
		for _, s := range sections {
			c.Warnings = append(c.Warnings, s.Warnings...)
		}
		c.lint(made)
		c.lintStages(sections)
	}
	for _, t := range f.Targets {
		for _, v := range t.Verdicts {
			c.word(v, "verdicts:", syntax.ActionWords())
		}
		c.lax(t.Dest)
		c.lax(t.Channel)
		c.lax(t.Secret)
	}
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
