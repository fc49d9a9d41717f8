package canon

import "bytes"

// trait says what is in a path that servers read in more than one way. Each is also the reading that takes it so.
type trait uint8

const (
	encodedSlash trait = 1 << iota // %2F: a slash
	encodedTwice                   // %252e: decoded until nothing is left to decode
	doubleSlash                    // "//": one slash
	backslash                      // "\": a slash
	parameter                      // ";x=1": cut off its segment
	control                        // %00: dropped
	overlong                       // %c0%ae: a dot, as lax UTF-8 decoders read it
	irregular                      // a dot segment or an escape: the path is not its own canonical form
)

// traits finds out how many ways there are to read a path.
func traits(s string, escaped bool) (t trait) {
	if ordinary(s) {
		return 0
	}
	slash := false
	for i := range len(s) {
		class := special[s[i]]
		if class == plain {
			slash = false
			continue
		}
		if class == slashClass {
			if slash {
				t |= doubleSlash
			}
			slash = true
			continue
		}
		if class == dotClass {
			if slash {
				t |= irregular
			}
		} else if class == percentClass {
			t |= irregular | escapeTraits(s, i, escaped)
		} else {
			t |= irregular | trait(class) | doubleSlash // "/;/" and "/\" become "//"
		}
		slash = false
	}
	return t
}

// ordinary reports whether a path has nothing that traits looks for, eight bytes at a time; it may miss that a path has not.
func ordinary(s string) bool {
	if len(s) < 8 {
		return false
	}
	odd := func(x uint64) uint64 {
		slashes := hasByte(x, '/')
		return below(x, '-') | hasByte(x, '.') | hasByte(x, ';') | hasByte(x, '\\') | hasByte(x, 0x7f) | x&high | slashes&(slashes>>8)
	}
	bad := odd(word(s[len(s)-8:]))
	for ; len(s) > 8; s = s[7:] { // by seven, so that no "//" is cut in two
		bad |= odd(word(s))
	}
	return bad == 0
}

// escapeTraits is what the percent sign at s[i] brings about.
func escapeTraits(s string, i int, escaped bool) trait {
	v, ok := byte('%'), !escaped
	if escaped {
		v, ok = unhex(s, i)
		i += 2
	}
	switch {
	case !ok:
		return 0
	case v == '%':
		if i+2 < len(s) && hex(s[i+1]) >= 0 && hex(s[i+2]) >= 0 {
			return irregular - 1 // anything may come out of it
		}
	case v == '/':
		return encodedSlash | doubleSlash
	case special[v] != plain && special[v] < uint8(irregular):
		return byTrait(trait(special[v]))
	}
	return 0
}

// byTrait adds to a trait those that it can bring about: "/;/" and "/\" become "//", and an overlong character may be any of them.
func byTrait(t trait) trait {
	if t == overlong {
		t |= backslash | parameter
	}
	return t | doubleSlash
}

// The classes of special characters that are not a trait.
const (
	plain        = 0
	slashClass   = 0xf1
	dotClass     = 0xf2
	percentClass = 0xf3
	starClass    = 0xf4
)

// special maps each character that can make a path irregular to its trait, or its class.
var special = func() (t [256]uint8) {
	for c := range ' ' {
		t[c] = uint8(control)
	}
	t[0x7f] = uint8(control)
	t['\\'], t[';'] = uint8(backslash), uint8(parameter)
	t[0xc0], t[0xc1] = uint8(overlong), uint8(overlong) // in no valid UTF-8
	t['/'], t['.'], t['%'], t['*'] = slashClass, dotClass, percentClass, starClass
	return t
}()

// Plain reports whether there is only one way to read the path, and it is the path as written.
func (p Path) Plain() bool { return p.traits == 0 }

// String is the path as written, for the one reading of a plain path.
func (p Path) String() string { return p.text }

// Readings is how many ways there are to read the path. The first is RFC 3986's: dot segments removed, %2e being a dot.
func (p Path) Readings() int {
	n := 1
	for t := encodedSlash; t < irregular; t <<= 1 {
		if p.traits&t != 0 {
			n *= 2
		}
	}
	return n
}

// Reading appends the i-th reading to buf[:0]. In it "%2F" is an encoded slash that is not taken for one, "%25" a percent
// sign, "%2A" a star, and every other character stands for itself.
func (p Path) Reading(i int, buf []byte) []byte {
	b := p.reading(i, buf)
	if bytes.IndexByte(b, '*') >= 0 {
		b = bytes.ReplaceAll(b, []byte("*"), []byte("%2A"))
	}
	return b
}

// reading is Reading with stars as they are.
func (p Path) reading(i int, buf []byte) []byte {
	take := trait(0)
	for t := encodedSlash; t < irregular; t <<= 1 {
		if p.traits&t != 0 {
			if i&1 != 0 {
				take |= t
			}
			i >>= 1
		}
	}
	b := p.decode(take, buf[:0])
	return removeDots(b)
}

// decode appends the path to b, decoded as take says; dot segments stay.
func (p Path) decode(take trait, b []byte) []byte {
	for i := 0; i < len(p.text); i++ {
		c := p.text[i]
		if c == '%' {
			v, ok := byte('%'), false
			if p.escaped {
				v, ok = unhex(p.text, i)
			}
			if ok {
				i += 2
			} else {
				v = '%'
			}
			if v == '/' && take&(encodedSlash|encodedTwice) == 0 {
				b = append(b, "%2F"...)
				continue
			}
			c = v
			if v == '%' {
				b = append(b, "%25"...)
				continue
			}
		}
		b = append(b, c)
	}
	for take&encodedTwice != 0 {
		n := len(b)
		if b = decodeAgain(b); len(b) == n {
			break
		}
	}
	if take&overlong != 0 {
		b = shorten(b)
	}
	return clean(b, take)
}

// shorten takes two bytes that encode an ASCII character for that character, in place.
func shorten(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		c := b[i]
		if next := at(b, i+1); (c == 0xc0 || c == 0xc1) && next&0xc0 == 0x80 {
			c = c<<6 | next&0x3f
			i++
		}
		out = append(out, c)
	}
	return out
}

// decodeAgain decodes in place the escapes that "%25" leads in.
func decodeAgain(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '%' { // always "%25" here
			if hi, lo := hex(at(b, i+3)), hex(at(b, i+4)); hi >= 0 && lo >= 0 {
				c = byte(hi<<4 | lo)
				i += 4
				if c == '%' {
					out = append(out, "%25"...)
					continue
				}
			} else {
				out = append(out, "%25"...)
				i += 2
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

func at(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

// clean takes backslashes, parameters, control characters and double slashes as take says, in place.
func clean(b []byte, take trait) []byte {
	if take&(backslash|parameter|control|doubleSlash) == 0 {
		return b
	}
	out := b[:0]
	skip := false
	for _, c := range b {
		if c == '\\' && take&backslash != 0 {
			c = '/'
		}
		switch {
		case c == '/':
			skip = false
			if take&doubleSlash != 0 && len(out) > 0 && out[len(out)-1] == '/' {
				continue
			}
		case skip:
			continue
		case c == ';' && take&parameter != 0:
			skip = true
			continue
		case (c < ' ' || c == 0x7f) && take&control != 0:
			continue
		}
		out = append(out, c)
	}
	return out
}

// removeDots removes dot segments in place, as RFC 3986, 5.2.4 says. b starts with a slash.
func removeDots(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); {
		end := i + 1 // b[i] is a slash
		for end < len(b) && b[end] != '/' {
			end++
		}
		last := end == len(b)
		switch segment := b[i+1 : end]; {
		case len(segment) == 1 && segment[0] == '.':
			if last {
				out = append(out, '/')
			}
		case len(segment) == 2 && segment[0] == '.' && segment[1] == '.':
			for len(out) > 0 && out[len(out)-1] != '/' {
				out = out[:len(out)-1]
			}
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, '/')
			}
		default:
			out = append(out, b[i:end]...)
		}
		i = end
	}
	if len(out) == 0 {
		return append(out, '/')
	}
	return out
}

// unhex reads the escape at s[i], which is a percent sign.
func unhex(s string, i int) (byte, bool) {
	if i+2 >= len(s) {
		return 0, false
	}
	hi, lo := hex(s[i+1]), hex(s[i+2])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
