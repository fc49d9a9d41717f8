package match

import "strings"

// A Path is a compiled path pattern. It matches paths in the form that canon reads them.
type Path struct {
	segments []segment
	// If prefix is set, the pattern is this text followed by "**", or this text alone if exact is set. Most patterns are.
	prefix string
	exact  bool
	// With wide, a "**" at the end takes zero segments too ("/admin/**" matches "/admin"), as blacklists are read.
	wide bool
}

type segment struct {
	kind segmentKind
	text string
}

type segmentKind uint8

const (
	literal segmentKind = iota
	one                 // "*": one segment that is not empty
	partial             // "*" beside other text
	many                // "**": any number of segments
)

// NewPath compiles a pattern that begins with a slash. "*" is one non-empty segment, or any text beside other text in one.
// "**" is any number of segments. A star that stands for itself is written "%2A".
func NewPath(pattern string, wide bool) *Path {
	p := &Path{wide: wide}
	for _, text := range strings.Split(pattern[1:], "/") {
		s := segment{kind: literal, text: text}
		switch {
		case text == "**":
			s.kind = many
		case text == "*":
			s.kind = one
		case strings.Contains(text, "*"):
			s.kind = partial
		}
		p.segments = append(p.segments, s)
	}
	last := len(p.segments) - 1
	for i, s := range p.segments {
		switch {
		case s.kind == literal && i == last:
			p.prefix, p.exact = pattern, true
		case s.kind == many && i == last && i > 0:
			p.prefix = pattern[:len(pattern)-len("**")]
		case s.kind != literal:
			return p
		}
	}
	return p
}

// Match reports whether path, which begins with a slash, matches. For one pattern, its time is linear in the length of the
// path: each "**" moves over the path once, and at each place at most the segments up to the next "**" are compared.
func (p *Path) Match(path string) bool {
	if p.prefix != "" {
		n := len(p.prefix)
		return strings.HasPrefix(path, p.prefix) && (!p.exact || len(path) == n) || p.wide && !p.exact && path == p.prefix[:n-1]
	}
	rest := path[1:] // what is left of the path
	ended := false   // whether nothing is left, not even an empty segment
	i := 0
	star, starRest := -1, ""
	for {
		if i == len(p.segments) {
			if ended {
				return true
			}
		} else if p.segments[i].kind == many {
			if i == len(p.segments)-1 {
				return !ended || p.wide
			}
			if !ended {
				star, starRest = i, rest
			}
			i++
			continue
		} else if !ended {
			text, after, more := strings.Cut(rest, "/")
			if p.segments[i].match(text) {
				rest, ended = after, !more
				i++
				continue
			}
		}
		// The last "**" takes one segment more.
		if star < 0 {
			return false
		}
		_, after, more := strings.Cut(starRest, "/")
		if !more {
			return false
		}
		starRest, rest, ended = after, after, false
		i = star + 1
	}
}

func (s *segment) match(text string) bool {
	switch s.kind {
	case literal:
		return text == s.text
	case one:
		return text != ""
	default:
		return wild(s.text, text)
	}
}
