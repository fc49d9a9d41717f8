package canon

import "slices"

// This file has the steps that readings are made of. Each works in place where its result is not
// longer than its input. Each takes time that is linear in its input.

// unescape decodes each valid escape once and leaves the others as they are.
// any reports whether there was one, slash whether one of them was "%2F".
func unescape(b []byte) (out []byte, any, slash bool) {
	out = b[:0]
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '%' {
			// One pass only: what comes out of an escape is not decoded again. "%252e" becomes
			// "%2e", and the next level makes a dot of it.
			if v, ok := unhex(b, i); ok {
				c, i = v, i+2
				any, slash = true, slash || v == '/'
			}
		}
		out = append(out, c)
	}
	return out, any, slash
}

// unescapeKeeping decodes each escape once, except that "%2F" stays, and writes every percent sign
// as "%25".
func unescapeKeeping(b []byte) []byte {
	bare := 0 // percent signs that begin no escape
	for i := range b {
		if b[i] == '%' {
			if _, ok := unhex(b, i); !ok {
				bare++
			}
		}
	}
	// Only a bare percent sign grows, from one byte to three. All else keeps its length or shrinks.
	in, out := spread(b, 2*bare)
	for i := 0; i < len(in); i++ {
		c := in[i]
		if c == '%' {
			v, ok := unhex(in, i)
			if ok {
				i += 2
			} else {
				v = '%'
			}
			switch v {
			case '/':
				out = append(out, "%2F"...)
				continue
			case '%':
				out = append(out, "%25"...)
				continue
			}
			c = v
		}
		out = append(out, c)
	}
	return out
}

// escape writes a star as "%2A" and, with percent, a percent sign as "%25".
func escape(b []byte, percent bool) []byte {
	// Most paths have neither a star nor a percent sign, and need no second pass.
	n := 0
	for _, c := range b {
		if c == '*' || c == '%' && percent {
			n++
		}
	}
	if n == 0 {
		return b
	}
	in, out := spread(b, 2*n)
	for _, c := range in {
		switch {
		case c == '*':
			out = append(out, "%2A"...)
		case c == '%' && percent:
			out = append(out, "%25"...)
		default:
			out = append(out, c)
		}
	}
	return out
}

// spread makes room for extra bytes in b. It returns the old content, moved to the end, and an
// empty slice before it. Appending to out while reading in from its start is safe as long as out is
// at most extra bytes ahead of what was read.
func spread(b []byte, extra int) (in, out []byte) {
	n := len(b)
	// Within the caller's buffer, as a rule, so that nothing is allocated.
	b = slices.Grow(b, extra)[:n+extra]
	copy(b[extra:], b[:n])
	return b[extra:], b[:0]
}

// foldBytes replaces what some decoders take for other characters, as foldAt finds them, in place.
// In a text whose percent signs are written as "%25" (kept), those that would be added are left
// out.
func foldBytes(b []byte, fold folding, kept bool) []byte {
	if fold == noFolding {
		return b
	}
	out := b[:0]
	for i := 0; i < len(b); i++ {
		// A look at one table decides for all but a few bytes.
		if special[b[i]] == foldClass {
			if to, size, wide := foldAt(b[i:]); size > 0 && (!wide || fold == wideFolding) && !(kept && to == "%") {
				out = append(out, to...)
				i += size - 1
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

// clean takes backslashes, parameters, control characters and double slashes as take says, in
// place.
func clean(b []byte, take trait) []byte {
	if take&(backslash|parameter|control|doubleSlash) == 0 {
		return b
	}
	out := b[:0]
	// skip is whether the rest of a parameter is being cut off.
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
		// Tomcat reads "/a;x=1/../b" without the parameter, and then "/b".
		case skip:
			continue
		case c == ';' && take&parameter != 0:
			skip = true
			continue
		// Some servers drop control characters, so that "/ad%00min" is "/admin" to them.
		case (c < ' ' || c == 0x7f) && take&control != 0:
			continue
		}
		out = append(out, c)
	}
	return out
}

// removeDots removes dot segments in place, as RFC 3986, 5.2.4 says. b starts with a slash.
// With encoded, "%2e" is also a dot. any reports whether there was such a segment.
func removeDots(b []byte, encoded bool) (out []byte, any bool) {
	out = b[:0]
	for i := 0; i < len(b); {
		end := i + 1 // b[i] is a slash
		for end < len(b) && b[end] != '/' {
			end++
		}
		n := dots(b[i+1:end], encoded)
		if n == 0 {
			out = append(out, b[i:end]...)
			i = end
			continue
		}
		any = true
		// ".." takes the segment before it too. At the root nothing is left to take, and it has no
		// effect.
		if n == 2 {
			for len(out) > 0 && out[len(out)-1] != '/' {
				out = out[:len(out)-1]
			}
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
		}
		// A dot segment at the end leaves its slash: "/a/.." is "/", and "/a/." is "/a/".
		if end == len(b) {
			out = append(out, '/')
		}
		i = end
	}
	if len(out) == 0 {
		out = append(out, '/')
	}
	return out, any
}

// dots returns 1 for a segment that is ".", 2 for "..", and 0 for any other. With encoded, "%2e" is
// also a dot.
func dots(segment []byte, encoded bool) (n int) {
	if len(segment) == 0 || len(segment) > len("%2e%2e") {
		return 0
	}
	for i := 0; i < len(segment); n++ {
		switch {
		case segment[i] == '.':
			i++
		case encoded && i+2 < len(segment) && segment[i] == '%' && segment[i+1] == '2' && segment[i+2]|0x20 == 'e':
			i += len("%2e")
		default:
			return 0
		}
	}
	if n > 2 {
		return 0
	}
	return n
}

// unhex reads the escape at s[i], which is a percent sign.
func unhex[T string | []byte](s T, i int) (byte, bool) {
	if i+2 >= len(s) {
		return 0, false
	}
	hi, lo := hex(s[i+1]), hex(s[i+2])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

// hex returns the value of a hexadecimal digit, or -1 for any other character.
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
