package awscall

import (
	"strings"
	"unicode/utf8"
)

// isPlain reports whether s is UTF-8 without control characters, as every ARN is.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7F {
			return false
		}
	}
	return utf8.ValidString(s)
}

// isName reports whether s can be one segment of an ARN and no more than that.
// Such a name cannot change the rest of the ARN that it is put into.
func isName(s string) bool {
	dot := false
	for i := range len(s) {
		c := s[i]
		// Two dots in a row are a step up in paths.
		if notInName[c] || (dot && c == '.') {
			return false
		}
		dot = c == '.'
	}
	return s != "" && s != "."
}

// notInName has the bytes that no name has: control characters, Any, and the characters that
// separate or stand for something in an ARN, a path or a URL.
var notInName = [256]bool{
	0: true, 1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true,
	8: true, 9: true, 10: true, 11: true, 12: true, 13: true, 14: true, 15: true,
	16: true, 17: true, 18: true, 19: true, 20: true, 21: true, 22: true, 23: true,
	24: true, 25: true, 26: true, 27: true, 28: true, 29: true, 30: true, 31: true, 127: true,
	'/': true, ':': true, '*': true, '?': true, '%': true, '#': true, '\\': true, '@': true, Any: true,
}

// isPath reports whether s can be part of an ARN, with slashes in it, without naming another
// resource.
func isPath(s string) bool {
	// A colon would begin another part of the ARN.
	return s != "" && isPlain(s) && !hasDots(s) && !strings.ContainsAny(s, "*?:")
}

// hasDots reports whether a segment of s is "." or "..".
func hasDots(s string) bool {
	for seg := range strings.SplitSeq(s, "/") {
		if seg == "." || seg == ".." {
			return true
		}
	}
	return false
}

// isWord reports whether s has only letters, digits, "-", "_" and "$", and at least one of them.
func isWord(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '$':
		default:
			return false
		}
	}
	return s != ""
}
