package pattern

import "strings"

// A Glob is a glob cut at its first wildcard: most have none, or one at the end.
type Glob struct {
	Begin string // stands for itself
	Rest  string // "", or begins with a wildcard
}

// NewGlob cuts a pattern at its first wildcard.
func NewGlob(pattern string) Glob {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return Glob{pattern[:i], pattern[i:]}
	}
	return Glob{Begin: pattern}
}

// String returns the pattern.
func (g *Glob) String() string { return g.Begin + g.Rest }

// Open reports whether anything may follow what the glob matches.
func (g *Glob) Open() bool { return strings.HasSuffix(g.Rest, "*") }

// GlobMatches reports whether a glob matches a text.
func GlobMatches[T string | []byte](g *Glob, text T) bool {
	// The cheap comparison first: most globs differ within their first letters.
	if len(text) < len(g.Begin) || string(text[:len(g.Begin)]) != g.Begin {
		return false
	}
	switch g.Rest {
	case "":
		return len(text) == len(g.Begin)
	case "*":
		return true
	}
	return MatchGlob(g.Rest, text[len(g.Begin):])
}

// GlobBegins reports whether a pattern can match something that begins with text.
func GlobBegins[T string | []byte](pattern string, text T) bool {
	// Letter by letter, until one of the two ends.
	for i := range min(len(pattern), len(text)) {
		switch pattern[i] {
		case '*':
			return true // it takes the rest of text
		case '?', text[i]:
		default:
			return false
		}
	}
	// The glob ends first: it matches no more than its own length.
	return len(pattern) >= len(text)
}

// MatchGlob reports whether a pattern matches a text: * is any number of bytes, ? is one.
func MatchGlob[T string | []byte](pattern string, text T) bool {
	// star is the last * of the pattern, and mark where in the text it began. On a mismatch, that *
	// takes one byte more. Earlier stars need no second try, so that time is at most length times
	// length.
	star, mark := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	// What is left must match nothing.
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
