package ruleindex

import "strings"

// wild reports whether s matches pattern, in which "*" is any text and everything else itself. It
// takes time that is linear in both: each literal piece is searched once, from where the last one
// ended.
//
// The tests compare it with gobwas/glob. That matches behind an interface, so that every text it is
// given would move to the heap, and with it each request's buffer.
func wild(pattern, s string) bool {
	// In front of the first star, the text is fixed.
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return s == pattern
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		// The last piece must be at the end, the others anywhere, in order.
		piece, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(s, piece)
		}
		i := strings.Index(s, piece)
		if i < 0 {
			return false
		}
		// The first place is the best: it leaves most of s to what follows.
		s, rest = s[i+len(piece):], after
	}
}

// wildHost reports whether a host matches a pattern, label by label from the right: a leading "*."
// is one or more labels, and any other "*" stays inside its label.
func wildHost(pattern, host string) bool {
	// deep: the pattern began with "*.", so that labels must be left over.
	pattern, deep := strings.CutPrefix(pattern, "*.")
	for {
		p := strings.LastIndexByte(pattern, '.')
		h := strings.LastIndexByte(host, '.')
		if !wild(pattern[p+1:], host[h+1:]) {
			return false
		}
		// Both must end together, except for deep, where the host has to go on.
		if p < 0 || h < 0 {
			return p < 0 && (h >= 0) == deep
		}
		pattern, host = pattern[:p], host[:h]
	}
}
