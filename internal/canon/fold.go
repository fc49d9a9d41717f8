package canon

// folding says which characters a reading takes for others.
type folding uint8

const (
	noFolding    folding = iota
	shortFolding         // ASCII characters that are encoded as two bytes: invalid UTF-8 that lax decoders accept
	wideFolding          // the same with more bytes, and characters that look like ASCII: full-width forms and the like
)

// foldAt finds the ASCII text that some servers read where b begins with other bytes, and how many
// bytes that are. size is 0 if b begins with none of them. wide distinguishes wideFolding from
// shortFolding.
//
// The sources are: overlong UTF-8 (RFC 3629, section 10), Unicode's compatibility forms (NFKC), and
// the "best fit" tables by which Windows turns Unicode into code pages.
func foldAt[T string | []byte](b T) (to string, size int, wide bool) {
	switch b[0] {
	case 0xc0, 0xc1:
		if len(b) < 2 {
			return "", 0, false
		}
		c := b[0]<<6 | b[1]&0x3f
		// %c0%ae: two bytes that encode a dot. UTF-8 forbids them, because one byte suffices.
		if b[1]&0xc0 == 0x80 {
			return ascii[c : c+1], 2, false
		}
		if c == '.' || c == '/' || c == '\\' { // decoders that do not check the second byte
			return ascii[c : c+1], 2, true
		}
	// %e0%80%ae and longer: further encodings of the same dot.
	case 0xe0:
		return overlongAt(b, 3)
	case 0xf0:
		return overlongAt(b, 4)
	case 0xf8:
		return overlongAt(b, 5)
	case 0xfc:
		return overlongAt(b, 6)
	case 0xc2:
		// Code page 932 has the yen sign where ASCII has the backslash.
		if len(b) > 1 && b[1] == 0xa5 { // U+00A5, yen sign
			return `\`, 2, true
		}
	case 0xe2, 0xe3, 0xef:
		if len(b) > 2 && b[1]&0xc0 == 0x80 && b[2]&0xc0 == 0x80 {
			if to := threeBytes(b[0], b[1], b[2]); to != "" {
				return to, 3, true
			}
		}
	}
	return "", 0, false
}

// overlongAt reads an ASCII character that is encoded as size bytes.
func overlongAt[T string | []byte](b T, size int) (string, int, bool) {
	if len(b) < size {
		return "", 0, false
	}
	// All bits but the last seven have to be 0, or it is a longer character that UTF-8 allows.
	for i := 1; i < size-2; i++ {
		if b[i] != 0x80 {
			return "", 0, false
		}
	}
	if b[size-2]&^1 != 0x80 || b[size-1]&0xc0 != 0x80 {
		return "", 0, false
	}
	c := b[size-2]<<6 | b[size-1]&0x3f
	return ascii[c : c+1], size, true
}

// threeBytes returns what the character with this UTF-8 encoding is read as, or "".
func threeBytes(first, second, third byte) string {
	switch r := rune(first&0xf)<<12 | rune(second&0x3f)<<6 | rune(third&0x3f); {
	case r >= 0xff01 && r <= 0xff5e: // full-width ASCII
		return ascii[r-0xff01+'!' : r-0xff01+'!'+1]
	case r == 0x2024, r == 0x3002, r == 0xfe52, r == 0xff61: // one dot leader, full stops
		return "."
	case r == 0x2025: // two dot leader
		return ".."
	case r == 0x2044, r == 0x2215, r == 0x29f8: // fraction slash, division slash, big solidus
		return "/"
	case r == 0x2216, r == 0x29f5, r == 0xfe68, r == 0x20a9, r == 0xffe5, r == 0xffe6: // set minus, reverse solidi, won, yen
		return `\`
	case r == 0xfe54:
		return ";"
	case r == 0xfe6a:
		return "%"
	}
	return ""
}

// ascii has each ASCII character at its own index, so that one can be sliced out without
// allocating.
var ascii = func() string {
	var b [128]byte
	for i := range b {
		b[i] = byte(i)
	}
	return string(b[:])
}()
