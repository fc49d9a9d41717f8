package pattern

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/report"
)

// IP is a parsed ip: subject: an address, a CIDR, or a name that stands for several ranges. text is
// the normal form. Ranges has at least one, and each is masked.
type IP struct {
	text   string
	Ranges []netip.Prefix
	Doubt  string // what looks like a mistake, for a warning; "" for nothing
}

// ParseIP parses an ip: subject. It leaves nothing out, so that its mode plays no part.
func ParseIP(text string) (IP, error) {
	// A name: private, loopback, link-local, public.
	if ranges := canon.Range(strings.ToLower(text)); ranges != nil {
		return IP{text: strings.ToLower(text), Ranges: ranges}, nil
	}
	s := text
	// Brackets are usual around IPv6.
	if inside, ok := strings.CutPrefix(s, "["); ok {
		s, ok = strings.CutSuffix(inside, "]")
		if !ok {
			return IP{}, badIP(text)
		}
	}
	// fe80::1%eth0 is about one interface, and a rule holds for all.
	if strings.Contains(s, "%") {
		return IP{}, report.OfKey("ip", text, " has a zone", "leave out the % and what follows")
	}
	// A single address: the same as one in IPv4-mapped form.
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return IP{}, badIP(text)
		}
		a = a.Unmap()
		return IP{text: a.String(), Ranges: []netip.Prefix{netip.PrefixFrom(a, a.BitLen())}}, nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return IP{}, badIP(text)
	}
	doubt := ""
	// "10.1.2.3/8" may be a slip for /32, or be meant.
	if p.Masked() != p {
		doubt = fmt.Sprintf("%s has bits set beyond /%d and means %s", text, p.Bits(), p.Masked())
	}
	// The bits behind the prefix are cleared, so that equal networks are equal patterns.
	p = UnmapPrefix(p.Masked())
	return IP{p.String(), []netip.Prefix{p}, doubt}, nil
}

// badIP says what an ip: subject that does not parse looks like.
func badIP(text string) *report.Problem {
	p := report.OfKey("ip", text, " is not an address", "")
	// "10.0.0.1:443" is for net:.
	_, errPort := netip.ParseAddrPort(text)
	_, _, slash := strings.Cut(text, "/")
	// In the order of how clear the fix is.
	switch near := report.Nearest(text, canon.RangeNames); {
	case text == "any":
		p.Fix = `write http: any or net: any, or both ranges: ["0.0.0.0/0", "::/0"]`
	case errPort == nil:
		p.Fix = "leave out the port, or write net: " + text
	case strings.Contains(text, "://"):
		p.Fix = "write http: " + report.Short(text)
	case near != "":
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	// It looks like an address, or like a CIDR.
	case strings.Trim(text, "0123456789abcdefABCDEF.:xX/*") == "" || slash:
		p.Fix = "write an address (192.0.2.1, 2001:db8::1), a CIDR (10.0.0.0/8), or " + report.OneOf(canon.RangeNames)
	default:
		p.Fix = "hosts are matched by http: or net:"
	}
	return p
}
