package report

import (
	"strconv"
	"strings"
)

// YAML writes a text as a value of a policy file that stands for exactly that text: in quotes where
// YAML would read it as something else, or as more than one entry, and with $${ for a literal ${.
func YAML(s string) string {
	// In quotes, too, a variable would be expanded.
	s = strings.ReplaceAll(s, "${", "$${")
	if PlainYAML(s) {
		return s
	}
	return strconv.Quote(s)
}

// harmless has a bit for each character below '@' that needs no quotes. Anything else, such as "#"
// or ",", gets them.
const harmless uint64 = 1<<'0' | 1<<'1' | 1<<'2' | 1<<'3' | 1<<'4' | 1<<'5' | 1<<'6' | 1<<'7' | 1<<'8' | 1<<'9' |
	1<<'/' | 1<<':' | 1<<'*' | 1<<'.' | 1<<'-' | 1<<'+' | 1<<'=' | 1<<'$' | 1<<'%'

// PlainYAML reports whether a text stands for itself as a value of a policy file, without quotes.
func PlainYAML[T string | []byte](s T) bool {
	// "a:" is a key to YAML.
	if len(s) == 0 || s[len(s)-1] == ':' {
		return false
	}
	// At the start, these are an alias, a reserved character, a dash of a list, a directive, null,
	// or part of a number.
	switch s[0] {
	case '*', '@', '-', '%', '~', '=', '+':
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c|0x20-'a' < 26, c < 64 && harmless>>c&1 != 0, c == '_', c == '@', c == '~':
		default:
			return false
		}
	}
	// Only short texts can be one of the words below.
	if len(s) > len("false") {
		return true
	}
	// YAML 1.1 reads these as null or a boolean.
	for _, word := range [...]string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"} {
		if strings.EqualFold(string(s), word) {
			return false
		}
	}
	return true
}
