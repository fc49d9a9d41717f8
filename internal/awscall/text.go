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
	for i := range len(s) {
		// Most names have no such byte.
		if kind := ofName[s[i]]; kind == notInName || kind == dot && (len(s) == 1 || i > 0 && s[i-1] == '.') {
			return false // two dots in a row are a step up in paths
		}
	}
	return s != ""
}

// ofName has the bytes that no name has: control characters, Any, and the characters that separate
// or stand for something in an ARN, a path or a URL. It also marks the dot.
var ofName = [256]byte{
	0: notInName, 1: notInName, 2: notInName, 3: notInName, 4: notInName, 5: notInName, 6: notInName, 7: notInName,
	8: notInName, 9: notInName, 10: notInName, 11: notInName, 12: notInName, 13: notInName, 14: notInName, 15: notInName,
	16: notInName, 17: notInName, 18: notInName, 19: notInName, 20: notInName, 21: notInName, 22: notInName, 23: notInName,
	24: notInName, 25: notInName, 26: notInName, 27: notInName, 28: notInName, 29: notInName, 30: notInName, 31: notInName,
	127: notInName, '/': notInName, ':': notInName, '*': notInName, '?': notInName, '%': notInName, '#': notInName,
	'\\': notInName, '@': notInName, Any: notInName, '.': dot,
}

// The kinds of bytes that are not simply a part of a name.
const (
	notInName = 1 << iota
	dot
)

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
