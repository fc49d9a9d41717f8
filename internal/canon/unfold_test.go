package canon

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
)

// text lists addresses.
func addrText(addrs []netip.Addr) string {
	var all []string
	for _, a := range addrs {
		all = append(all, a.String())
	}
	return strings.Join(all, " ")
}

func TestOthers(t *testing.T) {
	for text, want := range map[string]struct{ embedded, more string }{
		"127.0.0.1":     {},
		"::1":           {},
		"2001:db8::1":   {},
		"fe80::1":       {},
		"foo.localhost": {"", "127.0.0.1 ::1"},
		"xlocalhost":    {},
		"0.0.0.0":       {"", "127.0.0.1 ::1"},
		"::":            {"", "127.0.0.1 ::1"},
		"localhost":     {"", "127.0.0.1 ::1"},
		// IPv4-compatible and IPv4-translated; IPv4-mapped is unmapped before.
		"::169.254.169.254":        {"169.254.169.254", ""},
		"::2":                      {"0.0.0.2", ""},
		"::ffff:0:169.254.169.254": {"169.254.169.254", ""},
		"::ffff:10.0.0.1":          {},
		// NAT64. A network below the local prefix has any of four lengths.
		"64:ff9b::a9fe:a9fe":           {"169.254.169.254", ""},
		"64:ff9b::":                    {"0.0.0.0", "127.0.0.1"},
		"64:ff9b::1:a9fe:a9fe":         {},
		"64:ff9b:1::a9fe:a9fe":         {"0.0.0.169 169.254.169.254", ""},
		"64:ff9b:1:a9fe:a9:fe00::":     {"169.254.169.254 254.169.254.0 169.254.0.0 0.0.0.0", "127.0.0.1"},
		"64:ff9b:1:a9:fe:a9fe:0:1":     {"0.169.254.169 169.254.169.254 254.169.254.0 0.0.0.1", ""},
		"64:ff9b:1:1:a9:fea9:fe00:102": {"0.1.169.254 1.169.254.169 169.254.169.254 254.0.1.2", ""},
		"64:ff9b:1::":                  {"0.0.0.0", "127.0.0.1"},
		"64:ff9b:2::a9fe:a9fe":         {},
		// 6to4.
		"2002:7f00:1::": {"127.0.0.1", ""},
		"2002::1":       {"0.0.0.0", "127.0.0.1"},
		"2003:7f00:1::": {},
		// Teredo: the server, and the client with all bits turned.
		"2001:0:a9fe:a9fe:8000:63bf:80ff:fffe": {"169.254.169.254 127.0.0.1", ""},
		"2001:0:102:304::5601:5601":            {"1.2.3.4 169.254.169.254", ""},
		"2001:0:102:304::ffff:ffff":            {"1.2.3.4 0.0.0.0", "127.0.0.1"},
		"2001:1:a9fe:a9fe::":                   {},
		// ISATAP, under any prefix, also one that stands for another address.
		"2001:db8::5efe:a9fe:a9fe":        {"169.254.169.254", ""},
		"2001:db8::200:5efe:127.0.0.1":    {"127.0.0.1", ""},
		"fe80::300:5efe:10.0.0.1":         {"10.0.0.1", ""},
		"fe80::100:5efe:10.0.0.1":         {"10.0.0.1", ""},
		"fe80::400:5efe:10.0.0.1":         {},
		"fe80::1:5efe:10.0.0.1":           {},
		"2002:a00:1::5efe:127.0.0.1":      {"10.0.0.1 127.0.0.1", ""},
		"64:ff9b:1:a9fe:0:5efe:127.0.0.1": {"169.254.0.94 254.0.94.254 0.94.254.127 127.0.0.1 127.0.0.1", ""},
		"2001:0:102:304:0:5efe:5601:5601": {"1.2.3.4 169.254.169.254 86.1.86.1", ""},
	} {
		name, addr, err := Host(text)
		require.NoError(t, err, text)
		o := (&Dest{Host: name, Addr: addr}).Others()
		assert.Equal(t, want.embedded, addrText(o.Embedded()), text)
		assert.Equal(t, want.more, addrText(o.All()[len(o.Embedded()):]), text)
	}
}

func TestIsLocal(t *testing.T) {
	for text, want := range map[string]struct{ machine, local bool }{
		"127.0.0.1":                            {true, true},
		"127.9.9.9":                            {true, true},
		"0.0.0.0":                              {true, true},
		"::":                                   {true, true},
		"::1":                                  {true, true},
		"::1%lo":                               {true, true},
		"::ffff:127.0.0.1":                     {true, true},
		"::ffff:169.254.169.254":               {false, true},
		"::ffff:127.0.0.1%x":                   {true, true},
		"::127.0.0.1":                          {true, true},
		"64:ff9b::127.0.0.1":                   {true, true},
		"64:ff9b::":                            {true, true},
		"2002:a9fe:a9fe::":                     {false, true},
		"2001:0:a9fe:a9fe:8000:63bf:80ff:fffe": {true, true},
		"2001:db8::5efe:169.254.0.1":           {false, true},
		"169.254.169.254":                      {false, true},
		"fe80::1%eth0":                         {false, true},
		"10.0.0.1":                             {},
		"64:ff9b::10.0.0.1":                    {},
		"8.8.8.8":                              {},
		"2001:db8::1":                          {},
		"224.0.0.1":                            {},
	} {
		a := netip.MustParseAddr(text)
		assert.Equal(t, want.machine, IsThisMachine(a), text)
		assert.Equal(t, want.local, IsLocal(a), text)
	}
	assert.False(t, IsLocal(netip.Addr{}))
}

func TestOthersAllocatesNothing(t *testing.T) {
	d := Dest{Addr: netip.MustParseAddr("64:ff9b:1:a9fe:0:5efe:7f00:1")}
	n := 0
	alloctest.AtMost(t, 0, func() {
		o := d.Others()
		for _, a := range o.All() {
			if IsLocal(a) {
				n++
			}
		}
	})
	assert.Positive(t, n)
}
