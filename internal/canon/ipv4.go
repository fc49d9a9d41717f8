package canon

import "net/netip"

// LegacyIPv4 reads the forms of an IPv4 address that inet_aton takes and Go does not: one to four
// parts, each decimal, octal (0177) or hexadecimal (0x7f), the last filling what is left. Go's own
// resolver looks such a host up as a name, libc's connects.
func LegacyIPv4(s string) (netip.Addr, bool) {
	var parts [4]uint64
	n := 0
	for len(s) > 0 || n == 0 {
		// A fifth part: it is a name.
		if n == 4 {
			return netip.Addr{}, false
		}
		part := s
		s = ""
		for i := range len(part) {
			if part[i] == '.' {
				part, s = part[:i], part[i+1:]
				if s == "" {
					return netip.Addr{}, false
				}
				break
			}
		}
		v, ok := legacyNumber(part)
		if !ok {
			return netip.Addr{}, false
		}
		parts[n] = v
		n++
	}
	// The last part fills the bytes that are left: 127.1 is 127.0.0.1, and 2130706433 alone is the
	// same address.
	last := parts[n-1]
	if last >= 1<<(8*(5-n)) {
		return netip.Addr{}, false
	}
	v := last
	for i := range n - 1 {
		if parts[i] > 255 {
			return netip.Addr{}, false
		}
		v |= parts[i] << (24 - 8*i)
	}
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), true
}

// legacyNumber reads one part of a legacy address; ok is false when it is not a number below 2^33.
func legacyNumber(s string) (v uint64, ok bool) {
	base := uint64(10)
	switch {
	case s == "":
		return 0, false
	case len(s) > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'):
		base, s = 16, s[2:]
	// A leading zero is octal to inet_aton: 0177.0.0.1 is this machine, and not 177.0.0.1.
	case len(s) > 1 && s[0] == '0':
		base, s = 8, s[1:]
	}
	for i := range len(s) {
		d := uint64(99)
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			d = uint64(c - '0')
		case c >= 'a' && c <= 'f':
			d = uint64(c-'a') + 10
		case c >= 'A' && c <= 'F':
			d = uint64(c-'A') + 10
		}
		if d >= base {
			return 0, false
		}
		// A bound before the multiplication overflows, with room above 32 bits so that the caller
		// sees what does not fit.
		if v = v*base + d; v >= 1<<33 {
			return 0, false
		}
	}
	return v, true
}

// dottedIPv4 reads an IPv4 address in the one form that every resolver reads. Unlike
// netip.ParseAddr it does not keep s in an error.
func dottedIPv4(s string) (netip.Addr, bool) {
	var b [4]byte
	part, digits, v := 0, 0, 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.':
			if digits == 0 || part == 3 {
				return netip.Addr{}, false
			}
			b[part] = byte(v)
			part, digits, v = part+1, 0, 0
		// A leading zero makes the part octal for some and decimal for others; LegacyIPv4 reads it.
		case c < '0' || c > '9' || digits > 0 && v == 0:
			return netip.Addr{}, false
		default:
			digits++
			if v = v*10 + int(c-'0'); v > 255 {
				return netip.Addr{}, false
			}
		}
	}
	b[3] = byte(v)
	return netip.AddrFrom4(b), part == 3 && digits > 0
}
