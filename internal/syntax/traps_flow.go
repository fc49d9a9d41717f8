package syntax

import (
	"fmt"
	"strings"
)

// This file finds such text inside brackets.

// mendFlow quotes the entries of a list or mapping in brackets that YAML cannot read: [*.x,
// table/${T}]. value is the part of the line from start that stands in brackets. A quote that does
// not end makes it give up, with a zero result.
func mendFlow(line string, start int, value string) mended {
	m := mended{}
	var b strings.Builder
	b.WriteString(line[:start])
	for i := 0; i < len(value); {
		c := value[i]
		switch {
		// What is quoted stays as it is.
		case c == '"' || c == '\'':
			end := strings.IndexByte(value[i+1:], c)
			if end < 0 {
				return mended{}
			}
			b.WriteString(value[i : i+end+2])
			i += end + 2
			continue
		// What separates entries stays. "::1" is an entry, though it begins with a colon.
		case strings.IndexByte("[]{},: ", c) >= 0 && !strings.HasPrefix(value[i:], "::"):
			b.WriteByte(c)
			i++
			continue
		}
		entry := flowEntry(value[i:])
		wrong := ""
		// At the start of an entry, and ${ anywhere: a { opens a mapping even within a plain text.
		switch {
		case entry[0] == '*':
			wrong = "begins with *, which YAML reads as an alias"
		case strings.IndexByte("@`%", entry[0]) >= 0:
			wrong = fmt.Sprintf("begins with %c, which YAML reserves", entry[0])
		case strings.Contains(entry, "${"):
			wrong = "holds ${, which YAML reads as a mapping when it stands in brackets"
		case strings.HasPrefix(entry, "::"):
			wrong = "begins with a colon, which YAML reads as a key"
		}
		if wrong == "" {
			b.WriteString(entry)
		} else {
			b.WriteString(quoteYAML(entry))
			// The first is reported, and all are quoted.
			if m.what == "" {
				m.col = start + i
				m.quote(entry, wrong)
			}
		}
		i += len(entry)
	}
	m.line = b.String() + line[start+len(value):]
	return m
}

// flowEntry returns the text at the start of s up to the comma, bracket or colon that ends it;
// ${…} belongs to it.
func flowEntry(s string) string {
	for i := 0; i < len(s); i++ {
		// The } of ${NAME} does not end the entry.
		switch c := s[i]; {
		case strings.HasPrefix(s[i:], "${"):
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return s
			}
			i += end
		// A colon ends a key only before a blank: "a.com:443" goes on.
		case i > 0 && (strings.IndexByte(",[]{}", c) >= 0 || c == ':' && (i+1 == len(s) || s[i+1] == ' ')):
			return strings.TrimRight(s[:i], " ")
		}
	}
	return strings.TrimRight(s, " ")
}
