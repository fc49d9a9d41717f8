package canon

import (
	"net/netip"
	"slices"
	"sync"
)

// RangeNames are the names that [Range] knows.
var RangeNames = []string{"loopback", "private", "link-local", "public"}

// Range returns the address ranges of a name in RangeNames, and nil for any other text. The ranges
// of one name do not overlap.
//
// Public is what IANA lists as globally reachable: IPv4 unicast, IPv6 global unicast and NAT64's
// well-known prefix, without the entries of the special-purpose registries whose "Globally
// Reachable" is not "True". The other names stand for some of those.
func Range(name string) (ranges []netip.Prefix) {
	if name == "public" {
		public.once.Do(func() { public.ranges = reachable() })
		return slices.Clone(public.ranges)
	}
	for _, e := range specialPurpose {
		if e.name == name && name != "" {
			ranges = append(ranges, netip.MustParsePrefix(e.prefix))
		}
	}
	return ranges
}

// unicast are the ranges that hold all globally reachable addresses. IANA has given out no other
// unicast range of IPv6: https://www.iana.org/assignments/ipv6-address-space
var unicast = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/1"), netip.MustParsePrefix("128.0.0.0/2"), netip.MustParsePrefix("192.0.0.0/3"), // up to multicast
	netip.MustParsePrefix("2000::/3"), netip.MustParsePrefix("64:ff9b::/96"),
}

// specialPurpose are the entries of IANA's special-purpose address registries, of 2026:
// https://www.iana.org/assignments/iana-ipv4-special-registry and
// https://www.iana.org/assignments/iana-ipv6-special-registry
//
// An entry inside another one stands after it. Entries whose reachability the registry gives as
// "N/A" (6to4, Teredo and the like, some deprecated) do not count as reachable.
var specialPurpose = []struct {
	prefix    string
	reachable bool
	name      string // the name in RangeNames that covers it, if one does
}{
	{"0.0.0.0/8", false, ""},                // this network, RFC 791
	{"10.0.0.0/8", false, "private"},        // RFC 1918
	{"100.64.0.0/10", false, "private"},     // shared address space, RFC 6598
	{"127.0.0.0/8", false, "loopback"},      // RFC 1122
	{"169.254.0.0/16", false, "link-local"}, // RFC 3927
	{"172.16.0.0/12", false, "private"},     // RFC 1918
	{"192.0.0.0/24", false, ""},             // protocol assignments, RFC 6890; with 192.0.0.0/29, .8, .170 and .171
	{"192.0.0.9/32", true, ""},              // port control protocol anycast, RFC 7723
	{"192.0.0.10/32", true, ""},             // TURN anycast, RFC 8155
	{"192.0.2.0/24", false, ""},             // documentation, RFC 5737
	{"192.31.196.0/24", true, ""},           // AS112-v4, RFC 7535
	{"192.52.193.0/24", true, ""},           // AMT, RFC 7450
	{"192.88.99.0/24", false, ""},           // 6to4 relay anycast, N/A, RFC 7526; with 192.88.99.2, RFC 6751
	{"192.168.0.0/16", false, "private"},    // RFC 1918
	{"192.175.48.0/24", true, ""},           // AS112 direct delegation, RFC 7534
	{"198.18.0.0/15", false, ""},            // benchmarking, RFC 2544
	{"198.51.100.0/24", false, ""},          // documentation, RFC 5737
	{"203.0.113.0/24", false, ""},           // documentation, RFC 5737
	{"240.0.0.0/4", false, ""},              // reserved, RFC 1112; with 255.255.255.255

	{"::1/128", false, "loopback"},     // RFC 4291
	{"::/128", false, ""},              // unspecified, RFC 4291
	{"::ffff:0:0/96", false, ""},       // IPv4-mapped, RFC 4291; an address is unmapped before it is looked up
	{"64:ff9b::/96", true, ""},         // NAT64, RFC 6052
	{"64:ff9b:1::/48", false, ""},      // NAT64 of the own network, RFC 8215
	{"100::/64", false, ""},            // discard-only, RFC 6666
	{"100:0:0:1::/64", false, ""},      // dummy prefix, RFC 9780
	{"2001::/23", false, ""},           // protocol assignments, RFC 2928; with Teredo (2001::/32, N/A) and ORCHID (2001:10::/28)
	{"2001:1::1/128", true, ""},        // port control protocol anycast, RFC 7723
	{"2001:1::2/128", true, ""},        // TURN anycast, RFC 8155
	{"2001:1::3/128", true, ""},        // DNS-SD service registration anycast, RFC 9665
	{"2001:2::/48", false, ""},         // benchmarking, RFC 5180
	{"2001:3::/32", true, ""},          // AMT, RFC 7450
	{"2001:4:112::/48", true, ""},      // AS112-v6, RFC 7535
	{"2001:20::/28", true, ""},         // ORCHIDv2, RFC 7343
	{"2001:30::/28", true, ""},         // drone remote identification, RFC 9374
	{"2001:db8::/32", false, ""},       // documentation, RFC 3849
	{"2002::/16", false, ""},           // 6to4, N/A, RFC 3056
	{"2620:4f:8000::/48", true, ""},    // AS112 direct delegation, RFC 7534
	{"3fff::/20", false, ""},           // documentation, RFC 9637
	{"5f00::/16", false, ""},           // segment routing identifiers, RFC 9602
	{"fc00::/7", false, "private"},     // unique local, RFC 4193
	{"fe80::/10", false, "link-local"}, // RFC 4291
}

// public are the ranges of globally reachable addresses. They are computed at the first use: once
// guards ranges. sync.OnceValue would be 2 KB more.
var public struct {
	once   sync.Once
	ranges []netip.Prefix
}

// reachable returns the ranges of globally reachable addresses.
func reachable() (ranges []netip.Prefix) {
	entries := make([]netip.Prefix, len(specialPurpose))
	for i := range specialPurpose {
		entries[i] = netip.MustParsePrefix(specialPurpose[i].prefix)
	}
	for _, p := range unicast {
		ranges = appendReachable(ranges, p, entries)
	}
	return ranges
}

// appendReachable appends the parts of p that are reachable. A prefix that an entry of another kind
// lies inside of is halved.
func appendReachable(ranges []netip.Prefix, p netip.Prefix, entries []netip.Prefix) []netip.Prefix {
	reachable := true
	for i, entry := range entries {
		switch {
		case !entry.Overlaps(p):
		case entry.Bits() <= p.Bits():
			reachable = specialPurpose[i].reachable
		case specialPurpose[i].reachable != reachable:
			// The recursion ends, because a prefix of full length has no entry inside of it.
			low, high := halves(p)
			return appendReachable(appendReachable(ranges, low, entries), high, entries)
		}
	}
	if reachable {
		return append(ranges, p)
	}
	return ranges
}

// halves returns the two prefixes of p that are one bit longer. p must not be a single address.
func halves(p netip.Prefix) (low, high netip.Prefix) {
	b := p.Addr().AsSlice()
	// The first bit after the prefix is 0 in the lower half and 1 in the upper one.
	b[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	middle, _ := netip.AddrFromSlice(b)
	return netip.PrefixFrom(p.Addr(), p.Bits()+1), netip.PrefixFrom(middle, p.Bits()+1)
}
