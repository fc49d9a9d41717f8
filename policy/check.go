package policy

import "time"

// check checks what can be known of every section without a function, and warns, if lint is set.
func (c *compiler) check(lint bool) {
	f := c.file.tree
	c.env = Env{Function: "function", Stage: "stage", Region: "eu-west-1", Account: "111122223333", Now: time.Now()}
	c.free(f.owner)
	if s, ok := c.text(f.stage); ok && s != "" {
		c.isStage(text{s, f.stage.place})
	}
	for _, a := range f.accounts {
		if s, ok := c.text(a.word); ok {
			c.isStage(text{s, a.word.place})
		}
	}
	sections := f.sections()
	var made []built
	for _, s := range sections {
		c.checkAction(s.onViolation)
		for e := range s.drafts {
			c.checkAction(e.onViolation)
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
			c.warnings = append(c.warnings, s.warnings...)
		}
		c.lint(made)
		c.lintStages(sections)
	}
	for _, t := range f.targets {
		for _, v := range t.verdicts {
			c.word(v, "verdicts:", actionWords)
		}
		c.lax(t.dest)
		c.lax(t.channel)
		c.lax(t.secret)
	}
}

// checkAction checks every word of an on_violation, whatever the stage.
func (c *compiler) checkAction(a *action) {
	if a == nil {
		return
	}
	c.word(a.word, "on_violation:", actionWords)
	for _, w := range a.byStage {
		c.word(w.word, "on_violation:", actionWords)
	}
}
