package pattern

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// A Net is a parsed net: subject: "host[:port]" or "CIDR[:port]". Without a port it holds for
// every port. A blacklist may forbid a port everywhere: "*:25". Either Host or Prefix is set.
type Net struct {
	text   string
	Host   string       // a name or a pattern; "" for addresses
	Prefix netip.Prefix // valid for an address or a CIDR
	Port   int          // anyPort is any
}

// ParseNet parses a net: subject.
func ParseNet(text string, m Mode) (Net, error) {
	p := Net{Port: AnyPort}
	if m != Narrow && m != Wide {
		return p, errMode
	}
	// What http: takes, and net: does not.
	switch {
	case strings.Contains(text, "://"):
		return p, report.OfKey("net", text, " has a scheme", "write host:port without it, or http: for what is HTTP")
	case badCharacter(text) >= 0:
		return p, report.OfKey("net", text, " holds a blank or a control character", "write host:port or CIDR:port")
	}
	// A slash makes it a CIDR, because net: has no paths.
	authority, port := text, ""
	// The port is behind the length of the prefix: 10.0.0.0/8:5432.
	if slash := strings.IndexByte(text, '/'); slash >= 0 {
		bits, after, hasPort := strings.Cut(text[slash+1:], ":")
		// "[2001:db8::]/32" and "2001:db8::/32" are the same.
		address := strings.Trim(text[:slash], "[]")
		prefix, err := netip.ParsePrefix(address + "/" + bits)
		if err != nil {
			return p, report.OfKey("net", text, " is not a CIDR", "write host:port, 10.0.0.0/8:5432 or [2001:db8::]/32:5432; net: has no path")
		}
		p.Prefix = UnmapPrefix(prefix.Masked())
		if hasPort {
			port = after
		}
	} else {
		// Without one, it is a host or an address.
		host, hostPort, err := splitPattern(text, authority)
		if err != nil {
			return p, err
		}
		port = hostPort
		var addr netip.Addr
		if p.Host, addr, err = patternHost("net", text, host, m); err != nil {
			return p, err
		}
		// As for http:, a whitelist must say whose domain it is.
		if m == Narrow && tooWide(p.Host) {
			return p, wideProblem("net", host)
		}
		// An address is a network of one.
		if addr.IsValid() {
			p.Prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
	}
	// "*" is any port, as in http:.
	if port != "" && port != "*" {
		var err error
		if p.Port, err = patternPort(text, port); err != nil {
			return p, err
		}
	}
	p.text = netText(p)
	return p, nil
}

// netText returns the normal form, with brackets around IPv6 where a port may follow.
func netText(p Net) string {
	s := p.Host
	if p.Prefix.IsValid() {
		s = p.Prefix.String()
		if p.Prefix.Addr().Is6() {
			s = fmt.Sprintf("[%s]/%d", p.Prefix.Addr(), p.Prefix.Bits())
		}
	}
	if p.Port != AnyPort {
		s += fmt.Sprintf(":%d", p.Port)
	}
	return s
}

// UnmapPrefix makes an IPv4 prefix of an IPv4-mapped one. ::ffff:10.0.0.0/104 is 10.0.0.0/8. A
// shorter prefix holds more than IPv4.
func UnmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}
