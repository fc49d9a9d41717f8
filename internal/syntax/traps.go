package syntax

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/report"
)

// This file finds text that YAML reads in another way than it was meant.

// A trap is text that means something else to YAML than to the person who wrote it.
type trap struct {
	report.Place
	what, fix string
}

// mend finds the texts that should have been quoted in a file that the YAML parser refuses, and
// returns the file with them quoted. It knows lines, brackets and block texts, not YAML, so it
// runs on refused files only.
func mend(data string) (string, []trap) {
	var traps []trap
	lines := strings.SplitAfter(data, "\n")
	depth, block := 0, -1 // open brackets; indentation of the key whose block text goes on
	private := false      // in notify:, whose texts can be secrets and are not shown
	for i, line := range lines {
		// Places count from the line without its end, which may be "\r\n".
		body := strings.TrimRight(line, "\r\n")
		indent := len(body) - len(strings.TrimLeft(body, " "))
		// A block text holds anything. It ends with the first line that is not deeper.
		if block >= 0 && (indent > block || strings.TrimSpace(body) == "") {
			continue
		}
		block = -1
		if topKey(body) {
			private = strings.HasPrefix(body, "notify")
		}
		// Each line by itself, given whether brackets are open.
		m := mendLine(body, depth > 0)
		// The message then has no text of the line: it may be the URL of a webhook.
		if m.text != "" && (private || holdsSecret(body)) {
			m.what, m.fix = "the text"+strings.TrimPrefix(m.what, m.text), `quote it: "…"`
		}
		if m.what != "" {
			traps = append(traps, trap{report.Place{Line: i + 1, Col: utf8.RuneCountInString(body[:m.col]) + 1}, m.what, m.fix})
			// The mended line counts for the brackets.
			lines[i] = m.line + line[len(body):]
			body = m.line
		}
		depth = max(0, depth+brackets(body))
		if depth == 0 && blockText(body) {
			block = indent
		}
	}
	return strings.Join(lines, ""), traps
}

// topKey reports whether a line begins with a key of the file itself. A bracket or a dash at the
// margin goes on with the value above.
func topKey(line string) bool {
	return line != "" && strings.IndexByte(" \t-#]}", line[0]) < 0
}

// brackets returns how many brackets a line opens more than it closes, outside of quotes and
// variables.
func brackets(line string) (open int) {
	// The key is not searched: only values have brackets.
	start := valueStart(line, 0)
	if start < len(line) && strings.IndexByte("[]{}", line[start]) < 0 && !strings.ContainsAny(line[start:], "]}") {
		return 0 // a plain text: [ and { have no meaning inside
	}
	quote := byte(0)
	for i := start; i < len(line); i++ {
		switch c := line[i]; {
		// A bracket in quotes is text.
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		// The rest of the line is a comment.
		case c == '#' && i > 0 && line[i-1] == ' ':
			return open
		// ${NAME} has braces of its own.
		case strings.HasPrefix(line[i:], "${"):
			end := strings.IndexByte(line[i:], '}')
			if end < 0 {
				return open
			}
			i += end
		case c == '[' || c == '{':
			open++
		case c == ']' || c == '}':
			open--
		}
	}
	return open
}

// blockText reports whether a line ends with the | or > that begins a block text.
func blockText(line string) bool {
	i := strings.LastIndex(line, ": ")
	return i >= 0 && i+2 < len(line) && (line[i+2] == '|' || line[i+2] == '>')
}

// A mended line, what was wrong with it, and at which byte. what is "" when nothing was. text is
// what of the line it shows, at its beginning.
type mended struct {
	line, what, fix string
	col             int
	text            string
}

// mendLine mends a line; inFlow says that a bracket was opened on an earlier one. Only the first
// trap of a line is reported.
func mendLine(line string, inFlow bool) mended {
	// In the order in which the parser would stumble.
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	// YAML forbids tabs there, and editors insert them.
	if i := strings.IndexByte(line[:indent], '\t'); i >= 0 {
		return mended{strings.ReplaceAll(line[:indent], "\t", "  ") + line[indent:], "a tab in the indentation", "indent with blanks", i, ""}
	}
	// Inside of brackets, commas separate and dashes mean nothing.
	if inFlow {
		return mendFlow(line, indent, cutComment(line[indent:]))
	}
	// "http:a.com" is one text to YAML, and not a key.
	if colon := gluedKey(line); colon > 0 {
		return mended{line[:colon+1] + " " + line[colon+1:], "no blank after the colon", "write " + strings.TrimLeft(line[:colon+1], " -") + " …", colon, ""}
	}
	start := valueStart(line, indent)
	value := strings.TrimRight(cutComment(line[start:]), " \t")
	if value == "" {
		return mended{}
	}
	wrong := ""
	switch c := value[0]; {
	case c == '*':
		// "*.a.com: x": the * is in a key, and the key has to be quoted.
		wrong = "begins with *, which YAML reads as an alias"
		if key, _, isKey := strings.Cut(value+" ", ": "); isKey {
			value = key
		}
	// A % begins a directive only at the margin.
	case c == '@' || c == '`' || c == '%' && start > 0:
		wrong = fmt.Sprintf("begins with %c, which YAML reserves", c)
	// [::1]:443 and [2001:db8::1] are hosts.
	case c == '[' && ipv6Literal(value):
		wrong = "begins with [, which YAML reads as a list"
	case c == '[' || c == '{':
		return mendFlow(line, start, value)
	// Quotes, blocks, anchors, tags and comments: the parser's own message is right.
	case strings.IndexByte("\"'|>&!#", c) >= 0:
	// reason: see wiki: page
	case strings.Contains(value, ": ") && start > indent:
		wrong = "holds a colon and a blank, which YAML reads as a key"
	}
	if wrong == "" {
		return mended{}
	}
	m := mended{col: start}
	m.quote(value, wrong)
	m.line = line[:start] + quoteYAML(value) + line[start+len(value):]
	return m
}

// quote says that a text should have been quoted.
func (m *mended) quote(value, wrong string) {
	m.text = report.Shown(value)
	m.what, m.fix = m.text+" "+wrong, "quote it: "+report.Short(quoteYAML(report.Shown(value)))
}

// holdsSecret reports whether a line holds a key of notify: whose text can be a secret.
func holdsSecret(line string) bool {
	return slices.ContainsFunc(targetKeys[:], func(key targetKey) bool { return !key.public && strings.Contains(line, key.name+":") })
}

// gluedKey returns where the colon is in a line like "version:1", which is a text to YAML; 0 when
// the line is not like it.
func gluedKey(line string) int {
	at := valueStart(line, 0)
	key, after, ok := strings.Cut(line[at:], ":")
	if !ok || after == "" || strings.IndexByte(" /:", after[0]) >= 0 {
		return 0
	}
	for _, keys := range [][]string{FileKeys(), RuleKeys(), TargetKeys()} {
		if slices.Contains(keys, key) {
			return at + len(key)
		}
	}
	return 0
}

// quoteYAML quotes a text in double quotes, where \ escapes.
func quoteYAML(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// valueStart returns where the value of a line begins: after its dashes and its key.
func valueStart(line string, at int) int {
	at += len(line[at:]) - len(strings.TrimLeft(line[at:], " "))
	for strings.HasPrefix(line[at:], "- ") {
		// Dashes may stand in a row: "- - a".
		at += 2
		at += len(line[at:]) - len(strings.TrimLeft(line[at:], " "))
	}
	// A key in quotes may hold a colon.
	key := at
	if at < len(line) && (line[at] == '"' || line[at] == '\'') {
		if end := strings.IndexByte(line[at+1:], line[at]); end >= 0 {
			key = at + 1 + end
		}
	}
	// A ": " behind a bracket or a star belongs to the value.
	if i := strings.Index(line[key:], ": "); i >= 0 && !strings.ContainsAny(line[at:key+i], "[{*#") {
		at = key + i + 2
		at += len(line[at:]) - len(strings.TrimLeft(line[at:], " "))
	}
	return at
}

// cutComment cuts a value before the # of a comment.
func cutComment(s string) string {
	if strings.HasPrefix(s, "#") {
		return ""
	}
	// Behind a quote, the # may be in the text. That is left to the parser.
	if i := strings.Index(s, " #"); i >= 0 && !strings.ContainsAny(s[:1], `"'`) {
		return s[:i]
	}
	return s
}

// ipv6Literal reports whether a value begins with an IPv6 address in brackets, as in a URL, and
// is not a list of one.
func ipv6Literal(s string) bool {
	inside, after, ok := strings.Cut(strings.TrimPrefix(s, "["), "]")
	return ok && strings.Count(inside, ":") > 1 && strings.Trim(inside, "0123456789abcdefABCDEF:.") == "" &&
		strings.HasPrefix(strings.TrimLeft(after, " "), after) && (after != "" || strings.HasPrefix(inside, ":"))
}
