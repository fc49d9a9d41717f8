package ruleindex

import "strings"

// A Path is a compiled path pattern. It matches paths in the form that canon reads them.
type Path struct {
	// If prefix is set, the pattern is this text followed by "**", or this text alone if exact is
	// set. Most patterns are. They have no chunks.
	prefix string
	exact  bool
	// chunks are what stands before, between and behind the "**" of the pattern. There is one more
	// than there are "**". The first and the last may be empty.
	chunks []chunk
	// With wide, a "**" at the end takes zero segments too ("/admin/**" matches "/admin"), as
	// blacklists are read.
	wide bool
}

// NewPath compiles a pattern that begins with a slash. "*" is one non-empty segment, or any text
// beside other text in one. "**" is any number of segments. A star that stands for itself is
// written "%2A".
// See decision 5.
func NewPath(pattern string, wide bool) *Path {
	p := &Path{wide: wide}
	// Most patterns are /text or /text/**: a comparison of prefixes suffices for them.
	switch star := strings.IndexByte(pattern, '*'); {
	case star < 0:
		p.prefix, p.exact = pattern, true
		return p
	case star > 1 && pattern[star-1:] == "/**":
		p.prefix = pattern[:star]
		return p
	}
	// Chunks are cut at each "**".
	texts := []string{}
	many := false // a "**" has just been read
	for text := range strings.SplitSeq(pattern[1:], "/") {
		if text != "**" {
			texts, many = append(texts, text), false
			continue
		}
		if !many { // "**/**" is "**"
			p.chunks = append(p.chunks, newChunk(texts))
		}
		texts, many = nil, true
	}
	p.chunks = append(p.chunks, newChunk(texts))
	return p
}

// Match reports whether path, which begins with a slash, matches. Each chunk is searched from where
// the one before it has ended, and the last one stands at the end: no other choice of places finds
// more. So the time is at most the length of the path times the number of segments of a chunk, and
// mostly that of a search for a text. It does not allocate.
//
// Match takes the steps that it needs from left, and gives up when none are left: left is below 0
// then, and the result means nothing. A step takes about as long as a look at 16 bytes.
func (p *Path) Match(path string, left *int) bool {
	// The cheap form. It needs no steps: the time is that of the pattern's length.
	if p.prefix != "" {
		n := len(p.prefix)
		return strings.HasPrefix(path, p.prefix) && (!p.exact || len(path) == n) || p.wide && !p.exact && path == p.prefix[:n-1]
	}
	// From here on, the time depends on the path, too.
	w := walk{path, left}
	if !w.takes(0) {
		return false
	}
	last := len(p.chunks) - 1
	// The first chunk stands at the start. Without a "**", it is the only one and has to take all.
	at, ok := p.chunks[0].matchAt(w, 0)
	if !ok || last == 0 {
		return ok && at == len(path)
	}
	// The first place is the best one: what is left behind it is longest.
	for i := 1; i < last; i++ {
		if at, ok = p.chunks[i].find(w, at); !ok {
			return false
		}
	}
	end := &p.chunks[last]
	if len(end.segments) == 0 { // "**" stands at the end
		// Narrow, /a/** needs a slash: /a is another resource to many servers.
		return at < len(path) || p.wide
	}
	return end.endsAt(w, at)
}
