package guard

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// A call that several of the lower layers see is one violation.
func TestLowerLayersCountACallOnce(t *testing.T) {
	log := new(buffer)
	p, err := policy.Parse("policy.yaml", []byte(blockAll), policy.Env{})
	require.NoError(t, err)
	g := New(p, &Options{Stdout: log, Getenv: environment()})
	inv, err := g.begin(t.Context())
	require.NoError(t, err)
	see := func(net string, via policy.Via) error { return g.Check(inv, policy.Call{Net: net, Via: via}) }
	assert.Error(t, see("evil.example:443", policy.ViaContext))
	assert.Error(t, see("evil.example", policy.ViaName), "refused, and not counted")
	assert.Error(t, see("evil.example", policy.ViaName))
	assert.Error(t, see("other.example", policy.ViaName))
	assert.Error(t, see("other.example", policy.ViaName))
	assert.NoError(t, see("192.0.2.1:25", policy.ViaConnect), "it cannot be refused")
	assert.NoError(t, see("192.0.2.1:25", policy.ViaConnect))
	g.end(inv)
	lines := strings.Count(log.String(), `"schema":"outguard.alert/v1"`)
	assert.Equal(t, 3, lines, log.String())
	assert.NotContains(t, log.String(), `"since"`, "nothing repeated")
	assert.Contains(t, log.String(), "the call went out, because only its address was seen when it connected")
}

// What no layer saw whole is counted once for each place that calls, if the layer knows the place.
func TestPlacesThatCallWithoutARicherLayer(t *testing.T) {
	half := &policy.Decision{List: policy.Unguarded}
	call := func(via policy.Via) *policy.Call { return &policy.Call{Net: "a.example:443", Via: via} }
	for _, c := range []struct {
		first, second policy.Via
		caller        string // of the second; that of the first is "one"
		want          bool
	}{
		{policy.ViaConnect, policy.ViaConnect, "one", false},
		{policy.ViaConnect, policy.ViaConnect, "two", true},
		{policy.ViaContext, policy.ViaContext, "two", true},
		{policy.ViaContext, policy.ViaConnect, "one", false},
		{policy.ViaContext, policy.ViaName, "", false},
		{policy.ViaName, policy.ViaConnect, "one", false}, // of the same call
	} {
		var seen counted
		assert.True(t, seen.first(call(c.first), half, "one"))
		assert.Equal(t, c.want, seen.first(call(c.second), half, c.caller), "%v %v %s", c.first, c.second, c.caller)
	}
}

func TestHostOf(t *testing.T) {
	for net, want := range map[string]string{
		"a.example:443": "a.example", "a.example": "a.example", "[2001:db8::1]:25": "[2001:db8::1]", "[2001:db8::1]": "[2001:db8::1]", "": "",
	} {
		assert.Equal(t, want, hostOf(net))
	}
}
