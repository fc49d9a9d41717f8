package policy

import (
	"fmt"
	"net/netip"
	"strings"
)

// ipNames are the names that ip: takes besides addresses and CIDRs.
var ipNames = []string{"loopback", "private", "link-local", "public"}

// ipPattern is a parsed ip: subject: an address, a CIDR, or a name that stands for several ranges.
type ipPattern struct {
	text   string
	ranges []netip.Prefix
	doubt  string // what looks like a mistake, for a warning; "" for nothing
}

// parseIPPattern parses an ip: subject. It leaves nothing out, so that its mode plays no part.
func parseIPPattern(text string) (ipPattern, error) {
	if ranges := namedIP(strings.ToLower(text)); ranges != nil {
		return ipPattern{text: strings.ToLower(text), ranges: ranges}, nil
	}
	s := text
	if inside, ok := strings.CutPrefix(s, "["); ok {
		s, ok = strings.CutSuffix(inside, "]")
		if !ok {
			return ipPattern{}, badIP(text)
		}
	}
	if strings.Contains(s, "%") {
		return ipPattern{}, &problem{fmt.Sprintf("ip: %q has a zone", short(text)), "leave out the % and what follows"}
	}
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return ipPattern{}, badIP(text)
		}
		a = a.Unmap()
		return ipPattern{text: a.String(), ranges: []netip.Prefix{netip.PrefixFrom(a, a.BitLen())}}, nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return ipPattern{}, badIP(text)
	}
	doubt := ""
	if p.Masked() != p {
		doubt = fmt.Sprintf("%s has bits set beyond /%d and means %s", text, p.Bits(), p.Masked())
	}
	p = unmapPrefix(p.Masked())
	return ipPattern{p.String(), []netip.Prefix{p}, doubt}, nil
}

// badIP says what an ip: subject that does not parse looks like.
func badIP(text string) *problem {
	p := &problem{fmt.Sprintf("ip: %q is not an address", short(text)), ""}
	_, errPort := netip.ParseAddrPort(text)
	_, _, slash := strings.Cut(text, "/")
	switch near := nearest(text, ipNames); {
	case text == "any":
		p.fix = `write http: any or net: any, or both ranges: ["0.0.0.0/0", "::/0"]`
	case errPort == nil:
		p.fix = "leave out the port, or write net: " + text
	case strings.Contains(text, "://"):
		p.fix = "write http: " + short(text)
	case near != "":
		p.fix = fmt.Sprintf("did you mean %q?", near)
	case strings.Trim(text, "0123456789abcdefABCDEF.:xX/*") == "" || slash:
		p.fix = "write an address (192.0.2.1, 2001:db8::1), a CIDR (10.0.0.0/8), or " + oneOf(ipNames)
	default:
		p.fix = "hosts are matched by http: or net:"
	}
	return p
}

// namedIP returns the ranges of a name. public is every unicast address that is none of the others.
func namedIP(name string) []netip.Prefix {
	switch name {
	case "loopback":
		return prefixes("127.0.0.0/8", "::1/128")
	case "private": // RFC 1918, RFC 6598 (shared address space), RFC 4193
		return prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
	case "link-local":
		return prefixes("169.254.0.0/16", "fe80::/10")
	case "public":
		others := prefixes("0.0.0.0/8", "224.0.0.0/3", "::/128", "ff00::/8")
		for _, n := range ipNames[:3] {
			others = append(others, namedIP(n)...)
		}
		return subtract(prefixes("0.0.0.0/0", "::/0"), others)
	}
	return nil
}

func prefixes(list ...string) []netip.Prefix {
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
