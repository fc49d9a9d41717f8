package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file checks the names of stages, and maps by stage, against the stages that a file declares.

// declared are the stages of a file.
type declared struct {
	names []string // those of stage: and its accounts, with the default of a variable
	all   []string // and those that an on_violation: of a section lists
	open  bool     // a variable without a default, or with one, may give others
}

// declared collects the stages of the file.
func (c *compiler) declared() (d declared) {
	// add keeps names unique, in the order of the file.
	add := func(names []string, stage string) []string {
		if stage == "" || slices.Contains(names, stage) {
			return names
		}
		return append(names, stage)
	}
	// A variable with a default declares that one, and may stand for others.
	for _, t := range c.stageWords() {
		d.open = d.open || strings.Contains(t.Value, "${")
		d.names = add(d.names, withDefaults(t))
	}
	// A map by stage also shows which stages there are.
	d.all = slices.Clone(d.names)
	for _, s := range c.file.tree.Sections() {
		if s.OnViolation == nil {
			continue
		}
		for _, w := range s.OnViolation.ByStage {
			if w.Key.Value != "*" {
				d.all = add(d.all, w.Key.Value)
			}
		}
	}
	return d
}

// stageWords returns what the file says its stages are.
func (c *compiler) stageWords() (words []syntax.Text) {
	if f := c.file.tree; f.Stage.Value != "" {
		words = append(words, f.Stage)
	}
	for _, a := range c.file.tree.Accounts {
		words = append(words, a.Word)
	}
	return words
}

// withDefaults returns a text where no variable of it is set: with the defaults in their places;
// "" if one of them has none.
func withDefaults(t syntax.Text) string {
	// No variable has a value, as in an environment that sets none.
	e, p := expand(t.Value, func(string) (string, bool) { return "", false })
	if p != nil || len(e.missing) > 0 {
		return ""
	}
	return e.text
}

// checkStages warns of stages that the file does not declare: for a rule, such a stage comes from
// outside or never. One that looks like a declared stage is reported in maps too.
func (c *compiler) checkStages(sections []*syntax.Section) {
	// without: nothing in the file says which stages there are.
	d, without := c.declared(), len(c.stageWords()) == 0 && c.checking
	wrong := func(t syntax.Text, names []string, closed bool) {
		stage := t.Value
		if strings.Contains(stage, "${") {
			stage = withDefaults(t)
		}
		if stage == "" || stage == "*" || slices.Contains(names, stage) {
			return
		}
		fix := "use " + report.OneOf(names) + "; if the stage comes from outside, list it in on_violation:"
		// Reported in any case: it looks like a declared stage.
		if near := nearestStage(stage, names); near != "" {
			fix = fmt.Sprintf("did you mean %q?", near)
		} else if !closed || d.open || len(names) == 0 {
			// Where other stages are possible, an unknown one may be right.
			return
		}
		c.Warn(t.Place, fmt.Sprintf("stage %q is not declared in this file", report.Short(stage)), fix)
	}
	for _, s := range sections {
		s.EachStage(func(t syntax.Text) { wrong(t, d.names, false) })
		for e := range s.Rules {
			for _, t := range e.Stages {
				wrong(t, d.all, true)
			}
			// Then no function has a stage, unless from outside.
			if without && e.Stages != nil {
				c.Warn(e.Stages[0].Place, "stages: depends on the stage, and the file has no stage:", "add stage: to the file, or delete stages:")
			}
		}
	}
}

// usualStages are names that people have for the same stage.
var usualStages = [...][]string{
	{"prod", "production", "prd", "live", "prod-eu", "release"},
	{"dev", "development", "develop", "devel"},
	{"staging", "stage", "stg", "preprod", "pre-prod", "uat"},
	{"test", "testing", "tst", "qa"},
}

// nearestStage returns the stage that was meant by another name; "" if that is not clear. A slip
// first, then another word for the same stage.
func nearestStage(stage string, names []string) string {
	if near := report.Nearest(stage, names); near != "" {
		return near
	}
	for _, group := range usualStages {
		if !slices.Contains(group, strings.ToLower(stage)) {
			continue
		}
		for _, name := range names {
			if slices.Contains(group, name) {
				return name
			}
		}
	}
	return ""
}

// checkMap warns of a map by stage that leaves out a stage of the file: a function there would
// refuse every call.
func (c *compiler) checkMap(a *syntax.Action, key string) {
	f := c.file.tree
	// "*" covers what is not listed.
	if a == nil || a.ByStage == nil || hasStage(a.ByStage, "*") {
		return
	}
	if f.Stage.Value == "" && f.Accounts == nil {
		c.Warn(a.Place, key+" depends on the stage, and the file has no stage:", `add stage: to the file, or a "*" entry here`)
		return
	}
	// Only declared stages: what comes from outside is not known here.
	for _, stage := range c.declared().names {
		if !hasStage(a.ByStage, stage) {
			c.Warn(a.Place, fmt.Sprintf("%s does not list stage %q, and a function there refuses every call", key, report.Short(stage)),
				fmt.Sprintf(`add "%s", or a "*" entry for any other stage`, report.Short(stage)))
		}
	}
}

// hasStage reports whether a map by stage lists a stage.
func hasStage(words []syntax.StageWord, stage string) bool {
	return slices.ContainsFunc(words, func(w syntax.StageWord) bool { return w.Key.Value == stage })
}
