package learn

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/outguard/outguard/internal/report"
)

// writePolicy writes a policy with a section for each function.
// The policy begins in alert: it is new, and nobody has checked it.
func writePolicy(b *strings.Builder, sections []Section) {
	b.WriteString("version: 1\non_violation: alert\n")
	b.WriteString("functions:\n")
	for _, s := range sections {
		fmt.Fprintf(b, "  %s:\n", key(s.Name))
		// An explicit empty list: the function makes no calls that can be allowed.
		if len(s.rules) == 0 {
			b.WriteString("    whitelist: []\n")
			continue
		}
		b.WriteString("    whitelist:\n")
		for i := range s.rules {
			s.rules[i].write(b, "      ")
		}
	}
}

// Entries returns the entries of a section, as items of a list without indentation, with their
// evidence as comments; "" without any.
func (s *Section) Entries() string {
	var b strings.Builder
	for i := range s.rules {
		s.rules[i].write(&b, "")
	}
	return b.String()
}

// key writes a key of a map.
// A name such as 123 or true must not become a number or a bool.
func key(s string) string {
	if report.PlainYAML(s) && (s[0] < '0' || s[0] > '9') {
		return s
	}
	return strconv.Quote(s)
}

// write writes a rule with its evidence as a comment above it.
func (r *rule) write(b *strings.Builder, indent string) {
	fmt.Fprintf(b, "%s# %s\n", indent, r.evidence.String())
	first := true
	// line writes a key. The first one of a rule has the dash.
	line := func(key, value string) {
		lead := indent + "  "
		if first {
			lead = indent + "- "
		}
		first = false
		fmt.Fprintf(b, "%s%s:%s\n", lead, key, value)
	}
	// list writes a list unless it is empty.
	list := func(key string, values []string) {
		if len(values) > 0 {
			line(key, listOf(values, indent+"    "))
		}
	}
	list("http", r.HTTP)
	list("aws", r.AWS)
	list("net", r.Net)
	if r.Unlisted {
		line("unlisted", " true")
	}
	// Methods are short words, so that they stay on one line.
	if len(r.Methods) > 0 {
		line("methods", " ["+strings.Join(quoted(r.Methods), ", ")+"]")
	}
	list("access", r.Access)
	list("resources", r.Resources)
	list("regions", r.Regions)
	if len(r.Accounts) > 0 {
		line("accounts", ` ["`+strings.Join(r.Accounts, `", "`)+`"]`) // digits would be a number
	}
}

// quoted writes each value as YAML.
func quoted(values []string) (all []string) {
	for _, v := range values {
		all = append(all, report.YAML(v))
	}
	return all
}

// maxLine is the length above which a list takes a line for each value.
const maxLine = 100

// listOf writes a value, or several.
func listOf(values []string, indent string) string {
	if len(values) == 1 {
		return " " + report.YAML(values[0])
	}
	all := quoted(values)
	// A short list in brackets is read at a glance; in a long one, lines are easier to review. The
	// 10 is for the longest key and its colon.
	if flow := " [" + strings.Join(all, ", ") + "]"; len(indent)+len(flow)+10 <= maxLine {
		return flow
	}
	return "\n" + indent + "- " + strings.Join(all, "\n"+indent+"- ")
}

// String says what is known of calls: "1,204 calls, last 2026-11-20, 3 callers".
func (e *evidence) String() string {
	text := number(e.calls) + " calls"
	// The plural is right for 0, too.
	if e.calls == 1 {
		text = "1 call"
	}
	if e.atLeast {
		text = "at least " + text
	}
	if !e.last.IsZero() {
		text += ", last " + e.last.UTC().Format("2006-01-02")
	}
	switch callers := slices.Sorted(maps.Keys(e.callers)); {
	// One caller is named, because it says which code to look at.
	case len(callers) == 1:
		text += ", by " + printable(callers[0])
	case len(callers) >= maxCallers:
		text += fmt.Sprintf(", %d or more callers", maxCallers)
	case len(callers) > 1:
		text += fmt.Sprintf(", %d callers", len(callers))
	}
	return text
}

// printable keeps what could end a comment out of it.
// Callers are texts of a log. A line break would end the comment, and the rest be YAML.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		// U+FFFD shows that something was there.
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, s)
}

// number writes a number with a comma between thousands.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
