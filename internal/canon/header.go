package canon

import (
	"net/http"
	"strings"
)

// respelled is why a request with such a header is refused.
const respelled = Malformed("a header's name is another spelling of Host, Content-Length, Transfer-Encoding or Trailer")

// readField reads a header field. It reports whether the field may sign the request for AWS, and
// why the request must not be sent with it; "" if it may.
func readField(key string, values []string) (signs bool, refused Malformed) {
	if !isToken(key) {
		return false, "a header's name is not a token"
	}
	// Most names have another length than those that are looked for.
	named := namedLengths>>(len(key)%32)&1 != 0
	if named && isRespelled(key) {
		return false, respelled
	}
	// With a RoundTripper that does not check values, "\r\n" in one adds a header, such as another
	// Host.
	for _, value := range values {
		if !validValue(value) {
			return false, "a header's value has a control character"
		}
	}
	return named && FieldSigns(key, values), ""
}

// namedLengths has a bit for the length of each name that isRespelled and FieldSigns compare with.
const namedLengths = 1<<len("Host") | 1<<len("Trailer") | 1<<len("Content-Length") | 1<<len("Transfer-Encoding") |
	1<<len("Authorization") | 1<<len("Content-Type")

// isRespelled reports whether key is another spelling of a header that says where a request ends or
// whom it is for. net/http leaves out the canonical spellings, as it writes these lines itself. It
// would write any other spelling beside its own line, and the server could believe either.
func isRespelled(key string) bool {
	canonical := "" // the one name of its length
	switch len(key) {
	case len("Host"):
		canonical = "Host"
	case len("Trailer"):
		canonical = "Trailer"
	case len("Content-Length"):
		canonical = "Content-Length"
	case len("Transfer-Encoding"):
		canonical = "Transfer-Encoding"
	}
	return key != canonical && strings.EqualFold(key, canonical)
}

// checkFraming looks at the fields of r by which net/http says where the body ends.
func checkFraming(r *http.Request) error {
	// Without a length, net/http sends the body in chunks, unless TransferEncoding names something
	// else.
	unsized := r.ContentLength <= 0 && r.Body != nil && r.Body != http.NoBody
	if unsized && len(r.TransferEncoding) > 0 && r.TransferEncoding[0] != "chunked" {
		// net/http then writes the body without a length, and the server takes it for the next
		// request.
		return Malformed("the transfer encoding leaves open where the body ends")
	}
	// Trailers follow the body. A server that merges them into the header would take their Host for
	// the request's.
	for key := range r.Trailer {
		switch http.CanonicalHeaderKey(key) {
		case "Host", "Trailer", "Content-Length", "Transfer-Encoding":
			return Malformed("a trailer is named like a header that net/http writes itself")
		}
	}
	return nil
}

// token is 1 for the characters of an HTTP token (RFC 9110, 5.6.2). It holds numbers, because a
// bool would be a branch for each character.
var token = func() (t [256]uint8) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		t[c] = 1
	}
	return t
}()

// set returns a table in which the given characters are true.
func set(chars string) (t [256]bool) {
	for _, c := range []byte(chars) {
		t[c] = true
	}
	return t
}

// isToken reports whether s is a token. A name with a space or a colon ends early for some servers,
// and late for others.
func isToken(s string) bool {
	if len(s) < 4 {
		for i := range len(s) {
			if token[s[i]] == 0 {
				return false
			}
		}
		return s != ""
	}
	// Four at a time. As in noControl, the last ones overlap those before.
	ok := token4(s[len(s)-4:])
	for ; len(s) > 4; s = s[4:] {
		ok &= token4(s)
	}
	return ok != 0
}

// token4 is 1 if the first four characters of s are of a token. s must have them.
func token4(s string) uint8 {
	_ = s[3] // one check of the bounds instead of four
	return token[s[0]] & token[s[1]] & token[s[2]] & token[s[3]]
}

// validValue reports whether s can be a header's value: a tab is its only control character.
func validValue(s string) bool { return printable(s, true) }

// noControl reports whether s is free of control characters, as net/http demands of a request line.
func noControl(s string) bool { return printable(s, false) }

// printable reports whether s has no control character. With tabs, it may have tabs.
func printable(s string, tabs bool) bool {
	if len(s) >= 8 {
		// The last word overlaps the one before it, so no rest is left to read byte by byte.
		bad := controls(word(s[len(s)-8:]))
		for rest := s; len(rest) > 8; rest = rest[8:] {
			bad |= controls(word(rest))
		}
		if bad&high == 0 {
			return true
		}
	}
	// It is too short for a word, or a control character is in it.
	for i := range len(s) {
		if c := s[i]; c == 0x7f || c < ' ' && !(c == '\t' && tabs) {
			return false
		}
	}
	return true
}

// controls has a high bit when a byte of x is a control character. It is below(x, ' ') | hasByte(x,
// 0x7f), with what they share done once.
func controls(x uint64) uint64 { return ((x - ones*' ') | ((x ^ ones*0x7f) - ones)) &^ x }

// isASCII reports whether all bytes of s are below 0x80.
func isASCII(s string) bool {
	bits := uint64(0)
	for ; len(s) >= 8; s = s[8:] {
		bits |= word(s)
	}
	for i := range len(s) {
		bits |= uint64(s[i])
	}
	return bits&high == 0
}

// Headers are read eight bytes at a time, because they are most of the text that a decision reads.
// The compiler makes one load of word. See "Bit Twiddling Hacks" (Anderson), "Determine if a word
// has a byte less than n".
const (
	ones = 0x0101010101010101
	high = 0x8080808080808080
)

// word returns the first eight bytes of s, the first one lowest. s must have them.
func word(s string) uint64 {
	// One check of the bounds instead of eight.
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// below is not 0 when a byte of x is less than n, which is at most 128.
func below(x uint64, n byte) uint64 { return (x - ones*uint64(n)) &^ x & high }

// hasByte is not 0 when a byte of x is c.
func hasByte(x uint64, c byte) uint64 { return below(x^ones*uint64(c), 1) }
