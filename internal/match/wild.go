package match

import "strings"

// wild reports whether s matches pattern, in which "*" is any text and everything else itself. (gobwas/glob, which the tests hold
// it against, matches behind an interface: every text it is given moves to the heap, and with it each request's buffer.)
func wild(pattern, s string) bool {
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// wildHost reports whether a host matches a pattern, label by label from the right: a leading "*." is one or more labels, and any
// other "*" stays inside its label.
func wildHost(pattern, host string) bool {
	pattern, deep := strings.CutPrefix(pattern, "*.")
	for {
		p := strings.LastIndexByte(pattern, '.')
		h := strings.LastIndexByte(host, '.')
		if !wild(pattern[p+1:], host[h+1:]) {
			return false
		}
		if p < 0 || h < 0 {
			return p < 0 && (h >= 0) == deep
		}
		pattern, host = pattern[:p], host[:h]
	}
}
