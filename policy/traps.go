package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A trap is text that means something else to YAML than to the person who wrote it.
type trap struct {
	place
	what, fix string
}

// mend finds the texts that should have been quoted in a file that the YAML parser refuses, and returns the file with
// them quoted. It looks at single lines and knows no context beyond that, so it runs on refused files only.
func mend(data string) (string, []trap) {
	var traps []trap
	lines := strings.SplitAfter(data, "\n")
	for i, line := range lines {
		body := strings.TrimRight(line, "\r\n")
		end := line[len(body):]
		mended, what, fix, col := mendLine(body)
		if what == "" {
			continue
		}
		traps = append(traps, trap{place{i + 1, utf8.RuneCountInString(body[:col]) + 1}, what, fix})
		lines[i] = mended + end
	}
	return strings.Join(lines, ""), traps
}

// mendLine returns a line with its value quoted, what was wrong with it and at which byte.
func mendLine(line string) (mended, what, fix string, col int) {
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	if i := strings.IndexByte(line[:indent], '\t'); i >= 0 {
		return strings.ReplaceAll(line[:indent], "\t", "  ") + line[indent:], "a tab in the indentation", "indent with blanks", i
	}
	start := valueStart(line, indent)
	value := strings.TrimRight(cutComment(line[start:]), " \t")
	if value == "" {
		return "", "", "", 0
	}
	rest := line[start+len(value):]
	quoted := `"` + strings.ReplaceAll(strings.ReplaceAll(value, `\`, `\\`), `"`, `\"`) + `"`
	quote := func(what string) (string, string, string, int) {
		return line[:start] + quoted + rest, what, "quote it: " + clip(quoted), start
	}
	switch c := value[0]; {
	case c == '*':
		return quote(fmt.Sprintf("%s begins with *, which YAML reads as an alias", clip(value)))
	case c == '@' || c == '`' || c == '%':
		return quote(fmt.Sprintf("%s begins with %c, which YAML reserves", clip(value), c))
	case c == '[' && strings.HasPrefix(value, "[::") || c == '[' && ipv6Literal(value):
		return quote(fmt.Sprintf("%s begins with [, which YAML reads as a list", clip(value)))
	case c == '[' || c == '{':
		return mendFlow(line, start, value, rest)
	case c == '"' || c == '\'' || c == '|' || c == '>' || c == '&' || c == '!' || c == '#':
		return "", "", "", 0
	case strings.Contains(value, ": ") || strings.HasSuffix(value, ":") && start > indent && !strings.HasSuffix(strings.TrimSpace(line[:start]), "-"):
		return quote(fmt.Sprintf("%s holds a colon and a blank, which YAML reads as a key", clip(value)))
	}
	return "", "", "", 0
}

// valueStart returns where the value of a line begins: after its dashes and its key.
func valueStart(line string, at int) int {
	for strings.HasPrefix(line[at:], "- ") {
		at += 2
		at += len(line[at:]) - len(strings.TrimLeft(line[at:], " "))
	}
	key := at
	if at < len(line) && (line[at] == '"' || line[at] == '\'') {
		if end := strings.IndexByte(line[at+1:], line[at]); end >= 0 {
			key = at + 1 + end
		}
	}
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
	if i := strings.Index(s, " #"); i >= 0 && !strings.ContainsAny(s[:1], `"'`) {
		return s[:i]
	}
	return s
}

// ipv6Literal reports whether a value begins with an IPv6 address in brackets, as in a URL.
func ipv6Literal(s string) bool {
	inside, _, ok := strings.Cut(strings.TrimPrefix(s, "["), "]")
	return ok && strings.Count(inside, ":") > 1 && strings.Trim(inside, "0123456789abcdefABCDEF:.") == ""
}

// mendFlow quotes the entries of a list or mapping in brackets that YAML cannot read: [*.x, table/${T}].
func mendFlow(line string, start int, value, rest string) (mended, what, fix string, col int) {
	var b strings.Builder
	b.WriteString(line[:start])
	for i := 0; i < len(value); {
		c := value[i]
		switch {
		case c == '"' || c == '\'':
			end := strings.IndexByte(value[i+1:], c)
			if end < 0 {
				return "", "", "", 0
			}
			b.WriteString(value[i : i+end+2])
			i += end + 2
			continue
		case strings.IndexByte("[]{}, ", c) >= 0:
			b.WriteByte(c)
			i++
			continue
		}
		entry := flowEntry(value[i:])
		bad := ""
		switch {
		case entry[0] == '*':
			bad = "begins with *, which YAML reads as an alias"
		case strings.IndexByte("@`%", entry[0]) >= 0:
			bad = fmt.Sprintf("begins with %c, which YAML reserves", entry[0])
		case strings.Contains(entry, "${"):
			bad = "holds ${, which YAML reads as a mapping inside a list or a mapping in brackets"
		case strings.HasPrefix(entry, "::"):
			bad = "begins with a colon, which YAML reads as a key"
		}
		if bad == "" {
			b.WriteString(entry)
		} else {
			b.WriteString(`"` + entry + `"`)
			if what == "" {
				what, fix, col = fmt.Sprintf("%s %s", clip(entry), bad), fmt.Sprintf(`quote it: "%s"`, clip(entry)), start+i
			}
		}
		i += len(entry)
	}
	return b.String() + rest, what, fix, col
}

// flowEntry returns the text at the start of s up to the comma, bracket or colon that ends it; ${…} belongs to it.
func flowEntry(s string) string {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case strings.HasPrefix(s[i:], "${"):
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return strings.TrimRight(s, " ")
			}
			i += end
		case c == ',' || c == ']' || c == '}':
			if i == 0 {
				return s[:1]
			}
			return strings.TrimRight(s[:i], " ")
		case c == ':' && i > 0 && (i+1 == len(s) || s[i+1] == ' '):
			return s[:i]
		}
	}
	return strings.TrimRight(s, " ")
}
