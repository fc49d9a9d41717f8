package canon

// trait says what a path has that servers read in more than one way.
type trait uint16

const (
	// Each of the first six is also a choice that a reading makes.
	encodedSlash trait = 1 << iota // %2F: a slash, or not one
	doubleSlash                    // "//": one slash
	backslash                      // "\": a slash
	parameter                      // ";x=1": cut off its segment
	control                        // %00: dropped
	earlyDots                      // dot segments: removed before every other step, and not only after them

	overlong // %c0%ae: a dot, as lax UTF-8 decoders read it
	wide     // overlong forms of more bytes, full-width dots and slashes
	twice    // %252e: decoded twice
	thrice   // %25252e: decoded three times
	deep     // encoded more than three times: nobody can say what a server makes of it

	laborious // it takes too long to compare with the rules

	irregular // a dot segment, an escape or a star: the path is not its own canonical form
)

// maxLevels is how many times a path is decoded. What is encoded more often is an unknown path.
const maxLevels = 3

// traits finds out how many ways there are to read a path.
func traits(s string, escaped bool) (t trait) {
	// Most paths end here, without a look at each byte.
	if ordinary(s) {
		return 0
	}
	slash := false
	for i := range len(s) {
		switch special[s[i]] {
		case plainClass:
			slash = false
		case slashClass:
			if slash {
				t |= doubleSlash
			}
			slash = true
		// A dot matters only at the start of a segment; "/file.txt" is plain.
		case dotClass:
			if slash {
				t |= irregular
			}
			slash = false
		// A star that was sent is "%2A" in a reading, so the path is not its own reading.
		case starClass:
			t |= irregular
			slash = false
		case foldClass:
			if _, size, _ := foldAt(s[i:]); size > 0 {
				return examine(s, escaped)
			}
			slash = false
		default:
			return examine(s, escaped)
		}
	}
	if t == doubleSlash|irregular { // there may be dot segments between double slashes
		return examine(s, escaped)
	}
	return t
}

// ordinary reports whether a path has nothing that traits looks for, eight bytes at a time. It may
// miss that a path is ordinary.
func ordinary(s string) bool {
	if len(s) < 8 {
		return false
	}
	// A byte below '-' includes control characters, "%" and "*". "//" shows as two slashes in a
	// row.
	odd := func(x uint64) uint64 {
		slashes := hasByte(x, '/')
		return below(x, '-') | hasByte(x, '.') | hasByte(x, ';') | hasByte(x, '\\') | hasByte(x, 0x7f) |
			x&high | slashes&(slashes>>8)
	}
	bad := odd(word(s[len(s)-8:]))
	for ; len(s) > 8; s = s[7:] { // by seven, so that no "//" is cut in two
		bad |= odd(word(s))
	}
	return bad == 0
}

// examine decodes a path level by level and looks at each result: what comes out of an escape
// counts, however it is spelled.
func examine(text string, escaped bool) trait {
	var room [256]byte
	b := room[:0]
	t := irregular
	dots := false
	// A folding may produce escapes, as a full-width percent sign does, so each is decoded by
	// itself.
	for fold := noFolding; fold <= wideFolding; fold++ {
		if fold == shortFolding && t&overlong == 0 || fold == wideFolding && t&wide == 0 {
			continue
		}
		b = append(b[:0], text...)
		for level := 1; ; level++ {
			if level > 1 || escaped {
				var any, slash bool
				b, any, slash = unescape(b)
				// Nothing was decoded, so no further level reads anything else.
				if level > 1 && !any {
					break
				}
				if slash {
					t |= encodedSlash
				}
			}
			if level > maxLevels {
				return t | deep
			}
			if level > 1 {
				t |= twice << (level - 2)
			}
			b = foldBytes(b, fold, false)
			found, some := scan(b)
			t |= found
			dots = dots || some
		}
	}
	// Without another trait it does not matter when dot segments are removed.
	if dots && t&^irregular != 0 {
		t |= earlyDots
	}
	return t
}

// scan finds the traits of a text that is decoded, and whether it has dot segments.
func scan(b []byte) (t trait, dot bool) {
	slash := false      // a slash stands before this character, if all between is dropped
	parameters := false // this character may be part of a parameter
	start := 1
	for i, c := range b {
		switch special[c] {
		case slashClass:
			if slash {
				t |= doubleSlash
			}
			slash, parameters = true, false
			dot = dot || dots(b[min(start, i):i], false) > 0
			start = i + 1
		case backslashClass:
			t |= backslash
			if slash {
				t |= doubleSlash
			}
			slash = true
		case parameterClass:
			t |= parameter
			parameters = true
		case controlClass:
			t |= control
		case foldClass:
			if _, size, isWide := foldAt(b[i:]); size > 0 && isWide {
				t |= wide
			} else if size > 0 {
				t |= overlong
			}
			slash = slash && parameters
		default:
			slash = slash && parameters
		}
	}
	return t, dot || dots(b[min(start, len(b)):], false) > 0
}

// The classes of characters that can make a path irregular.
const (
	plainClass = iota
	slashClass
	dotClass
	percentClass
	starClass
	backslashClass
	parameterClass
	controlClass
	foldClass // foldAt has to look
)

// special maps each character to its class.
var special = func() (t [256]uint8) {
	for c := range ' ' {
		t[c] = controlClass
	}
	for _, c := range []byte{0xc0, 0xc1, 0xc2, 0xe0, 0xe2, 0xe3, 0xef, 0xf0, 0xf8, 0xfc} {
		t[c] = foldClass
	}
	t[0x7f] = controlClass
	t['/'], t['.'], t['%'], t['*'] = slashClass, dotClass, percentClass, starClass
	t['\\'], t[';'] = backslashClass, parameterClass
	return t
}()
