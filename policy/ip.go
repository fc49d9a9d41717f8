package policy

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/outguard/outguard/internal/canon"
)

// parseIP parses an ip: subject. The second result is a doubt, "" for none.
func parseIP(text string) ([]netip.Prefix, string, *problem) {
	if ranges := canon.Range(strings.ToLower(text)); ranges != nil {
		return ranges, "", nil
	}
	s := text
	if inside, ok := strings.CutPrefix(s, "["); ok {
		s, ok = strings.CutSuffix(inside, "]")
		if !ok {
			return nil, "", badIP(text)
		}
	}
	if strings.Contains(s, "%") {
		return nil, "", &problem{fmt.Sprintf("ip: %q has a zone", short(text)), "leave out the % and what follows"}
	}
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, "", badIP(text)
		}
		doubt := ""
		if p.Masked() != p {
			doubt = fmt.Sprintf("%s has bits set beyond /%d and means %s", text, p.Bits(), p.Masked())
		}
		p = p.Masked()
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		return []netip.Prefix{p}, doubt, nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return nil, "", badIP(text)
	}
	a = a.Unmap()
	return []netip.Prefix{netip.PrefixFrom(a, a.BitLen())}, "", nil
}

// badIP says what an ip: subject that does not parse looks like.
func badIP(text string) *problem {
	p := &problem{fmt.Sprintf("ip: %q is not an address", short(text)), ""}
	_, errPort := netip.ParseAddrPort(text)
	_, _, slash := strings.Cut(text, "/")
	switch near := nearest(text, canon.RangeNames); {
	case text == "any":
		p.fix = `write http: any or net: any, or both ranges: ["0.0.0.0/0", "::/0"]`
	case errPort == nil:
		p.fix = "leave out the port, or write net: " + text
	case strings.Contains(text, "://"):
		p.fix = "write http: " + short(text)
	case near != "":
		p.fix = fmt.Sprintf("did you mean %q?", near)
	case strings.Trim(text, "0123456789abcdefABCDEF.:xX/*") == "" || slash:
		p.fix = "write an address (192.0.2.1, 2001:db8::1), a CIDR (10.0.0.0/8), or " + oneOf(canon.RangeNames)
	default:
		p.fix = "hosts are matched by http: or net:"
	}
	return p
}
