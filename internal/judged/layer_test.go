package judged

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHookKeysAreThoseOfThisGo(t *testing.T) {
	trace := &httptrace.ClientTrace{ConnectStart: func(string, string) {}}
	ctx := httptrace.WithClientTrace(context.Background(), trace)
	traceKey, netTraceKey := hookKeys()
	assert.Same(t, trace, ctx.Value(traceKey))
	assert.NotNil(t, ctx.Value(netTraceKey))
}

var proxies = map[string]string{"HTTP_PROXY": "http://proxy.test:3128", "https_proxy": "proxy.test:3129"}

// startedWith makes these the proxies of the process's start.
func startedWith(t *testing.T, env map[string]string) {
	before := environment.proxy
	environment.proxy = startProxies(func(name string) string { return env[name] })
	t.Cleanup(func() { environment.proxy = before })
}

func TestReaches(t *testing.T) {
	startedWith(t, proxies)
	for _, c := range []struct {
		url, hostPort string
		want          bool
	}{
		{"https://a.test/", "a.test:443", true},
		{"https://a.test:443/", "a.test:443", true},
		{"https://A.test./x", "a.test:443", true},
		{"https://bücher.test/", "xn--bcher-kva.test:443", true},
		{"https://[2001:db8::1]/", "[2001:db8::1]:443", true},
		{"https://203.0.113.1:8443/", "203.0.113.1:8443", true},
		{"https://a.test/", "a.test:80", false},
		{"https://a.test/", "b.test:443", false},
		{"https://a.test/", "a.test.b.test:443", false},
		{"https://a.test/", "", false},
		{"ftp://a.test/", "a.test:21", false},
		{"http://a.test/", "proxy.test:3128", true},
		{"https://a.test/", "proxy.test:3129", true},
		{"https://a.test/", "proxy.test:3128", false},
	} {
		r, err := http.NewRequest(http.MethodGet, c.url, nil)
		require.NoError(t, err)
		_, m := With(context.Background(), r)
		assert.Equal(t, c.want, m.Reaches(c.hostPort), "%s %s", c.url, c.hostPort)
		m.Void()
		assert.False(t, m.Reaches(c.hostPort))
	}
	assert.False(t, (*Mark)(nil).Reaches("a.test:443"))
}

func TestNames(t *testing.T) {
	startedWith(t, proxies)
	g, other := new(int), new(int)
	for _, c := range []struct {
		url, host string
		want      bool
	}{
		{"https://a.test/", "a.test", true},
		{"https://A.test.:1/", "a.test", true},
		{"https://bücher.test/", "xn--bcher-kva.test", true},
		{"https://a.test/", "b.test", false},
		{"https://a.test/", "proxy.test", true},
		{"https://[::1]/", "x", false},
	} {
		r, err := http.NewRequest(http.MethodGet, c.url, nil)
		require.NoError(t, err)
		_, m := With(context.Background(), r)
		assert.False(t, m.Names(g, c.host), "nobody has judged it")
		m.By(g, true)
		assert.Equal(t, c.want, m.Names(g, c.host), "%s %s", c.url, c.host)
		assert.False(t, m.Names(other, c.host))
		d := DialFrom(WithDial(context.Background(), g, r.URL.Host))
		assert.Equal(t, c.want && c.host != "proxy.test", d.Names(g, c.host), "a dial names its proxy itself")
		assert.False(t, d.Names(other, c.host))
	}
	assert.False(t, (*Mark)(nil).Names(g, "a.test"))
	assert.False(t, (*Dial)(nil).Names(g, "a.test"))
}

func TestSame(t *testing.T) {
	a, b := new(int), new(int)
	assert.True(t, Same(a, a))
	assert.False(t, Same(a, b))
	assert.False(t, Same(nil, nil))
	assert.False(t, Same([]int{1}, []int{1}), "does not compare")
	assert.False(t, Same(struct{ x any }{[]int{1}}, struct{ x any }{[]int{1}}), "does not compare inside")
}
