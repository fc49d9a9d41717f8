package canon

import (
	"net/netip"
	"strings"
)

// Others are addresses that a destination may reach besides the one it names. The zero Others has
// none.
type Others struct {
	list     [8]netip.Addr
	n        int
	embedded int // the first ones: IPv4 addresses that the destination's IPv6 address stands for
}

// All returns every address. A blacklist rule applies to the destination if it matches any of them.
// The slice is valid as long as o is.
func (o *Others) All() []netip.Addr { return o.list[:o.n] }

// Embedded returns the IPv4 addresses that the destination's IPv6 address stands for.
// A whitelist has to vouch for each of them, besides the destination itself.
func (o *Others) Embedded() []netip.Addr { return o.list[:o.embedded] }

// Others finds what d may reach besides the address it names: what its IPv6 address stands for,
// this machine for an unspecified address, and what "localhost" and the names below it may resolve
// to. It does not allocate.
// See decision 16.
func (d *Dest) Others() (o Others) {
	if d.Addr.IsValid() {
		o.unfold(d.Addr)
	} else if d.Host == "localhost" || strings.HasSuffix(d.Host, ".localhost") {
		// RFC 6761 has resolvers answer these names with the loopback addresses, whatever DNS has.
		o.add(loopback4)
		o.add(loopback6)
	}
	return o
}

// IsThisMachine reports whether a, or an address that it stands for, is a loopback or unspecified
// address.
func IsThisMachine(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if a.IsLoopback() || a.IsUnspecified() {
		return true
	}
	var o Others
	o.unfold(a)
	for _, other := range o.All() {
		if other.IsLoopback() || other.IsUnspecified() {
			return true
		}
	}
	return false
}

// IsLocal reports whether a, or an address that it stands for, is of this machine or link: a
// loopback, unspecified or link-local address.
func IsLocal(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if IsThisMachine(a) || a.IsLinkLocalUnicast() {
		return true
	}
	var o Others
	o.unfold(a)
	for _, other := range o.Embedded() {
		if other.IsLinkLocalUnicast() {
			return true
		}
	}
	return false
}

var (
	loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	loopback6 = netip.IPv6Loopback()
)

// add adds an address. No address stands for more than six.
func (o *Others) add(a netip.Addr) {
	o.list[o.n] = a
	o.n++
}

// unfold adds what a, which is unmapped and without a zone, stands for.
func (o *Others) unfold(a netip.Addr) {
	switch {
	// Linux connects 0.0.0.0 and :: to this machine.
	case a.IsUnspecified():
		o.add(loopback4)
		o.add(loopback6)
		return
	case !a.Is6():
		return
	}
	b := a.As16()
	if b[0] == 0 || b[0] == 0x20 { // the prefixes of all forms but ISATAP
		o.byPrefix(a, &b)
	}
	// ISATAP, RFC 5214, 6.1: an interface identifier under any prefix. The "u" and "g" bits may be
	// set or not.
	if b[8]&^3 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe {
		o.add(ipv4(&b, 12, 13, 14, 15))
	}
	o.embedded = o.n
	for _, v4 := range o.Embedded() {
		// An embedded 0.0.0.0 leads to this machine as the bare one does.
		if v4.IsUnspecified() {
			o.add(loopback4)
			return
		}
	}
}

// byPrefix adds the IPv4 addresses of the forms that have a prefix of their own.
func (o *Others) byPrefix(a netip.Addr, b *[16]byte) {
	switch {
	// ::1 lies in ::/96, but stands for no IPv4 address.
	case a == loopback6:
	case compatible.Contains(a), translated.Contains(a), nat64.Contains(a):
		o.add(ipv4(b, 12, 13, 14, 15))
	case nat64Local.Contains(a):
		// Which of RFC 6052's prefix lengths a network uses below the /48 cannot be known. Octet 8
		// is never part of the address. The shorter ones read the zeros of a /96 as 0.0.0.0, which
		// no translator sends to.
		of48, of56, of64 := ipv4(b, 6, 7, 9, 10), ipv4(b, 7, 9, 10, 11), ipv4(b, 9, 10, 11, 12)
		for _, v4 := range [...]netip.Addr{of48, of56, of64} {
			if !v4.IsUnspecified() {
				o.add(v4)
			}
		}
		o.add(ipv4(b, 12, 13, 14, 15)) // /96
	case sixToFour.Contains(a):
		o.add(ipv4(b, 2, 3, 4, 5))
	case teredo.Contains(a):
		o.add(ipv4(b, 4, 5, 6, 7)) // the server
		// The client's address, with each bit inverted so that NATs do not rewrite it.
		o.add(netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]}))
	}
}

// ipv4 returns the address in four octets of b, which need not be adjacent.
func ipv4(b *[16]byte, i, j, k, l int) netip.Addr {
	return netip.AddrFrom4([4]byte{b[i], b[j], b[k], b[l]})
}

var (
	compatible = netip.MustParsePrefix("::/96")           // IPv4-compatible, RFC 4291, 2.5.5.1
	translated = netip.MustParsePrefix("::ffff:0:0:0/96") // IPv4-translated, RFC 2765, 2.1
	nat64      = netip.MustParsePrefix("64:ff9b::/96")    // NAT64, RFC 6052, 2.1
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48")  // NAT64 of the own network, RFC 8215
	sixToFour  = netip.MustParsePrefix("2002::/16")       // 6to4, RFC 3056, 2
	teredo     = netip.MustParsePrefix("2001::/32")       // Teredo, RFC 4380, 4
)
