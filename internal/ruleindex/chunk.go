package ruleindex

import "strings"

// A chunk is a run of segments of a path pattern, without "**". It matches as many segments of a
// path as it has.
type chunk struct {
	segments []segment
	// To find the chunk in a path, key is searched, which begins with the slash before
	// segments[skip]. If keyEnds is set, key has the slash behind its last segment too, so that it
	// is not found at the end of the path. key is "" if no segment begins with a text.
	key     string
	keyEnds bool
	skip    int
}

// A segment is one segment of a pattern, as written in text.
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
)

// walk is a path that is matched, and how many steps are left for it. All walks over one path share
// the count, so that many rules cannot make one request slow.
type walk struct {
	path string
	left *int
}

// takes takes the steps for a look at some bytes, and reports whether they were left. A step for
// being called, and one for each 16 bytes.
func (w walk) takes(bytes int) bool {
	*w.left -= 1 + bytes/16
	return *w.left >= 0
}

// newChunk compiles segments. Without any, the chunk is empty and matches no segment.
func newChunk(texts []string) (c chunk) {
	for _, text := range texts {
		s := segment{kind: literal, text: text}
		switch {
		case text == "*":
			s.kind = one
		case strings.Contains(text, "*"):
			s.kind = partial
			s.min = len(text) - strings.Count(text, "*")
		}
		c.segments = append(c.segments, s)
	}
	// The longest run of literal text becomes the key: what is rare in a path is searched.
	for i := 0; i < len(texts); i++ {
		start := i
		for i < len(texts) && c.segments[i].kind == literal {
			i++
		}
		run := "/"
		if i > start {
			run = "/" + strings.Join(texts[start:i], "/") + "/"
		}
		ends := i > start
		// a partial segment behind the run adds what is in front of its first star: /v1/report-*
		if i < len(texts) && c.segments[i].kind == partial {
			begin, _, _ := strings.Cut(texts[i], "*")
			run += begin
			ends = ends && begin == ""
		}
		// A "/" alone is everywhere.
		if len(run) > len(c.key) && len(run) > 1 {
			c.key, c.keyEnds, c.skip = run, ends, start
		}
	}
	return c
}

// A place in a path is the index of the slash before a segment, or the length of the path where no
// segment is left.

// matchAt reports whether the chunk matches the segments at a place, and where it ends.
func (c *chunk) matchAt(w walk, at int) (end int, ok bool) {
	// All segments have to be there. Empty ones count: "/a//b" has three.
	for i := range c.segments {
		if at == len(w.path) {
			return at, false
		}
		end = segmentEnd(w.path, at+1)
		if !w.takes(end-at) || !c.segments[i].match(w.path[at+1:end]) {
			return at, false
		}
		at = end
	}
	return at, true
}

// find finds the first place, from a place on, that the chunk matches, and returns where it ends.
func (c *chunk) find(w walk, at int) (end int, ok bool) {
	// Segments of stars only: nothing to search for.
	if c.key == "" {
		return c.findSlowly(w, at)
	}
	// The search for the key is that of the standard library, which is fast.
	for from := at; ; {
		i := strings.Index(w.path[from:], c.key)
		if i < 0 {
			// w.takes counts what was searched in vain.
			if !w.takes(len(w.path)-from) || !c.keyEnds {
				return at, false
			}
			return len(w.path), c.endsAt(w, at) // the key may stand at the end, without a slash
		}
		if !w.takes(i) {
			return at, false
		}
		// The key was found; the chunk begins skip segments in front of it.
		from += i
		if start, ok := back(w, from, at, c.skip); ok {
			if end, ok := c.matchAt(w, start); ok {
				return end, true
			}
		}
		// One byte further, because the next key may overlap this one.
		from++
	}
}

// findSlowly is find for a chunk that is compared with every place.
func (c *chunk) findSlowly(w walk, at int) (end int, ok bool) {
	for at < len(w.path) && *w.left >= 0 {
		if end, ok = c.matchAt(w, at); ok {
			return end, true
		}
		at = segmentEnd(w.path, at+1)
	}
	return at, false
}

// endsAt reports whether the chunk matches the last segments of the path, if none of them begins
// before least.
func (c *chunk) endsAt(w walk, least int) bool {
	start, ok := back(w, len(w.path), least, len(c.segments))
	if !ok {
		return false
	}
	_, ok = c.matchAt(w, start)
	return ok
}

// back goes n segments back from a place. ok is false if there are not as many behind least. Each
// slash in front of at is one segment.
func back(w walk, at, least, n int) (place int, ok bool) {
	for ; n > 0; n-- {
		// Not behind least: what is there belongs to the chunk before.
		i := -1
		if at > least {
			i = strings.LastIndexByte(w.path[least:at], '/')
		}
		if i < 0 || !w.takes(at-least-i) {
			return at, false
		}
		at = least + i
	}
	return at, true
}

// segmentEnd returns where the segment that begins at an index ends. A loop is faster than
// IndexByte for segments of a few letters.
func segmentEnd(path string, from int) int {
	for near := min(from+16, len(path)); from < near; from++ {
		if path[from] == '/' {
			return from
		}
	}
	if i := strings.IndexByte(path[from:], '/'); i >= 0 {
		return from + i
	}
	return len(path)
}

// match reports whether one segment of a path matches.
func (s *segment) match(text string) bool {
	switch s.kind {
	case literal:
		return text == s.text
	case one:
		return text != ""
	// min rules most texts out without a search.
	case partial:
		return len(text) >= s.min && wild(s.text, text)
	}
	return false
}
