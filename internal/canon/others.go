package canon

import "net/netip"

// Others are addresses that d may reach besides the one it names: what IPv6 addresses embed (NAT64, 6to4 and the like), this machine
// for an unspecified address, and what "localhost" always resolves to. A blacklist holds for them too.
func (d *Dest) Others() (others [2]netip.Addr, n int) {
	if !d.Addr.IsValid() {
		if d.Host == "localhost" {
			return [2]netip.Addr{loopback4, loopback6}, 2
		}
		return others, 0
	}
	if d.Addr.IsUnspecified() {
		return [2]netip.Addr{loopback4, loopback6}, 2
	}
	if d.Addr.Is6() {
		if v4, ok := embedded(d.Addr); ok {
			others[0] = v4
			n = 1
			if v4.IsUnspecified() {
				others[1] = loopback4
				n = 2
			}
		}
	}
	return others, n
}

var (
	loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	loopback6 = netip.IPv6Loopback()
)

// embedded is the IPv4 address in an IPv6 one whose prefix says that it holds one: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC
// 3056), IPv4-compatible (RFC 4291) and IPv4-translated (RFC 2765) addresses.
func embedded(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	last := netip.AddrFrom4([4]byte(b[12:]))
	switch {
	case nat64.Contains(a), nat64Local.Contains(a), translated.Contains(a):
		return last, true
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case compatible.Contains(a) && a != loopback6:
		return last, true
	}
	return netip.Addr{}, false
}

var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48")
	sixToFour  = netip.MustParsePrefix("2002::/16")
	compatible = netip.MustParsePrefix("::/96")
	translated = netip.MustParsePrefix("::ffff:0:0:0/96")
)
