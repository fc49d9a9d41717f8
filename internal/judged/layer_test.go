package judged

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/proxies"
)

func TestHookKeysAreThoseOfThisGo(t *testing.T) {
	trace := &httptrace.ClientTrace{ConnectStart: func(string, string) {}}
	ctx := httptrace.WithClientTrace(context.Background(), trace)
	assert.Same(t, trace, ctx.Value(keys().trace))
	assert.NotNil(t, ctx.Value(keys().net))
}

// The process is taken to have been started with these proxies.
func TestMain(m *testing.M) {
	environment.proxies = proxies.Read(func(name string) string {
		return map[string]string{"HTTP_PROXY": "http://proxy.test:3128", "https_proxy": "proxy.test:3129"}[name]
	})
	os.Exit(m.Run())
}

func TestNoOtherProxyIsReached(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://other.test:1")
	assert.Nil(t, proxies.Read(func(string) string { return "" }))
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		assert.NotNil(t, proxies.Read(func(asked string) string { return map[string]string{name: "proxy.test:1"}[asked] }), name)
	}
	r, err := http.NewRequest(http.MethodGet, "http://a.test/", nil)
	require.NoError(t, err)
	_, m := With(context.Background(), r)
	assert.False(t, m.Reaches("other.test:1"))
	m.By(r, true)
	assert.False(t, m.JudgedDial(r, "other.test:1"))
	m.Through(&url.URL{Scheme: "http", Host: "other.test:1"}, "other.test:1")
	assert.True(t, m.JudgedDial(r, "other.test:1"))
	m.Void()
	assert.True(t, m.JudgedDial(r, "a.test:80"), "who has judged holds longer than the request")
	assert.False(t, m.Judged(r, r))
}

func TestReaches(t *testing.T) {
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

type all []any

func (a *all) Guards() []any { return *a }

func TestCovers(t *testing.T) {
	a, b := new(int), new(int)
	for _, c := range []struct {
		by, g any
		want  bool
	}{
		{a, a, true},
		{a, b, false},
		{nil, nil, false},
		{a, nil, false},
		{[]int{1}, []int{1}, false}, // does not compare
		{struct{ x any }{[]int{1}}, struct{ x any }{[]int{1}}, false},
		{&all{a, b}, a, true},
		{&all{a}, b, false},
		{a, &all{a}, true},
		{a, &all{a, b}, false},
		{&all{a, b}, &all{b}, true},
		{&all{b}, &all{a, b}, false},
		{a, &all{}, false},
		{&all{}, a, false},
	} {
		assert.Equal(t, c.want, Covers(c.by, c.g), "%v %v", c.by, c.g)
	}
}
