package policy

import (
	"fmt"
	"net/netip"
	"strings"
)

// A netPattern is a parsed net: subject: "host[:port]" or "CIDR[:port]". Without a port it holds for every port. A blacklist may forbid a
// port everywhere: "*:25".
type netPattern struct {
	text   string
	host   string       // a name or a pattern; "" for addresses
	prefix netip.Prefix // valid for an address or a CIDR
	port   int          // anyPort is any
}

func parseNetPattern(text string, m mode) (netPattern, error) {
	p := netPattern{port: anyPort}
	if m != narrow && m != wide {
		return p, errMode
	}
	switch {
	case strings.Contains(text, "://"):
		_, rest, _ := strings.Cut(text, "://")
		return p, &problem{fmt.Sprintf("net: %q has a scheme", short(text)), fmt.Sprintf("write net: %s, or http: for what is HTTP", short(rest))}
	case badCharacter(text) >= 0:
		return p, &problem{fmt.Sprintf("net: %q holds a blank or a control character", short(text)), "write host:port or CIDR:port"}
	}
	authority, port := text, ""
	if slash := strings.IndexByte(text, '/'); slash >= 0 {
		bits, after, hasPort := strings.Cut(text[slash+1:], ":")
		address := strings.Trim(text[:slash], "[]")
		prefix, err := netip.ParsePrefix(address + "/" + bits)
		if err != nil {
			return p, &problem{fmt.Sprintf("net: %q is not a CIDR", short(text)), "write host:port, 10.0.0.0/8:5432 or [2001:db8::]/32:5432; net: has no path"}
		}
		p.prefix = unmapPrefix(prefix.Masked())
		if hasPort {
			port = after
		}
	} else {
		host, hostPort, err := splitPattern(text, authority)
		if err != nil {
			return p, err
		}
		port = hostPort
		var addr netip.Addr
		if p.host, addr, err = patternHost("net", text, host); err != nil {
			return p, err
		}
		if m == narrow && tooWide(p.host) {
			return p, wideProblem("net", host)
		}
		if addr.IsValid() {
			p.prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
	}
	if port != "" && port != "*" {
		var err error
		if p.port, err = patternPort(text, port); err != nil {
			return p, err
		}
	}
	p.text = netText(p)
	return p, nil
}

func netText(p netPattern) string {
	s := p.host
	if p.prefix.IsValid() {
		s = p.prefix.String()
		if p.prefix.Addr().Is6() {
			s = fmt.Sprintf("[%s]/%d", p.prefix.Addr(), p.prefix.Bits())
		}
	}
	if p.port != anyPort {
		s += fmt.Sprintf(":%d", p.port)
	}
	return s
}

// unmapPrefix makes an IPv4 prefix of an IPv4-mapped one.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}
