package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// This file parses the subjects of a rule and of its except:.

// subjects parses the subjects of a rule. unreasoned reports that the rule does not say why.
func (b *ruleBuilder) subjects(k *rule.KindRow, unreasoned bool) {
	e := b.draft
	// unlisted: true has a parser of its own, which takes any service.
	if k.Kind == rule.AWS && e.Unlisted != nil && *e.Unlisted {
		unlisted := *k
		unlisted.Parse = func(text string, m pattern.Mode) (pattern.Pattern, error) {
			p, err := pattern.ParseUnlistedAWS(text, m)
			return &p, err
		}
		k = &unlisted
	}
	for _, t := range e.Subject {
		// "any" as written. From a variable it is refused in misread.
		if t.Value == "any" && k.Opens {
			b.any(e, t, unreasoned)
			b.rule.Any = true
			continue
		}
		// A pattern without value is kept out, and the others are checked all the same.
		p, value, known := b.pattern(k, t, e.Mode, e.Mode == pattern.Wide, true)
		b.whole = b.whole && known
		if p != nil {
			b.rule.Subject = append(b.rule.Subject, p)
			b.subjectTexts = append(b.subjectTexts, t)
			b.values[0] = append(b.values[0], value)
		}
	}
}

// except parses one text of the rule's except:.
func (b *ruleBuilder) except(k *rule.KindRow, t syntax.Text) {
	m := b.draft.Mode.Opposite()
	// The except: of a whitelist narrows the rule, so that it is read as it was meant.
	before := len(b.Warnings)
	p, value, known := b.pattern(k, t, m, true, m == pattern.Wide)
	for i := before; i < len(b.Warnings); i++ {
		b.Warnings[i].Fix = exceptFix(b.Warnings[i].Fix, b.draft.Mode)
	}
	b.whole = b.whole && known
	if p != nil {
		b.rule.Except = append(b.rule.Except, p)
		b.exceptTexts = append(b.exceptTexts, t)
		b.values[1] = append(b.values[1], value)
	}
}

// exceptFix is the fix for an entry of an except: that belongs to a rule of another kind.
func exceptFix(fix string, m pattern.Mode) string {
	for _, key := range [...]string{"http", "ip", "net", "aws"} {
		switch {
		case !strings.HasPrefix(fix, "write "+key+": "):
		case m == pattern.Narrow:
			return fix + " in a rule of its own in the blacklist"
		default:
			return fix + " in the except: of a rule with " + key + ":"
		}
	}
	return fix
}

// any checks a subject that opens a whole kind. unreasoned reports that the rule does not say why.
func (c *compiler) any(e *syntax.Draft, t syntax.Text, unreasoned bool) {
	switch {
	case len(e.Subject) > 1:
		c.Fail(t.Place, "any stands beside other subjects", fmt.Sprintf("write %s: any alone; it covers them", e.Key))
	case e.Mode == pattern.Narrow && unreasoned:
		c.Fail(t.Place, fmt.Sprintf("%s: any in a whitelist needs a reason", e.Key), "add reason: … to say why everything is allowed")
	}
}

// pattern parses one subject of a rule, or of its except. lenient: an entry that can match no
// call is a warning. mend: what was meant by an entry with blanks or quotes at its ends takes its
// place.
//
// p is nil for an entry that is left out, and for one with an error. known is false if a variable
// has no value, or if there is an error.
func (c *compiler) pattern(k *rule.KindRow, t syntax.Text, m pattern.Mode, lenient, mend bool) (p pattern.Pattern, value string, known bool) {
	value, ok := c.text(t)
	if !ok {
		return nil, "", false
	}
	// left is for an entry that matches nothing. It is left out where that is allowed.
	left := func(p *report.Problem) (pattern.Pattern, string, bool) {
		leftOut := c.deadEntry(t.Place, lenient, p)
		return nil, "", lenient || leftOut
	}
	// From the certain to the guessed. These are errors in every list.
	if wrong := misread(k, t.Value, value); wrong != nil {
		if texts := meantSubjects(k, value, m); texts != nil {
			wrong.Fix = proposeTexts(texts)
		}
		c.Fail(t.Place, wrong.What, wrong.Fix)
		return nil, "", false
	}
	// A blacklist takes what was meant: it must hold, even with a blank at its end.
	meant, slip := pattern.Slip(value)
	if slip != nil {
		if meant == "" || !lenient || !mend {
			return left(slip)
		}
		c.Warn(t.Place, slip.What, slip.Fix)
		value = meant
	}
	// Only now does the text have the form that the author meant.
	if wrong := k.Kind.Elsewhere(value, m); wrong != nil {
		return left(wrong)
	}
	if wrong := globs(k.Kind, value); wrong != nil {
		if texts := meantSubjects(k, value, m); texts != nil {
			wrong.Fix = proposeTexts(texts)
		} else if m == pattern.Wide { // what is below a name that a template leaves open is meant too
			wrong.Fix = strings.Replace(wrong.Fix, `/*"`, `/**"`, 1)
		}
		return left(wrong)
	}
	// "Any" is parsed as the host any.
	p, err := k.Parse(value, m)
	if err == nil && p.String() == "any" {
		err = &report.Problem{
			What: fmt.Sprintf("%q is not any, but a host of that name", report.Short(value)), Fix: "write any, in lower case, for everything",
		}
	}
	if err == nil {
		return p, value, true
	}
	// The parser's fix is replaced by one that has been tried, where there is one.
	var wrong *report.Problem
	if errors.As(err, &wrong) {
		if texts := meantSubjects(k, value, m); texts != nil {
			err = &report.Problem{What: wrong.What, Fix: proposeTexts(texts)}
		} else if fix := shapeFix(value); fix != "" {
			err = &report.Problem{What: wrong.What, Fix: fix}
		}
	}
	c.found(err, t.Place)
	return nil, "", false
}

// misread finds texts that are refused in every list: what they hold would be read as something
// else than the author sees.
func misread(k *rule.KindRow, written, value string) *report.Problem {
	host, userInfo := report.AfterUserInfo(value)
	problem := func(what, fix string) *report.Problem { return &report.Problem{What: what, Fix: fix} }
	switch {
	// A variable must not open what only a reviewer may.
	case value == "any" && written != "any":
		return problem(fmt.Sprintf("%q expands to any", report.Short(written)), "write any out; a variable cannot open a whole kind")
	case value == "any" && k.Opens: // subjects do not come here
		return problem("except: any leaves nothing of the rule", "delete the rule, or name what it does not hold for")
	// "https:/a.com" is the host https with a path.
	case k.Kind == rule.HTTP && brokenScheme(value):
		return problem(fmt.Sprintf("%q has no :// after its scheme", report.Short(value)), "write "+strconv.Quote(mendScheme(value)))
	// A zero-width space makes another host of the same look.
	case strings.ContainsFunc(value, syntax.Invisible):
		return problem(fmt.Sprintf("%q holds a character that cannot be seen", report.Short(value)), "delete it; in a host, write the xn-- form if it belongs there")
	// "https://good.com@evil.com" goes to evil.com.
	case userInfo:
		return problem(fmt.Sprintf("user info, which never takes part in a match, stands before @%s", report.Short(host)), "delete it, and the @")
	}
	return nil
}

// globs finds braces and brackets in a subject that are meant as globs. The brackets of an IPv6
// address are not.
func globs(k rule.Kind, value string) *report.Problem {
	if k == rule.IP {
		return nil
	}
	rest := value
	if _, after, ok := strings.Cut(value, "://"); ok {
		rest = after
	}
	// "[::1]" and "[::1]:443"
	if strings.HasPrefix(rest, "[") {
		_, rest, _ = strings.Cut(rest, "]")
	}
	if !strings.ContainsAny(rest, "{}[]") {
		return nil
	}
	return pattern.Globs(value, "*")
}

// mendScheme returns a URL with a whole "://" behind its scheme.
func mendScheme(value string) string {
	scheme := value[:len("http")]
	if len(value) > len("https") && (value[len("http")] == 's' || value[len("http")] == 'S') {
		scheme = value[:len("https")]
	}
	return scheme + "://" + strings.TrimLeft(value[len(scheme):], ".:/")
}

// brokenScheme reports whether the scheme of a URL lost a part of its "://", so that the scheme
// would be taken for the host: "https:/a.com", "https//a.com", "https.//a.com".
func brokenScheme(value string) bool {
	// The scheme and what stands in front of the first slash.
	head, _, _ := strings.Cut(value, "/")
	head = strings.ToLower(head)
	after := value[len(head):]
	switch strings.TrimSuffix(head, ".") {
	case "http:", "https:":
		return strings.HasPrefix(after, "/") && !strings.HasPrefix(after, "//")
	case "http", "https":
		return strings.HasPrefix(after, "//")
	}
	// "https:a.com"
	scheme, host, ok := strings.Cut(head, ":")
	return ok && (scheme == "http" || scheme == "https") && strings.Contains(host, ".")
}

// shapeFix says how to write what is not a single pattern: several in one text, or a method
// before the URL. It is "" for other texts.
func shapeFix(value string) string {
	// "GET api.example.com/v1"
	if word, rest, ok := strings.Cut(value, " "); ok && len(methodsIn(word)) == 1 && strings.Contains(rest, ".") {
		return fmt.Sprintf("write http: %s and methods: %s", report.Short(strings.TrimSpace(rest)), report.Short(word))
	}
	// Braces are alternatives, which globs deals with.
	if strings.ContainsAny(value, "{}()") {
		return ""
	}
	parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(",;| ", r) })
	// Each part has to look like a host or an operation.
	for _, part := range parts {
		if !strings.ContainsAny(part, ".:") {
			return ""
		}
	}
	if len(parts) < 2 {
		return ""
	}
	if !slices.ContainsFunc(parts, func(s string) bool { return pattern.Network(s) == nil }) {
		return "write ip: [" + strings.Join(parts, ", ") + "]"
	}
	return proposeTexts(parts)
}
