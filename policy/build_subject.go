package policy

import (
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
	b.rule.Subject = make([]pattern.Pattern, 0, len(e.Subject))
	for _, t := range e.Subject {
		// "any" as written. From a variable it is refused in misread.
		if t.Value == "any" && k.Opens {
			b.any(e, t, unreasoned)
			b.rule.Any = true
			continue
		}
		// A pattern without value is kept out, and the others are checked all the same.
		lenient := refuse
		if e.Mode == pattern.Wide {
			lenient = mend
		}
		found, known := b.pattern(k, t, e.Mode, lenient)
		b.whole = b.whole && known
		for _, f := range found {
			b.rule.Subject = append(b.rule.Subject, f.pattern)
			b.subjectTexts = append(b.subjectTexts, f.text)
			b.values[0] = append(b.values[0], f.value)
		}
	}
	// A rule for any has no subjects. Those beside it in a blacklist only repeat it.
	if b.rule.Any {
		b.rule.Subject, b.subjectTexts, b.values[0] = nil, b.subjectTexts[:0], b.values[0][:0]
	}
}

// except parses one text of the rule's except:.
func (b *ruleBuilder) except(k *rule.KindRow, t syntax.Text) {
	m := b.draft.Mode.Opposite()
	// Without "any", a rule that excludes everything matches no call.
	if t.Value == "any" && k.Opens {
		b.nothingLeft = true
		b.deadEntry(t.Place, m == pattern.Narrow, &report.Problem{What: "except: any leaves nothing of the rule", Fix: "delete the rule, or name what it does not hold for"})
		return
	}
	// The except: of a whitelist narrows the rule, so that it is read as it was meant.
	lenient := leaveOut
	if m == pattern.Wide {
		lenient = mendOrDrop
	}
	before := len(b.Warnings)
	b.dropped = false
	found, known := b.pattern(k, t, m, lenient)
	b.nothingLeft = b.nothingLeft || b.dropped
	for i := before; i < len(b.Warnings); i++ {
		if strings.HasSuffix(b.Warnings[i].Problem, countsAsMeant) {
			continue // it belongs to the rule's own kind
		}
		b.Warnings[i].Fix = exceptFix(b.Warnings[i].Fix, b.draft.Mode)
	}
	b.whole = b.whole && known
	for _, f := range found {
		b.rule.Except = append(b.rule.Except, f.pattern)
		b.exceptTexts = append(b.exceptTexts, f.text)
		b.values[1] = append(b.values[1], f.value)
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
	// In a blacklist, the others only repeat it.
	case len(e.Subject) > 1 && e.Mode == pattern.Wide:
		c.Warn(t.Place, "any stands beside other subjects", fmt.Sprintf("write %s: any alone; it covers them", e.Key))
	case len(e.Subject) > 1:
		c.Fail(t.Place, "any stands beside other subjects", fmt.Sprintf("write %s: any alone; it covers them", e.Key))
	case e.Mode == pattern.Narrow && unreasoned:
		c.Fail(t.Place, fmt.Sprintf("%s: any in a whitelist needs a reason", e.Key), "add reason: … to say why everything is allowed")
	}
}

// misread finds texts that every parser would read as something else than the author sees.
func misread(k *rule.KindRow, written, value string) *report.Problem {
	host, userInfo := report.AfterUserInfo(value)
	problem := func(what, fix string) *report.Problem { return &report.Problem{What: what, Fix: fix} }
	switch {
	// A variable must not open what only a reviewer may.
	case value == "any" && written != "any":
		return problem(fmt.Sprintf("%q expands to any", report.Short(written)), "write any out; a variable cannot open a whole kind")
	// "https:/a.com" is the host https with a path.
	case k.Kind == rule.HTTP && brokenScheme(value):
		return problem(fmt.Sprintf("%q has no :// after its scheme", report.Short(value)), "write "+strconv.Quote(mendScheme(value)))
	case k.Kind == rule.HTTP && afterTwoSchemes(value) != "":
		return problem(fmt.Sprintf("%q has two schemes", report.Short(value)), "write "+strconv.Quote(afterTwoSchemes(value)))
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

// afterTwoSchemes returns what follows the first of two schemes: "http://https://a.com" would be
// the host https. It is "" for other texts.
func afterTwoSchemes(value string) string {
	_, rest, ok := strings.Cut(value, "://")
	low := strings.ToLower(rest)
	if !ok || !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
		return ""
	}
	return rest
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
	after := value[len(head):]
	// In small letters, some characters are longer.
	head = strings.ToLower(head)
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

// shapeFix says how to write what is not a single pattern: a method before the URL, or networks in
// one text. It is "" for other texts.
func shapeFix(value string) string {
	// "GET api.example.com/v1"
	if word, rest, ok := strings.Cut(value, " "); ok && len(methodsIn(word)) == 1 && strings.Contains(rest, ".") {
		return fmt.Sprintf("write http: %s and methods: %s", report.Short(strings.TrimSpace(rest)), report.Short(word))
	}
	parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(",;| ", r) })
	if len(parts) < 2 || slices.ContainsFunc(parts, func(s string) bool { return pattern.Network(s) == nil }) {
		return ""
	}
	return "write ip: [" + strings.Join(parts, ", ") + "]"
}
