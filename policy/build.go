package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// compiler turns a File's sections into rules and settings for one function.
type compiler struct {
	*reporter
	file     *File
	env      Env
	verdict  Verdict // what follows a violation, unless a rule says otherwise
	checking bool    // there is no function yet; what cannot be known is passed over
	parsing  bool    // for ParseFile: rules without variables are kept in their drafts
}

// check checks what can be known of every section without a function, and warns, if lint is set.
func (c *compiler) check(lint bool) {
	f := c.file
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
	made := make([][]built, len(sections))
	for i, s := range sections {
		c.checkAction(s.onViolation)
		for e := range s.drafts {
			c.checkAction(e.onViolation)
			c.texts(e.stages)
			c.inTime(e)
			for _, r := range c.rules(e) {
				if lint {
					made[i] = append(made[i], built{r, e, s})
				}
			}
		}
	}
	if lint {
		for _, s := range sections {
			var together []built
			for i, other := range sections {
				if other.includes(s) {
					together = append(together, made[i]...)
				}
			}
			c.warnings = append(c.warnings, s.warnings...)
			c.lint(together)
		}
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

// compile compiles the sections that match the function.
func (c *compiler) compile() (settings, []rule) {
	f := c.file
	sections := f.matching(c.env.Function)
	if f.functionsAt.line > 0 && len(sections) == 1 {
		c.noSection()
	}
	c.env.Stage = c.stage()
	set := settings{info: Info{File: f.name, SHA256: f.sha256, Function: c.env.Function, Stage: c.env.Stage}}
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

	var made []built
	for _, s := range sections {
		c.warnings = append(c.warnings, s.warnings...)
		for e := range s.drafts {
			if !c.inStage(e) || !c.inTime(e) {
				continue
			}
			for _, r := range c.rules(e) {
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
	set.warnings = c.warned()
	set.info.OnViolation = c.verdict
	set.info.Rules = len(rules)
	return set, rules
}

// noSection reports that no section matches the function.
func (c *compiler) noSection() {
	name, names := c.env.Function, c.file.Functions()
	at := c.file.functionsAt
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

// stage returns the stage that the function runs in: env's, else what stage: says.
func (c *compiler) stage() string {
	f := c.file
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
		c.fail(f.stageAt, "the stage depends on the account, which is not known", "set the stage from outside: OUTGUARD_STAGE or Options.Stage")
		return ""
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

func (c *compiler) isStage(t text) bool { return (&decoder{reporter: c.reporter}).stageName(t) }

// follows returns the verdict that an on_violation gives in this stage; nil gives otherwise.
func (c *compiler) follows(a *action, otherwise Verdict) Verdict {
	if a == nil {
		return otherwise
	}
	word := a.word
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
		c.fail(at, what+" depends on the stage, which is not known", "add stage: to the file, or a \"*\" entry here")
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

// text expands t. It returns false, and reports why, when that cannot be done. What is inserted must not widen a pattern.
func (c *compiler) text(t text) (string, bool) {
	if !strings.Contains(t.value, "${") {
		return t.value, true
	}
	e, p := expand(t.value, c.env.lookup())
	switch {
	case p != nil:
	case e.glob != "":
		p = &problem{fmt.Sprintf("${%s} inserts a wildcard: %q", e.glob, clip(e.text)), "write * and ? in the policy itself, where a reviewer sees them"}
	case len(e.missing) > 0 && c.checking:
		return "", false
	case len(e.missing) > 0:
		p = unset(e.missing[0])
	default:
		return e.text, true
	}
	c.fail(t.place, p.what, p.fix)
	return "", false
}

// word expands t, which must be one of a few words; "" when it is not, or not known.
func (c *compiler) word(t text, what string, words []string) string {
	s, ok := c.text(t)
	switch {
	case !ok || t.value == "":
		return ""
	case !slices.Contains(words, s):
		c.fail(t.place, fmt.Sprintf("%s %q is unknown", what, clip(s)), didYouMean(s, words))
		return ""
	}
	return s
}

// day expands t, which must be a day; false when it is not, or not known.
func (c *compiler) day(t text) (time.Time, bool) {
	s, ok := c.text(t)
	if !ok || t.value == "" {
		return time.Time{}, false
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		c.fail(t.place, fmt.Sprintf("until: %q is not a day", clip(s)), "write it as 2027-01-31")
	}
	return day, err == nil
}

// free expands text that people read, and that no pattern is made of.
func (c *compiler) free(t text) (string, bool) {
	e, p := expand(t.value, c.env.lookup())
	if p == nil && e.glob != "" && len(e.missing) == 0 {
		return e.text, true
	}
	return c.text(t)
}

// texts expands a list.
func (c *compiler) texts(list []text) ([]string, bool) {
	if list == nil {
		return nil, true
	}
	out, all := make([]string, 0, len(list)), true
	for _, t := range list {
		s, ok := c.text(t)
		all = all && ok
		out = append(out, s)
	}
	return out, all
}

// inStage reports whether a rule holds in this stage.
func (c *compiler) inStage(e *draft) bool {
	if e.stages == nil {
		return true
	}
	stages, ok := c.texts(e.stages)
	if ok && c.env.Stage == "" {
		c.fail(e.stages[0].place, "stages: depends on the stage, which is not known", "add stage: to the file, or delete stages:")
	}
	return slices.Contains(stages, c.env.Stage)
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
	case left <= 8*24*time.Hour:
		c.warn(e.until.place, fmt.Sprintf("the rule ends with %s", day.Format(time.DateOnly)), "set a later day if the call is still needed")
	}
	return left > 0
}
