package httprules

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// A rule that is about no call of a form has no part in anything that is found about such a call,
// although the index has its hosts.
func TestRulesAboutOtherCalls(t *testing.T) {
	req := canon.Request{}
	r, err := http.NewRequest(http.MethodGet, "https://a.test/x", nil)
	require.NoError(t, err)
	require.True(t, req.Usual(r))
	whole, err := ReadNet("a.test:443", "", false)
	require.NoError(t, err)
	part, err := ReadNet("a.test:443", "", true)
	require.NoError(t, err)
	to, err := ReadNet("a.test:443", "192.0.2.1:443", true)
	require.NoError(t, err)
	for _, mode := range []pattern.Mode{pattern.Narrow, pattern.Wide} {
		h, err := Compile([]rule.Rule{{Mode: mode, Kind: rule.HTTP, Any: true, Hosts: []string{"a.test"}, Addrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}}})
		require.NoError(t, err)
		var found Finding
		h.Judge(&found, &req, nil)
		assert.Equal(t, mode == pattern.Narrow, found.Allowed)
		assert.Equal(t, mode == pattern.Wide, found.Black == 0 && len(h.Forbid(&req, nil)) == 1)

		h.rules[0].calls = 0
		h.Judge(&found, &req, nil)
		assert.False(t, found.Allowed)
		assert.Equal(t, int32(-1), found.Black)
		assert.Empty(t, h.Forbid(&req, nil))
		nearest, _, _ := h.Miss(&req, nil)
		assert.Equal(t, int32(-1), nearest)
		for _, n := range []*NetCall{&whole, &part, &to} {
			caught, unseen := h.JudgeNetBlack(n)
			full, some := h.VouchesNet(n, &n.Names[0])
			assert.Equal(t, []int32{-1, -1, -1, -1}, []int32{caught, unseen, full, some})
			assert.Empty(t, h.ForbidNet(n))
			assert.False(t, h.NamesHost(n, &n.Names[0]))
			assert.False(t, h.NamesAddr(n))
		}
	}
}
