package canon

import (
	"net"
	"net/netip"
	"strings"
	"unsafe"
)

// An authority is "host[:port]" as a request names it.
type authority struct {
	text   string // as dialed, where net/http maps it by UTS 46, or as written, which it only makes Punycode
	scheme string
}

// dest reads the authority. legacy is valid when the host is an IPv4 address in a form that only
// some resolvers read.
func (a *authority) dest(buf *Buf, used *int) (d Dest, legacy netip.Addr, err error) {
	host, port := split(a.text)
	d.Scheme = a.scheme
	d.Port = 80
	if a.scheme == "https" {
		d.Port = 443
	}
	if port != "" {
		p, ok := parsePort(port)
		if !ok {
			return d, legacy, Malformed("the port is over 65535")
		}
		d.Port = p
	}
	// "ⓔvil.example" is dialed as "evil.example", so a rule has to see that name.
	if !isASCII(host) {
		if host, err = toASCII(host); err != nil {
			return d, legacy, err
		}
	}
	d.Host, d.Addr, legacy, err = hostOrAddr(host, buf, used)
	return d, legacy, err
}

// split cuts "host[:port]" as net/url does, brackets stripped: the port is digits, or is part of
// the host.
func split(s string) (host, port string) {
	host = s
	if strings.IndexByte(s, ':') < 0 { // faster than LastIndexByte, and the most usual
		return unbracket(host), ""
	}
	if colon := strings.LastIndexByte(s, ':'); colon >= 0 {
		digits := s[colon+1:]
		for i := range len(digits) {
			if digits[i] < '0' || digits[i] > '9' {
				return unbracket(host), ""
			}
		}
		host, port = s[:colon], digits
	}
	return unbracket(host), port
}

// unbracket returns an IPv6 address without its brackets, and any other text as it is.
func unbracket(s string) string {
	if len(s) > 1 && s[0] == '[' && s[len(s)-1] == ']' {
		return s[1 : len(s)-1]
	}
	return s
}

// parsePort reads digits, leading zeros included.
func parsePort(s string) (uint16, bool) {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
		if n > 65535 {
			return 0, false
		}
	}
	return uint16(n), true
}

// maxUnicode is the length of a name whose 253 characters are all encoded as four bytes. IDNA would
// take long for more.
const maxUnicode = 4 * 253

// tooLongForIDNA is why a longer name is refused before it is mapped.
const tooLongForIDNA = Malformed("the host is not a domain name: over 1012 bytes of Unicode")

// toASCII brings a host with other than ASCII characters to ASCII, as net/http dials it.
func toASCII(host string) (string, error) {
	if len(host) > maxUnicode {
		return "", tooLongForIDNA
	}
	ascii, ok := Dialed(host)
	if !ok || !isASCII(ascii) {
		// net/http dials the raw bytes, which no resolver promises to read the same way.
		return "", Malformed("the host is not a name that IDNA can map")
	}
	return ascii, nil
}

// hostOrAddr reads an ASCII host without port and brackets.
func hostOrAddr(s string, buf *Buf, used *int) (host string, addr, legacy netip.Addr, err error) {
	if s == "" {
		// The net package dials this machine then.
		return "", addr, legacy, Malformed("the host is empty")
	}
	// Only an IPv6 address may have a colon: the port has been cut off.
	if strings.IndexByte(s, ':') >= 0 {
		addr, err := netip.ParseAddr(s)
		switch {
		case err != nil:
			return "", addr, legacy, Malformed("the host is not an IPv6 address, nor its port a number")
		// A zone names an interface of this machine, and rules cannot: fe80::1%eth0 and
		// fe80::1%eth1 are two places.
		case addr.Zone() != "":
			return "", netip.Addr{}, legacy, Malformed("the host has a zone")
		}
		// ::ffff:169.254.169.254 connects to the IPv4 address, and a rule for it has to apply.
		return "", addr.Unmap(), legacy, nil
	}
	host, lastLabel, err := name(s, buf, used)
	if err != nil {
		return "", addr, legacy, err
	}
	// As WHATWG's URL standard: only a host whose last label begins with a digit can be an IPv4
	// address. "0x7f.1" is one too.
	if c := host[lastLabel]; c >= '0' && c <= '9' {
		if addr, ok := dottedIPv4(host); ok {
			if len(host) == len(s) {
				return "", addr, legacy, nil
			}
			return s, netip.Addr{}, addr, nil // "127.0.0.1." is looked up as a name; without the dot it would be none
		}
		legacy, _ = LegacyIPv4(host)
	}
	return host, addr, legacy, nil
}

// letters maps the characters of a host name to lower case; 0 is not one of them.
var letters = func() (t [256]byte) {
	for _, c := range []byte("0123456789abcdefghijklmnopqrstuvwxyz-_.") {
		t[c] = c
	}
	for c := byte('A'); c <= 'Z'; c++ {
		t[c] = c + 'a' - 'A'
	}
	return t
}()

// name checks a host name and brings it to lower case without its trailing dot. lastLabel is where
// its last label begins.
func name(s string, buf *Buf, used *int) (host string, lastLabel int, err error) {
	// "evil.example." is the same name, fully qualified. A rule without the dot has to match it.
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	if len(s) == 0 || len(s) > 253 {
		return "", 0, Malformed("the host is not a domain name: empty or over 253 characters")
	}
	upper := false
	start := 0
	for i := range len(s) {
		c := s[i]
		l := letters[c]
		if l == 0 {
			return "", 0, Malformed("the host has a character that no domain name has")
		}
		if l != c {
			upper = true
		}
		if c == '.' {
			// DNS takes labels of 1 to 63 bytes (RFC 1035). Resolvers differ on names with others.
			if i == start || i-start > 63 {
				return "", 0, Malformed("the host has a label that is empty or over 63 characters")
			}
			start = i + 1
		}
	}
	if len(s) == start || len(s)-start > 63 {
		return "", 0, Malformed("the host has a label that is empty or over 63 characters")
	}
	if upper {
		s = lower(s, buf, used)
	}
	return s, start, nil
}

// lower returns s in lower case, written to buf while there is room. Strings in buf are never
// written again.
func lower(s string, buf *Buf, used *int) string {
	// Two long hosts in upper case fill the buffer; the heap has room for the next.
	if buf == nil || len(s) > len(buf)-*used {
		return strings.ToLower(s)
	}
	b := buf[*used : *used+len(s)]
	*used += len(s)
	for i := range len(s) {
		b[i] = letters[s[i]]
	}
	return unsafe.String(&b[0], len(b)) // an allocation less; b belongs to this string from here on
}

// Host brings one host name or address of a policy or a feed to canonical form. The result is a
// name or an address, never both; a host that is already canonical is returned as it is, without
// allocation. An IPv4 address in a legacy form is a name here, see [LegacyIPv4].
func Host(s string) (string, netip.Addr, error) {
	if !isASCII(s) {
		var err error
		if s, err = toASCII(s); err != nil {
			return "", netip.Addr{}, err
		}
	}
	host, addr, _, err := hostOrAddr(s, nil, nil)
	return host, addr, err
}

// HostPort reads "host:port" or "host", as a dial names it. port is -1 when there is none.
func HostPort(s string) (host string, addr netip.Addr, port int, err error) {
	h, p, err := net.SplitHostPort(s)
	port = -1
	if err != nil {
		h = unbracket(s)
	} else {
		n, ok := parsePort(p)
		if !ok || p == "" || strings.Trim(p, "0123456789") != "" {
			return "", addr, 0, Malformed("the port is not a number up to 65535")
		}
		port = int(n)
	}
	if !isASCII(h) {
		if h, err = toASCII(h); err != nil {
			return "", addr, port, err
		}
	}
	host, addr, legacy, err := hostOrAddr(h, nil, nil)
	// "127.1" counts as the address that libc connects to.
	if legacy.IsValid() {
		addr = legacy
	}
	return host, addr, port, err
}
