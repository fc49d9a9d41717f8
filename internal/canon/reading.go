package canon

// maxWork bounds the bytes of all readings of one path together. What exceeds it is malformed.
const maxWork = 256 << 10

// Plain reports whether there is only one way to read the path, and it is the path as written.
func (p Path) Plain() bool { return p.traits == 0 }

// Unknown reports whether the path is encoded so deeply that what a server makes of it cannot be
// known, or is [Path.Laborious]. A blacklist rule with a path applies to it. A whitelist rule
// vouches for it only if the rule names no path, or "/**" alone. An unknown path has one reading,
// for messages.
func (p Path) Unknown() bool { return p.traits&(deep|laborious) != 0 }

// Laborious reports whether the path was given up: see [Path.GiveUp].
func (p Path) Laborious() bool { return p.traits&laborious != 0 }

// GiveUp makes the path an unknown one, because it takes too long to compare it with the rules.
func (p *Path) GiveUp() { p.traits |= laborious }

// String is the path as written, for the one reading of a plain path.
func (p Path) String() string { return p.text }

// Readings is how many ways there are to read the path: at most 576, and together they are at most
// 256 KB plus what escaping adds. They are not all different. The first is RFC 3986's: dot segments
// removed, %2e being a dot.
func (p Path) Readings() int {
	if p.Plain() || p.Unknown() {
		return 1
	}
	n := p.levels() * p.foldings()
	// Each choice is independent of the others: a server may take "//" for one slash, and leave "\"
	// alone.
	for t := encodedSlash; t <= earlyDots; t <<= 1 {
		if p.traits&t != 0 {
			n *= 2
		}
	}
	return n
}

// levels returns how many times a server may decode the path, which is a choice of 1 to 3.
func (p Path) levels() int {
	switch {
	case p.traits&thrice != 0:
		return 3
	case p.traits&twice != 0:
		return 2
	}
	return 1
}

// foldings returns how many ways there are to take characters for others; without any, 1.
func (p Path) foldings() int {
	n := 1
	if p.traits&overlong != 0 {
		n++
	}
	if p.traits&wide != 0 {
		n++
	}
	return n
}

// tooMuch reports whether the path would take too long to read in all ways.
func (p Path) tooMuch() bool { return p.traits != 0 && len(p.text) > maxWork/p.Readings() }

// way is one way to read a path.
type way struct {
	take  trait // which of the choices it makes
	level int   // how many times it decodes
	fold  folding
}

// way returns the i-th way.
func (p Path) way(i int) (w way) {
	// The number i holds the choices: its lowest bits say yes or no, the rest the level and the
	// folding.
	for t := encodedSlash; t <= earlyDots; t <<= 1 {
		if p.traits&t != 0 {
			if i&1 != 0 {
				w.take |= t
			}
			i >>= 1
		}
	}
	levels := p.levels()
	w.level = 1 + i%levels
	w.fold = folding(i / levels)
	if w.fold > noFolding && p.traits&overlong == 0 {
		w.fold = wideFolding
	}
	return w
}

// Reading appends the i-th reading to buf[:0]. In it "%2F" is an encoded slash that is not taken
// for one, "%25" a percent sign, "%2A" a star, and every other character stands for itself.
//
// A reading that is for blacklists only counts for no whitelist: it takes full-width characters and
// the like for ASCII, and makes no dot segment of them. Japanese file names have such characters.
// See decision 15.
func (p Path) Reading(i int, buf []byte) (reading []byte, blacklistOnly bool) {
	w := p.way(i)
	b := append(buf[:0], p.text...)
	early := w.take&earlyDots != 0
	// Whether this server leaves "%2F" encoded. It does so only at its last level: an earlier one
	// has to decode it to go on.
	keep := p.traits&encodedSlash != 0 && w.take&encodedSlash == 0
	kept, dots, some := false, false, false
	for level := 1; level <= w.level; level++ {
		if level > 1 || p.escaped {
			if early {
				b, some = removeDots(b, true)
				dots = dots || some
			}
			if kept = keep && level == w.level; kept {
				b = unescapeKeeping(b)
			} else {
				b, _, _ = unescape(b)
			}
		}
		// After each level, because an escape may produce such characters: %25c0%25ae.
		b = foldBytes(b, w.fold, kept)
	}
	if early {
		b, some = removeDots(b, false)
		dots = dots || some
	}
	// After decoding, because a server that decodes first sees what its escapes held, and before
	// the last dot segments: "/.;x/" has one only without its parameter.
	b = clean(b, w.take)
	b, some = removeDots(b, false)
	return escape(b, !kept), w.fold == wideFolding && !dots && !some
}
