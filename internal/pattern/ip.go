package pattern

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// ipNames are the names that ip: takes besides addresses and CIDRs.
var ipNames = []string{"loopback", "private", "link-local", "public"}

// ipPattern is a parsed ip: subject: an address, a CIDR, or a name that stands for several ranges.
type IP struct {
	text   string
	Ranges []netip.Prefix
	Doubt  string // what looks like a mistake, for a warning; "" for nothing
}

// parseIPPattern parses an ip: subject. It leaves nothing out, so that its mode plays no part.
func ParseIP(text string) (IP, error) {
	if ranges := namedIP(strings.ToLower(text)); ranges != nil {
		return IP{text: strings.ToLower(text), Ranges: ranges}, nil
	}
	s := text
	if inside, ok := strings.CutPrefix(s, "["); ok {
		s, ok = strings.CutSuffix(inside, "]")
		if !ok {
			return IP{}, badIP(text)
		}
	}
	if strings.Contains(s, "%") {
		return IP{}, &report.Problem{What: fmt.Sprintf("ip: %q has a zone", report.Short(text)), Fix: "leave out the % and what follows"}
	}
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
	if p.Masked() != p {
		doubt = fmt.Sprintf("%s has bits set beyond /%d and means %s", text, p.Bits(), p.Masked())
	}
	p = UnmapPrefix(p.Masked())
	return IP{p.String(), []netip.Prefix{p}, doubt}, nil
}

// badIP says what an ip: subject that does not parse looks like.
func badIP(text string) *report.Problem {
	p := &report.Problem{What: fmt.Sprintf("ip: %q is not an address", report.Short(text)), Fix: ""}
	_, errPort := netip.ParseAddrPort(text)
	_, _, slash := strings.Cut(text, "/")
	switch near := report.Nearest(text, ipNames); {
	case text == "any":
		p.Fix = `write http: any or net: any, or both ranges: ["0.0.0.0/0", "::/0"]`
	case errPort == nil:
		p.Fix = "leave out the port, or write net: " + text
	case strings.Contains(text, "://"):
		p.Fix = "write http: " + report.Short(text)
	case near != "":
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	case strings.Trim(text, "0123456789abcdefABCDEF.:xX/*") == "" || slash:
		p.Fix = "write an address (192.0.2.1, 2001:db8::1), a CIDR (10.0.0.0/8), or " + report.OneOf(ipNames)
	default:
		p.Fix = "hosts are matched by http: or net:"
	}
	return p
}

// namedIP returns the ranges of a name. public is every unicast address that is none of the others.
func namedIP(name string) []netip.Prefix {
	switch name {
	case "loopback":
		return Prefixes("127.0.0.0/8", "::1/128")
	case "private": // RFC 1918, RFC 6598 (shared address space), RFC 4193
		return Prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
	case "link-local":
		return Prefixes("169.254.0.0/16", "fe80::/10")
	case "public":
		others := Prefixes("0.0.0.0/8", "224.0.0.0/3", "::/128", "ff00::/8")
		for _, n := range ipNames[:3] {
			others = append(others, namedIP(n)...)
		}
		return subtract(Prefixes("0.0.0.0/0", "::/0"), others)
	}
	return nil
}

func Prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// subtract returns what of from is in none of without, by halving what overlaps only in part.
func subtract(from, without []netip.Prefix) (left []netip.Prefix) {
	for _, p := range from {
		overlaps, covered := false, false
		for _, w := range without {
			overlaps = overlaps || w.Overlaps(p)
			covered = covered || w.Overlaps(p) && w.Bits() <= p.Bits()
		}
		switch {
		case covered:
		case overlaps:
			left = append(left, subtract(halves(p), without)...)
		default:
			left = append(left, p)
		}
	}
	return left
}

func halves(p netip.Prefix) []netip.Prefix {
	low := netip.PrefixFrom(p.Addr(), p.Bits()+1)
	bytes := p.Addr().AsSlice()
	bytes[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	high, _ := netip.AddrFromSlice(bytes)
	return []netip.Prefix{low, netip.PrefixFrom(high, p.Bits()+1)}
}
