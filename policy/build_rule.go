package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// rules returns the rules of a draft, and reports what is wrong with it: none when something is, and two when a feed
// holds both hosts and addresses. Those of ParseFile are shared: their verdict is not theirs.
func (c *compiler) rules(e *draft) []rule {
	switch {
	case e.key == "feed" || e.variables:
		return c.build(e)
	case c.parsing:
		c.file.rules[e.number] = c.build(e)
	}
	return c.file.rules[e.number]
}

// build makes the rules of a draft.
func (c *compiler) build(e *draft) []rule {
	before := len(c.errs)
	r := rule{
		origin: origin{File: c.file.tree.name, Line: e.line, Column: e.col},
		mode:   e.mode,
	}
	whole := true // everything is known
	one := func(t text) string {
		s, ok := c.text(t)
		whole = whole && ok
		return s
	}
	many := func(list []text) []string {
		out, ok := c.texts(list)
		whole = whole && ok
		return out
	}
	reason, ok := c.free(e.reason)
	r.origin.Reason, whole = reason, whole && ok
	if r.origin.ID = one(e.id); r.origin.ID == "" {
		r.origin.ID = c.file.tree.name + ":" + strconv.Itoa(e.line)
	}
	if e.access.value != "" {
		r.access = c.word(e.access, "access:", accessWords)
		whole = whole && r.access != ""
	}
	r.methods = many(e.methods)
	c.checkMethods(e.methods, r.methods)
	r.resources, r.regions, r.accounts = many(e.resources), many(e.regions), many(e.accounts)
	if e.key == "feed" {
		return c.feed(e, r, whole)
	}

	k := kindOf(e.key)
	if k == nil {
		c.fail(e.place, fmt.Sprintf("rules under %s: cannot be judged", short(e.key)), "report this as an error in Outguard")
		return nil
	}
	r.kind = k.kind
	for _, t := range e.subject {
		if t.value == "any" && k.opens {
			c.any(e, t, ok && strings.TrimSpace(reason) == "")
			r.any = true
			continue
		}
		whole = c.subject(&r.subject, k, t, e.mode) && whole
	}
	for _, t := range e.except {
		whole = c.subject(&r.except, k, t, e.mode.opposite()) && whole
	}
	if whole && r.kind == kindAWS && len(e.subject) > 0 && len(c.errs) == before {
		err := checkAWSRule(&r)
		c.found(err, e.fault(err))
	}
	if !whole || len(e.subject) == 0 || len(c.errs) > before {
		return nil
	}
	return []rule{r}
}

// checkMethods reports what cannot be a method.
func (c *compiler) checkMethods(written []text, methods []string) {
	for i, m := range methods {
		switch {
		case m == "*" || m == "any" || m == "ANY":
			c.fail(written[i].place, fmt.Sprintf("methods: %q is not an HTTP method", m), "leave methods: out for any")
		case strings.ContainsFunc(m, notInToken):
			c.fail(written[i].place, fmt.Sprintf("methods: %q is not an HTTP method", short(m)), "write it as it is sent: GET")
		}
	}
}

// notInToken reports whether a character cannot be part of an RFC 9110 token. The * could, but is taken for a wildcard.
func notInToken(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}*`, c)
}

// any checks a subject that opens a whole kind; unreasoned: the rule does not say why.
func (c *compiler) any(e *draft, t text, unreasoned bool) {
	switch {
	case len(e.subject) > 1:
		c.fail(t.place, "any stands beside other subjects", fmt.Sprintf("write %s: any alone; it covers them", e.key))
	case e.mode == narrow && unreasoned:
		c.fail(t.place, fmt.Sprintf("%s: any in a whitelist needs a reason", e.key), "add reason: … to say why everything is allowed")
	}
}

// subject parses one subject of a rule, or of its except, into s. It reports whether it is known.
func (c *compiler) subject(list *[]pattern, k *kindRow, t text, m mode) bool {
	value, ok := c.text(t)
	if !ok {
		return false
	}
	host, userInfo := afterUserInfo(value)
	switch {
	case value == "any" && t.value != "any":
		c.fail(t.place, fmt.Sprintf("%q expands to any", short(t.value)), "write any out; a variable cannot open a whole kind")
		return false
	case value == "any" && k.opens: // as a subject, it does not come here
		c.fail(t.place, "except: any leaves nothing of the rule", "delete the rule, or name what it does not hold for")
		return false
	case k.kind == kindHTTP && brokenScheme(value):
		c.fail(t.place, fmt.Sprintf("%q has no :// after its scheme", short(value)), "write https://host/path, or the host without a scheme")
		return false
	case strings.ContainsFunc(value, invisible):
		c.fail(t.place, fmt.Sprintf("%q holds a character that cannot be seen", short(value)), "delete it; in a host, write the xn-- form if it belongs there")
		return false
	case userInfo:
		c.fail(t.place, fmt.Sprintf("user info, which never takes part in a match, stands before @%s", short(host)), "delete it, and the @")
		return false
	}
	p, err := k.parse(value, m)
	if err == nil && p.String() == "any" {
		err = notAny(value)
	}
	if err == nil {
		*list = append(*list, p)
		return true
	}
	var wrong *problem
	if errors.As(err, &wrong) {
		if meant := shapeFix(value); meant != "" {
			err = &problem{wrong.what, meant}
		}
	}
	return c.found(err, t.place)
}

// notAny refuses a host whose canonical form is "any": "Any" would be a host, and a blacklist rule without effect.
func notAny(written string) error {
	return &problem{fmt.Sprintf("%q is not any, but a host of that name", short(written)), "write any, in lower case, for everything"}
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
		return fmt.Sprintf("write http: %s and methods: %s", short(strings.TrimSpace(rest)), short(word))
	}
	if strings.Contains(value, ",") && !strings.ContainsAny(value, "{}") {
		return fmt.Sprintf("write several as a list: [%s]", short(value))
	}
	return ""
}

// fault returns where the text stands that err, about a whole aws: rule, quotes.
func (e *draft) fault(err error) place {
	for _, list := range [][]text{e.resources, e.regions, e.accounts} {
		for _, t := range list {
			if err != nil && strings.Contains(err.Error(), quoted(t.value)) {
				return t.place
			}
		}
	}
	return e.subject[0].place
}

// found reports err, if any, at a place.
func (c *compiler) found(err error, at place) bool {
	if err == nil {
		return true
	}
	var p *problem
	if errors.As(err, &p) {
		c.fail(at, p.what, p.fix)
	} else {
		c.fail(at, err.Error(), "")
	}
	return false
}
