package canon

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// in names the ranges that an address is in.
func in(a netip.Addr) (names []string) {
	for _, name := range RangeNames {
		n := 0
		for _, p := range Range(name) {
			if p.Contains(a) {
				n++
			}
		}
		if n > 0 {
			names = append(names, name)
		}
	}
	return names
}

func TestRange(t *testing.T) {
	for want, addrs := range map[string][]string{
		"loopback":   {"127.0.0.1", "127.255.255.255", "::1"},
		"private":    {"10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "fc00::1", "fdff::1"},
		"link-local": {"169.254.0.1", "169.254.169.254", "fe80::1", "febf::1"},
		"public": {
			"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
			"172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.0.9", "192.0.0.10", "192.0.1.0", "192.0.3.0", "192.31.196.1", "192.52.193.1", "192.88.98.255",
			"192.167.255.255", "192.169.0.0", "192.175.48.1", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.112.255", "203.0.114.0", "223.255.255.255",
			"2000::", "2001:1::1", "2001:1::2", "2001:1::3", "2001:3::1", "2001:4:112::1", "2001:20::1", "2001:3f:ffff::1", "2001:200::1", "2001:4860::1", "2001:db7::1", "2001:db9::1",
			"2003::1", "2606:4700::1111", "2620:4f:8000::1", "2a00::1", "3fff:1000::1", "3ffe::1", "64:ff9b::8.8.8.8",
		},
		"": {
			"0.0.0.0", "0.255.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.11", "192.0.0.170", "192.0.0.255", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255",
			"198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
			"::", "::2", "::ffff:0:8.8.8.8", "64:ff9b::1:0:0", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "200::1", "1fff::1", "2001::1", "2001:0:102:304::1", "2001:1::4", "2001:2::1",
			"2001:4:113::1", "2001:10::1", "2001:1ff::1", "2001:db8::1", "2002:808:808::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "e000::1", "fec0::1", "ff02::1",
		},
	} {
		for _, a := range addrs {
			got := in(netip.MustParseAddr(a))
			if want == "" {
				assert.Empty(t, got, a)
			} else {
				assert.Equal(t, []string{want}, got, a)
			}
		}
	}
	assert.Nil(t, Range(""))
	assert.Nil(t, Range("Public"))
	assert.Nil(t, Range("loopback "))
}

func TestRangesDoNotOverlap(t *testing.T) {
	var all []netip.Prefix
	for _, name := range RangeNames {
		ranges := Range(name)
		require.NotEmpty(t, ranges, name)
		for _, p := range ranges {
			assert.Equal(t, p.Masked(), p)
			assert.False(t, slices.ContainsFunc(all, p.Overlaps), "%s %s", name, p)
			all = append(all, p)
		}
	}
	ranges := Range("public")
	ranges[0] = netip.Prefix{}
	assert.NotEqual(t, ranges, Range("public"), "the caller gets a copy")
}

// The ranges agree with the table, at the first and last address of each entry and beside it.
func TestPublicAgreesWithTheRegistry(t *testing.T) {
	var entries []netip.Prefix
	for i, e := range specialPurpose {
		p := netip.MustParsePrefix(e.prefix)
		assert.Equal(t, p.Masked(), p)
		for j := range i {
			assert.False(t, entries[j].Overlaps(p) && p.Bits() <= entries[j].Bits(), "%s is inside of %s and has to stand after it", entries[j], p)
		}
		assert.False(t, e.reachable && e.name != "", e.prefix)
		entries = append(entries, p)
	}
	reachable := func(a netip.Addr) bool {
		is := slices.ContainsFunc(unicast, func(p netip.Prefix) bool { return p.Contains(a) })
		bits := -1
		for i, p := range entries {
			if p.Contains(a) && p.Bits() > bits {
				bits = p.Bits()
				is = specialPurpose[i].reachable
			}
		}
		return is
	}
	for _, p := range entries {
		last := p.Addr().AsSlice()
		for i := p.Bits(); i < len(last)*8; i++ {
			last[i/8] |= 0x80 >> (i % 8)
		}
		end, _ := netip.AddrFromSlice(last)
		for _, a := range []netip.Addr{p.Addr(), end, p.Addr().Prev(), end.Next()} {
			if a.IsValid() {
				assert.Equal(t, reachable(a), slices.Contains(in(a), "public"), "%s, at the edge of %s", a, p)
			}
		}
	}
}
