package pattern

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/canon"
)

// This file recognizes networks, in every form in which people write them.

// NamesRanges reports whether a word in lower case is one of the names of ip:.
func NamesRanges(word string) bool { return canon.Range(word) != nil }

// Network returns the CIDRs that a text stands for which is a network and not a host:
// "10.0.0.0/8", "[fd00::]/8", "10.0.0.0/255.0.0.0", "10.0.0.1-10.0.0.9", "10.0.*". It is nil for
// all other texts. A scheme before a network does not count.
func Network(text string) []string {
	if !beginsAsNetwork(text) {
		return nil
	}
	// A person who writes https:// in front of a network meant the network.
	s := text
	for _, scheme := range [...]string{"http://", "https://"} {
		if rest, ok := strings.CutPrefix(strings.ToLower(text), scheme); ok {
			// An address with a number for its path, unless the address is that of a network.
			p, err := netip.ParsePrefix(strings.NewReplacer("[", "", "]", "").Replace(rest))
			if err != nil || p.Masked() != p || p.IsSingleIP() {
				return nil
			}
			s = rest
		}
	}
	// Brackets, blanks and long dashes come from documents.
	s = strings.NewReplacer("[", "", "]", "", " ", "", "–", "-").Replace(s)
	// From the exact to the vague notation.
	if p, err := netip.ParsePrefix(s); err == nil {
		return []string{p.Masked().String()}
	}
	if first, last, ok := strings.Cut(s, "-"); ok {
		return rangeOf(first, last)
	}
	if first, mask, ok := strings.Cut(s, "/"); ok {
		return masked(first, mask)
	}
	return starred(s)
}

// TooLong says that a text is a network whose prefix is longer than its addresses are, such as
// "10.0.0.0/33": most is the longest prefix, network is the network with that, and port what
// follows it, ":5432". ok is false for all other texts.
func TooLong(text string) (network, port string, most int, ok bool) {
	address, length, found := strings.Cut(strings.TrimSuffix(text, "/"), "/")
	// A port may follow: 10.0.0.0/33:443.
	if i := strings.IndexByte(length, ':'); i >= 0 {
		length, port = length[:i], length[i:]
	}
	if !found || strings.Trim(length, "+-0123456789") != "" {
		return "", "", 0, false // most texts
	}
	a, err := netip.ParseAddr(strings.Trim(address, "[]"))
	n, wrong := strconv.Atoi(length)
	// n in range is a valid prefix. Longer texts are something else.
	if err != nil || wrong != nil || a.Zone() != "" || n >= 0 && n <= a.BitLen() || len(length) > 4 {
		return "", "", 0, false
	}
	return netip.PrefixFrom(a, a.BitLen()).String(), port, a.BitLen(), true
}

// beginsAsNetwork sorts out most texts: a network begins with a digit, a bracket, or the digits
// of an IPv6 address, and holds a /, a - or a *.
func beginsAsNetwork(text string) bool {
	rest := text
	if _, after, ok := strings.Cut(text, "://"); ok {
		rest = after
	}
	if rest == "" {
		return false
	}
	// "[fd00::]/8" and "10.0.0.0/8"
	if c := rest[0]; (c < '0' || c > '9') && c != '[' {
		// The first group of an IPv6 address has up to four digits.
		head := rest[:min(len(rest), 5)]
		if i := strings.IndexByte(head, ':'); i < 0 || strings.Trim(head[:i], "abcdefABCDEF0123456789") != "" {
			return false
		}
	}
	return strings.ContainsAny(rest, "/-*–")
}

// rangeOf returns the CIDRs of a range of addresses, whose end may be its last part alone.
func rangeOf(first, last string) []string {
	from, err := netip.ParseAddr(first)
	if err != nil {
		return nil
	}
	to, err := netip.ParseAddr(last)
	// 10.0.0.1-9: the end is the last part alone.
	if err != nil && from.Is4() {
		to, err = netip.ParseAddr(first[:strings.LastIndexByte(first, '.')+1] + last)
	}
	if err != nil || from.Is4() != to.Is4() || to.Less(from) {
		return nil
	}
	var out []string
	for { // at most twice for each bit of an address; all of them, because a part would be proposed as the whole
		// The widest prefix that begins at from and does not go beyond to.
		bits := from.BitLen()
		for bits > 0 {
			wider := netip.PrefixFrom(from, bits-1)
			if wider.Masked().Addr() != from || to.Less(lastOf(wider)) {
				break
			}
			bits--
		}
		p := netip.PrefixFrom(from, bits)
		out = append(out, p.String())
		end := lastOf(p)
		if !end.Less(to) {
			return out
		}
		from = end.Next()
	}
}

// lastOf returns the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// masked returns the CIDR of an IPv4 network with a mask in dotted form.
func masked(first, mask string) []string {
	a, err := netip.ParseAddr(first)
	m, err2 := netip.ParseAddr(mask)
	if err != nil || err2 != nil || !a.Is4() || !m.Is4() {
		return nil
	}
	// The ones must all be in front: 255.255.0.0.
	bits := 0
	for _, b := range m.As4() {
		for ; b&0x80 != 0; b <<= 1 {
			bits++
		}
		if b != 0 {
			return nil
		}
	}
	p := netip.PrefixFrom(a, bits).Masked()
	// A one behind a zero: 255.0.255.0.
	if lastMask := netip.PrefixFrom(m, bits).Masked().Addr(); lastMask != m {
		return nil
	}
	return []string{p.String()}
}

// starred returns the CIDR of an IPv4 network that is written with a * for its last parts.
func starred(s string) []string {
	parts := strings.Split(s, ".")
	// The parts up to the first star are numbers, and behind it all are stars.
	known := slices.Index(parts, "*")
	if known < 1 || len(parts) > 4 {
		return nil
	}
	for i, p := range parts {
		if i >= known && p != "*" {
			return nil
		}
		if n, err := strconv.Atoi(p); i < known && (err != nil || n > 255 || n < 0) {
			return nil
		}
	}
	// Missing parts are stars, too: 10.*
	full := append(slices.Clone(parts[:known]), "0", "0", "0", "0")[:4]
	return []string{strings.Join(full, ".") + "/" + strconv.Itoa(8*known)}
}
