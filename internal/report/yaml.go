package report

import (
	"strconv"
	"strings"
)

// YAML writes a text as a value of a policy file that stands for exactly that text: in quotes where
// YAML would read it as something else, or as more than one entry, and with $${ for a literal ${.
func YAML(s string) string {
	s = strings.ReplaceAll(s, "${", "$${")
	if PlainYAML(s) {
		return s
	}
	return strconv.Quote(s)
}

// PlainYAML reports whether a text stands for itself as a value of a policy file, without quotes.
func PlainYAML[T string | []byte](s T) bool {
	if len(s) == 0 || s[len(s)-1] == ':' {
		return false
	}
	switch s[0] {
	case '*', '@', '-', '%', '~', '=', '+':
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte("/:*._-+=@$~%", c) < 0 {
			return false
		}
	}
	if len(s) > len("false") {
		return true
	}
	for _, word := range [...]string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"} {
		if strings.EqualFold(string(s), word) {
			return false
		}
	}
	return true
}
