package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// text expands t. It returns false, and reports why, when that cannot be done. What is inserted must not widen a pattern.
func (c *compiler) text(t text) (string, bool) {
	if !strings.Contains(t.value, "${") {
		return t.value, true
	}
	e, p := expand(t.value, c.env.lookup())
	_, userInfo := afterUserInfo(e.text)
	switch {
	case p != nil:
	case e.glob != "":
		p = &problem{fmt.Sprintf("${%s} inserts a * or a ?", e.glob), "write * and ? in the policy itself, where a reviewer sees them"}
	case len(e.missing) > 0 && c.checking:
		return "", false
	case len(e.missing) > 0:
		p = unset(e.missing[0])
	case strings.TrimSpace(e.text) == "":
		p = &problem{fmt.Sprintf("%q expands to nothing", short(t.value)), "give it a value or a default, or delete the entry"}
	case userInfo && strings.Contains(e.text, "://"):
		p = &problem{fmt.Sprintf("%q expands to a URL with user info", short(t.value)), "keep credentials out of it; a rule takes host and port alone"}
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
		c.fail(t.place, fmt.Sprintf("%s %q is unknown", what, short(s)), didYouMean(s, words))
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
		c.fail(t.place, fmt.Sprintf("until: %q is not a day", short(s)), "write it as 2027-01-31")
	}
	return day, err == nil
}

// free expands text that people read, and that no pattern is made of.
func (c *compiler) free(t text) (string, bool) {
	e, p := expand(t.value, c.env.lookup())
	if p == nil && len(e.missing) == 0 {
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
