package policy

import (
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/syntax"
)

// loosened warns of a verdict that a variable of the environment makes milder than the file says by
// itself: ${OUTGUARD_MODE:-block} with OUTGUARD_MODE=alert. That is how on-call turns one function
// to alert, and it must not be forgotten.
func (c *compiler) loosened(word syntax.Text, key string, v Verdict) {
	// Without a variable, the file says all by itself.
	if c.checking || !strings.Contains(word.Value, "${") {
		return
	}
	var names []string
	// The verdict once with the environment, which is v, and once without.
	get := c.lookup()
	unset := c.env
	// Built-in variables stay, because they belong to the function and not to the environment.
	unset.Getenv = nil
	builtin := unset.lookup()
	// names collects the variables that have another value there.
	e, p := expand(word.Value, func(name string) (string, bool) {
		value, ok := builtin(name)
		if now, set := get(name); set && now != value {
			names = append(names, name+"="+now)
		}
		return value, ok
	})
	itself, known := verdictOf(e.text)
	// Only what is milder: v is the larger Verdict.
	if p != nil || len(e.missing) > 0 || !known || v <= itself || len(names) == 0 {
		return
	}
	stage := ""
	if c.env.Stage != "" {
		stage = fmt.Sprintf(" in stage %q", c.env.Stage)
	}
	c.Warn(word.Place, fmt.Sprintf("%s loosens %s%s from %s to %s", strings.Join(names, ", "), key, stage, itself, v),
		"unset it when the incident is over")
}
