package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file expands variables in the texts of a policy.

// text expands t. It returns false, and reports why, if that cannot be done. What is inserted
// must not widen a pattern.
func (c *compiler) text(t syntax.Text) (string, bool) {
	// Most texts have no variable.
	if !strings.Contains(t.Value, "${") {
		return t.Value, true
	}
	c.foreignVariables(t)
	e, p := expand(t.Value, c.lookup())
	// User info may be a password that came from the environment. It is not shown.
	_, userInfo := report.AfterUserInfo(e.text)
	switch {
	case p != nil:
	// A wildcard from the environment would open what no reviewer has seen.
	case e.glob != "":
		p = &report.Problem{What: fmt.Sprintf("${%s} inserts a * or a ?", e.glob), Fix: "write * and ? in the policy itself, where a reviewer sees them"}
	// Outside of Lambda there is no runtime API, and no rule for it is needed.
	case len(e.missing) > 0 && c.checking, len(e.missing) == 1 && e.missing[0] == runtimeAPI:
		c.nearBuiltin(t, e.missing)
		return "", false
	case len(e.missing) > 0:
		p = unset(e.missing[0])
		// In a central file, the reason is mostly that such variables do not count.
		if c.file.central && !isCentralVariable(e.missing[0]) {
			p = unsetCentral(e.missing[0])
		}
	// An empty value would make a wide pattern of "https://${HOST}/x".
	case strings.TrimSpace(e.text) == "":
		p = report.OfKey("", t.Value, " expands to nothing", "give it a value or a default, or delete the entry")
	case userInfo && strings.Contains(e.text, "://"):
		p = report.OfKey("", t.Value, " expands to a URL with user info", "keep credentials out of it; a rule takes host and port alone")
	default:
		return e.text, true
	}
	c.Fail(t.Place, p.What, p.Fix)
	return "", false
}

// word expands t, which must be one of a few words. It is "" for any other text, and if a
// variable has no value.
func (c *compiler) word(t syntax.Text, what string, words []string) string {
	s, ok := c.text(t)
	switch {
	case !ok || t.Value == "":
		return ""
	case !slices.Contains(words, s):
		fix := report.DidYouMean(s, words)
		// "read, write" is a list without brackets.
		if list := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(", |", r) }); what == "access:" && len(list) > 1 &&
			!slices.ContainsFunc(list, func(w string) bool { return !slices.Contains(words, w) }) {
			fix = "write " + listOf(list)
		}
		c.Fail(t.Place, fmt.Sprintf("%s %q is unknown", what, report.Short(s)), fix)
		return ""
	}
	return s
}

// day expands t, which must be a day. It returns false for any other text, and if a variable has no
// value.
func (c *compiler) day(t syntax.Text) (time.Time, bool) {
	s, ok := c.text(t)
	if !ok || t.Value == "" {
		return time.Time{}, false
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		c.Fail(t.Place, fmt.Sprintf("until: %q is not a day", report.Short(s)), "write it as 2027-01-31")
	}
	return day, err == nil
}

// prose expands a text that people read, and that is not matched: it may hold wildcards.
func (c *compiler) prose(t syntax.Text) (string, bool) {
	if !strings.Contains(t.Value, "${") {
		return t.Value, true
	}
	c.foreignVariables(t)
	e, p := expand(t.Value, c.lookup())
	if p == nil && len(e.missing) == 0 {
		return e.text, true
	}
	// It has failed; text reports why.
	return c.text(t)
}

// nearBuiltin warns of a variable that looks like a built-in one, while a file is checked without
// the environment of a function.
func (c *compiler) nearBuiltin(t syntax.Text, missing []string) {
	for _, name := range missing {
		// ${REGION} may be a variable of its own; ${Region} is probably a slip.
		if near := report.Nearest(strings.ToLower(name), builtins); c.checking && near != "" && name != strings.ToUpper(name) {
			c.Warn(t.Place, fmt.Sprintf("${%s} is not a built-in variable", name), fmt.Sprintf("did you mean ${%s}?", near))
		}
	}
}
