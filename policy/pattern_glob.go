package policy

import "strings"

// A cutGlob is a glob cut at its first wildcard: most have none, or one at the end.
type cutGlob struct {
	begin string // stands for itself
	rest  string // "", or begins with a wildcard
}

func newGlob(pattern string) cutGlob {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return cutGlob{pattern[:i], pattern[i:]}
	}
	return cutGlob{begin: pattern}
}

func (g *cutGlob) String() string { return g.begin + g.rest }

// open reports whether anything may follow what the glob matches.
func (g *cutGlob) open() bool { return strings.HasSuffix(g.rest, "*") }

// globMatches reports whether text is what g says.
func globMatches[T string | []byte](g *cutGlob, text T) bool {
	if len(text) < len(g.begin) || string(text[:len(g.begin)]) != g.begin {
		return false
	}
	switch g.rest {
	case "":
		return len(text) == len(g.begin)
	case "*":
		return true
	}
	return glob(g.rest, text[len(g.begin):])
}

// globBegins reports whether something that begins with text can be what pattern says.
func globBegins[T string | []byte](pattern string, text T) bool {
	for i := range min(len(pattern), len(text)) {
		switch pattern[i] {
		case '*':
			return true // it takes the rest of text
		case '?', text[i]:
		default:
			return false
		}
	}
	return len(pattern) >= len(text)
}

// glob reports whether text is what pattern says: * is any number of bytes, ? is one.
func glob[T string | []byte](pattern string, text T) bool {
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
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
