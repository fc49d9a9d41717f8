package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// rules returns the rules of a draft, and reports what is wrong with it: none when something is, and two when a feed
// holds both hosts and addresses. Those of ParseFile are shared: their verdict is not theirs.
func (c *compiler) rules(e *syntax.Draft) []rule.Rule {
	switch {
	case e.Key == "feed" || e.Variables:
		return c.build(e)
	case c.parsing:
		c.file.rules[e.Number] = c.build(e)
	}
	return c.file.rules[e.Number]
}

// build makes the rules of a draft.
func (c *compiler) build(e *syntax.Draft) []rule.Rule {
	before := len(c.Errors)
	r := rule.Rule{
		Origin: rule.Origin{File: c.file.tree.Name, Line: e.Line, Column: e.Col},
		Mode:   e.Mode,
	}
	whole := true // everything is known
	one := func(t syntax.Text) string {
		s, ok := c.text(t)
		whole = whole && ok
		return s
	}
	many := func(list []syntax.Text) []string {
		out, ok := c.texts(list)
		whole = whole && ok
		return out
	}
	reason, ok := c.free(e.Reason)
	r.Origin.Reason, whole = reason, whole && ok
	if r.Origin.ID = one(e.ID); r.Origin.ID == "" {
		r.Origin.ID = c.file.tree.Name + ":" + strconv.Itoa(e.Line)
	}
	if e.Access.Value != "" {
		r.Access = c.word(e.Access, "access:", syntax.AccessWords())
		whole = whole && r.Access != ""
	}
	r.Methods = many(e.Methods)
	c.checkMethods(e.Methods, r.Methods)
	r.Resources, r.Regions, r.Accounts = many(e.Resources), many(e.Regions), many(e.Accounts)
	if e.Key == "feed" {
		return c.feed(e, r, whole)
	}

	k := rule.KindOf(e.Key)
	if k == nil {
		c.Fail(e.Place, fmt.Sprintf("rules under %s: cannot be judged", report.Short(e.Key)), "report this as an error in Outguard")
		return nil
	}
	r.Kind = k.Kind
	for _, t := range e.Subject {
		if t.Value == "any" && k.Opens {
			c.any(e, t, ok && strings.TrimSpace(reason) == "")
			r.Any = true
			continue
		}
		whole = c.subject(&r.Subject, k, t, e.Mode) && whole
	}
	for _, t := range e.Except {
		whole = c.subject(&r.Except, k, t, e.Mode.Opposite()) && whole
	}
	if whole && r.Kind == rule.AWS && len(e.Subject) > 0 && len(c.Errors) == before {
		err := rule.CheckAWS(&r)
		c.found(err, e.PlaceOf(err))
	}
	if !whole || len(e.Subject) == 0 || len(c.Errors) > before {
		return nil
	}
	return []rule.Rule{r}
}

// checkMethods reports what cannot be a method.
func (c *compiler) checkMethods(written []syntax.Text, methods []string) {
	for i, m := range methods {
		switch {
		case m == "*" || m == "any" || m == "ANY":
			c.Fail(written[i].Place, fmt.Sprintf("methods: %q is not an HTTP method", m), "leave methods: out for any")
		case strings.ContainsFunc(m, notInToken):
			c.Fail(written[i].Place, fmt.Sprintf("methods: %q is not an HTTP method", report.Short(m)), "write it as it is sent: GET")
		}
	}
}

// notInToken reports whether a character cannot be part of an RFC 9110 token. The * could, but is taken for a wildcard.
func notInToken(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}*`, c)
}

// any checks a subject that opens a whole kind; unreasoned: the rule does not say why.
func (c *compiler) any(e *syntax.Draft, t syntax.Text, unreasoned bool) {
	switch {
	case len(e.Subject) > 1:
		c.Fail(t.Place, "any stands beside other subjects", fmt.Sprintf("write %s: any alone; it covers them", e.Key))
	case e.Mode == pattern.Narrow && unreasoned:
		c.Fail(t.Place, fmt.Sprintf("%s: any in a whitelist needs a reason", e.Key), "add reason: … to say why everything is allowed")
	}
}

// subject parses one subject of a rule, or of its except, into s. It reports whether it is known.
func (c *compiler) subject(list *[]pattern.Pattern, k *rule.KindRow, t syntax.Text, m pattern.Mode) bool {
	value, ok := c.text(t)
	if !ok {
		return false
	}
	host, userInfo := report.AfterUserInfo(value)
	switch {
	case value == "any" && t.Value != "any":
		c.Fail(t.Place, fmt.Sprintf("%q expands to any", report.Short(t.Value)), "write any out; a variable cannot open a whole kind")
		return false
	case value == "any" && k.Opens: // as a subject, it does not come here
		c.Fail(t.Place, "except: any leaves nothing of the rule", "delete the rule, or name what it does not hold for")
		return false
	case k.Kind == rule.HTTP && brokenScheme(value):
		c.Fail(t.Place, fmt.Sprintf("%q has no :// after its scheme", report.Short(value)), "write https://host/path, or the host without a scheme")
		return false
	case strings.ContainsFunc(value, syntax.Invisible):
		c.Fail(t.Place, fmt.Sprintf("%q holds a character that cannot be seen", report.Short(value)), "delete it; in a host, write the xn-- form if it belongs there")
		return false
	case userInfo:
		c.Fail(t.Place, fmt.Sprintf("user info, which never takes part in a match, stands before @%s", report.Short(host)), "delete it, and the @")
		return false
	}
	p, err := k.Parse(value, m)
	if err == nil && p.String() == "any" {
		err = notAny(value)
	}
	if err == nil {
		*list = append(*list, p)
		return true
	}
	var wrong *report.Problem
	if errors.As(err, &wrong) {
		if meant := shapeFix(value); meant != "" {
			err = &report.Problem{What: wrong.What, Fix: meant}
		}
	}
	return c.found(err, t.Place)
}

// notAny refuses a host whose canonical form is "any": "Any" would be a host, and a blacklist rule without effect.
func notAny(written string) error {
	return &report.Problem{What: fmt.Sprintf("%q is not any, but a host of that name", report.Short(written)), Fix: "write any, in lower case, for everything"}
}

// brokenScheme reports whether a URL's scheme lost a part of its "://", so that the scheme would be taken for the host:
// "https:/a.com", "https//a.com".
func brokenScheme(value string) bool {
	head, _, _ := strings.Cut(value, "/")
	head = strings.ToLower(head)
	after := value[len(head):]
	switch head {
	case "http:", "https:":
		return strings.HasPrefix(after, "/") && !strings.HasPrefix(after, "//")
	case "http", "https":
		return strings.HasPrefix(after, "//")
	}
	return false
}

// shapeFix says how to write what is no single pattern: several in one text, or a method before the URL. "" for neither.
func shapeFix(value string) string {
	if word, rest, ok := strings.Cut(value, " "); ok && word == strings.ToUpper(word) && strings.Contains(rest, ".") && !strings.Contains(word, ",") {
		return fmt.Sprintf("write http: %s and methods: %s", report.Short(strings.TrimSpace(rest)), report.Short(word))
	}
	if strings.Contains(value, ",") && !strings.ContainsAny(value, "{}") {
		return fmt.Sprintf("write several as a list: [%s]", report.Short(value))
	}
	return ""
}

// found reports err, if any, at a place.
func (c *compiler) found(err error, at report.Place) bool {
	if err == nil {
		return true
	}
	var p *report.Problem
	if errors.As(err, &p) {
		c.Fail(at, p.What, p.Fix)
	} else {
		c.Fail(at, err.Error(), "")
	}
	return false
}
