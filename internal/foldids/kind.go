package foldids

// The kinds of characters. The order matters: up to digit they form runs.
const (
	lower   = iota // and every byte outside ASCII
	upper          //
	digit          //
	between        // separates runs
	marked         // separates runs; a segment with it may hold an id without any digit
	border         // separates pieces
)

// kind returns the kind of a byte. UTF-8 outside of ASCII counts as letters of one case.
func kind(c byte) byte {
	if c >= 128 {
		return lower
	}
	return kinds[c]
}

// Short names, so that a line of the table has 16 characters.
const (
	l = lower
	u = upper
	d = digit
	s = between
	m = marked
	b = border
)

// kinds has the kind of each ASCII character.
var kinds = [128]byte{
	s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s,
	s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s,
	b, b, b, s, b, s, b, b, b, b, m, s, b, s, s, b, //  !"#$%&'()*+,-./
	d, d, d, d, d, d, d, d, d, d, b, b, b, b, b, s, // 0123456789:;<=>?
	m, u, u, u, u, u, u, u, u, u, u, u, u, u, u, u, // @ABCDEFGHIJKLMNO
	u, u, u, u, u, u, u, u, u, u, u, m, s, s, s, s, // PQRSTUVWXYZ[\]^_
	s, l, l, l, l, l, l, l, l, l, l, l, l, l, l, l, // `abcdefghijklmno
	l, l, l, l, l, l, l, l, l, l, l, b, b, b, s, s, // pqrstuvwxyz{|}~
}
