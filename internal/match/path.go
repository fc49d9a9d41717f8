package match

import (
	"math/bits"
	"strings"
)

// A Path is a compiled path pattern. It matches paths in the form that canon reads them.
type Path struct {
	segments []segment
	// If prefix is set, the pattern is this text followed by "**", or this text alone if exact is
	// set. Most patterns are.
	prefix string
	exact  bool
	// With wide, a "**" at the end takes zero segments too ("/admin/**" matches "/admin"), as
	// blacklists are read.
	wide bool
	open bool     // the last segment is a "**"
	many []uint64 // bit i is set if segments[i] is a "**" and not the last one; there is a bit for len(segments) too
}

type segment struct {
	kind segmentKind
	text string
	min  int // the length of the shortest text that a partial segment matches
}

type segmentKind uint8

const (
	literal segmentKind = iota
	one                 // "*": one segment that is not empty
	partial             // "*" beside other text
	many                // "**": any number of segments
)

// NewPath compiles a pattern that begins with a slash. "*" is one non-empty segment, or any text
// beside other text in one. "**" is any number of segments. A star that stands for itself is
// written "%2A".
// See decision 5.
func NewPath(pattern string, wide bool) *Path {
	p := &Path{wide: wide}
	for text := range strings.SplitSeq(pattern[1:], "/") {
		s := segment{kind: literal, text: text}
		switch {
		case text == "**":
			s.kind = many
		case text == "*":
			s.kind = one
		case strings.Contains(text, "*"):
			s.kind = partial
			s.min = len(text) - strings.Count(text, "*")
		}
		if n := len(p.segments); s.kind != many || n == 0 || p.segments[n-1].kind != many { // "**/**" is "**"
			p.segments = append(p.segments, s)
		}
	}
	last := len(p.segments) - 1
	p.open = p.segments[last].kind == many
	p.many = make([]uint64, len(p.segments)/64+1)
	for i, s := range p.segments[:last] {
		if s.kind == many {
			p.many[i/64] |= 1 << (i % 64)
		}
	}
	for i, s := range p.segments {
		switch {
		case s.kind == literal && i == last:
			p.prefix, p.exact = pattern, true
		case s.kind == many && i == last && i > 0:
			for p.prefix = pattern; strings.HasSuffix(p.prefix, "/**"); {
				p.prefix = p.prefix[:len(p.prefix)-len("/**")]
			}
			p.prefix += "/"
		case s.kind != literal:
			return p
		}
	}
	return p
}

// Match reports whether path, which begins with a slash, matches. It goes over the path once and
// keeps a set of the places in the pattern that it can be at. So its time is at most the length of
// the path times the number of the pattern's segments. It does not allocate for patterns of up to
// 255 segments.
func (p *Path) Match(path string) bool {
	if p.prefix != "" {
		n := len(p.prefix)
		return strings.HasPrefix(path, p.prefix) && (!p.exact || len(path) == n) || p.wide && !p.exact && path == p.prefix[:n-1]
	}
	var room [2][4]uint64
	at, next := room[0][:], room[1][:] // bit i: what follows has to match segments[i:]
	if n := len(p.many); n > len(at) {
		at, next = make([]uint64, n), make([]uint64, n)
	} else {
		at, next = at[:n], next[:n]
	}
	at[0] = 1
	p.skipMany(at)
	last := len(p.segments) - 1
	for rest, more := path[1:], true; more; {
		if p.open && has(at, last) {
			return true
		}
		end := 0 // a loop is faster than IndexByte for segments of a few letters
		for end < len(rest) && rest[end] != '/' {
			end++
		}
		text := rest[:end]
		if more = end < len(rest); more {
			rest = rest[end+1:]
		}
		clear(next)
		for w, places := range at {
			next[w] |= places & p.many[w]
			for places &^= p.many[w]; places != 0; places &= places - 1 {
				i := w*64 + bits.TrailingZeros64(places)
				if i <= last && p.segments[i].match(text) {
					next[(i+1)/64] |= 1 << ((i + 1) % 64)
				}
			}
		}
		if !p.skipMany(next) {
			return false
		}
		at, next = next, at
	}
	return has(at, last+1) || p.open && p.wide && has(at, last)
}

// skipMany adds the places behind each "**" that is not the last segment, because it may take
// nothing. any is false if there is no place at all.
func (p *Path) skipMany(at []uint64) (any bool) {
	carry := uint64(0)
	for w := range at {
		skipped := at[w] & p.many[w]
		at[w] |= skipped<<1 | carry
		carry = skipped >> 63
		any = any || at[w] != 0
	}
	return any
}

func has(at []uint64, i int) bool { return at[i/64]>>(i%64)&1 != 0 }

func (s *segment) match(text string) bool {
	switch s.kind {
	case literal:
		return text == s.text
	case one:
		return text != ""
	case partial:
		return len(text) >= s.min && wild(s.text, text)
	default:
		return false // Match goes over "**" itself
	}
}
