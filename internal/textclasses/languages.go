package textclasses

import "strings"

// Hosts is the language of host names in lower case. A label neither begins nor ends with a hyphen,
// and is not empty.
func Hosts() Language {
	// begin: a label has to begin. inside: it may end. hyphen: it must go on.
	const begin, inside, hyphen = 0, 1, 2
	// Others begins with letters that names rarely have: the text of a class should look made up.
	return Language{
		Separator: '.',
		Others:    "xzqwyvujkhgfbaemnlptsrcdoi",
		Step: func(state int, c byte) (int, bool) {
			switch {
			case 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_':
				return inside, true
			case c == '-' && state != begin:
				return hyphen, true
			case c == '.' && state == inside:
				return begin, true
			}
			return 0, false
		},
		Accepts: func(state int) bool { return state == inside },
	}
}

// HostPattern returns the pattern of a host with wildcards: a leading "*." is one or more labels,
// and any other * stays in its label. A * alone is any host.
func HostPattern(host string) Pattern {
	if host == "*" {
		return Pattern{{RunAny}}
	}
	// "*.": at least one byte, then any with dots, then the dot: a.x and a.b.x, but not .x.
	var parts []Part
	if rest, ok := strings.CutPrefix(host, "*."); ok {
		host = rest
		// Behind it, each star stays in its label.
		parts = append([]Part{One, RunAny}, Literal(".")...)
	}
	for i := range len(host) {
		if host[i] == '*' {
			parts = append(parts, Run)
		} else {
			parts = append(parts, Part{byte: host[i]})
		}
	}
	return Pattern{parts}
}

// Paths is the language of paths in canonical form, without empty segments but for the last.
func Paths() Language {
	// escape and digit are the states inside of %2F. Canonical escapes are in capitals.
	// A dot begins a segment only if more follows: /.. is not canonical, /..a is.
	const begin, slash, inside, dot, dots, escape, digit = 0, 1, 2, 3, 4, 5, 6
	// The separator is what One and Run do not match.
	return Language{
		Separator: '/',
		Others:    "xzqwyvujkhgfbaemnlptsrcdoiXZQWYVUJKHGFBAEMNLPTSRCDOI0123456789_~",
		Step: func(state int, c byte) (int, bool) {
			// Canonical escapes have capitals: %2F and not %2f.
			hex := '0' <= c && c <= '9' || 'A' <= c && c <= 'F'
			switch {
			case state == begin:
				return slash, c == '/'
			case state == escape:
				return digit, hex
			case state == digit:
				return inside, hex
			// A slash follows only a segment: no "//".
			case c == '/':
				return slash, state == inside
			case c == '%':
				return escape, true
			// "." and ".." are not canonical segments, so that a path cannot end there.
			case c == '.' && state == slash:
				return dot, true
			case c == '.' && state == dot:
				return dots, true
			}
			// What a path in a URL holds. Behind a dot, any of it makes a segment: ".a".
			return inside, c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '\\'
		},
		Accepts: func(state int) bool { return state == slash || state == inside },
	}
}

// PathPattern returns the pattern of a path with wildcards, as ruleindex.Path reads it.
func PathPattern(path string, wide bool) Pattern {
	// all has the sequences so far. Each "**" in the middle doubles them: with and without
	// segments.
	segments := strings.Split(path[1:], "/")
	all := Pattern{Literal("/")}
	for i, s := range segments {
		last := i == len(segments)-1
		// "**/**" means "**". Without this, the sequences would double for nothing.
		if s == "**" && i > 0 && segments[i-1] == "**" && !last {
			continue
		}
		var next Pattern
		for _, parts := range all {
			// With no spare capacity, append copies: the sequences must not share memory.
			parts = parts[:len(parts):len(parts)]
			switch {
			// At the end, one sequence is enough: RunAny is any rest.
			case s == "**" && last:
				next = append(next, append(parts, RunAny))
				// Wide, /admin/** is also /admin, without the slash.
				if wide && i > 0 {
					next = append(next, parts[:len(parts)-1])
				}
				continue
			// In the middle, "**" is nothing, or any text and a slash.
			case s == "**":
				next = append(next, parts, append(append(parts, RunAny), Literal("/")...))
				continue
			// A * alone needs one byte.
			case s == "*":
				parts = append(parts, One, Run)
			default:
				for j := range len(s) {
					if s[j] == '*' {
						parts = append(parts, Run)
					} else {
						parts = append(parts, Part{byte: s[j]})
					}
				}
			}
			// The slash in front of the next segment.
			if !last {
				parts = append(parts, Part{byte: '/'})
			}
			next = append(next, parts)
		}
		all = next
	}
	return all
}

// Texts is the language of all printable texts without blanks that are not empty, such as what
// follows the fifth colon of an ARN.
func Texts() Language {
	return Language{
		// Any byte that may be in a resource is fine, and the separator plays no part.
		Others:  "xzqwyvujkhgfbaemnlptsrcdoiXZQWYVUJKHGFBAEMNLPTSRCDOI0123456789_~",
		Step:    func(_ int, c byte) (int, bool) { return 1, c > ' ' && c < 0x7f },
		Accepts: func(state int) bool { return state == 1 },
	}
}

// Names is the language of the names of functions.
func Names() Language {
	return Language{
		Others: "xzqwyvujkhgfbaemnlptsrcdoiXZQWYVUJKHGFBAEMNLPTSRCDOI0123456789",
		// c|0x20 makes a capital small.
		Step: func(_ int, c byte) (int, bool) {
			return 1, 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
		},
		Accepts: func(state int) bool { return state == 1 },
	}
}

// Packages is the language of import paths.
func Packages() Language {
	const begin, inside = 0, 1
	return Language{
		Others: "xzqwyvujkhgfbaemnlptsrcdoi",
		Step: func(state int, c byte) (int, bool) {
			switch {
			// What import paths of modules hold, capitals included.
			case 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~', c == '+':
				return inside, true
			case c == '/':
				return begin, state == inside
			}
			return 0, false
		},
		Accepts: func(state int) bool { return state == inside },
	}
}

// Caller returns the pattern of a callers: entry: "..." is any text, and x/... is also x.
func Caller(text string) Pattern {
	var parts []Part
	pieces := strings.Split(text, "...")
	for i, piece := range pieces {
		if i > 0 {
			parts = append(parts, RunAny)
		}
		parts = append(parts, Literal(piece)...)
	}
	if self, ok := strings.CutSuffix(text, "/..."); ok && !strings.Contains(self, "...") {
		return Pattern{parts, Literal(self)}
	}
	return Pattern{parts}
}
