package judged

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func request(t *testing.T, change func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequest("GET", "https://api.example.com/a%2fb?q=1", nil)
	require.NoError(t, err)
	if change != nil {
		change(r)
	}
	return r
}

func TestMarkCountsForAnEqualRequestOnly(t *testing.T) {
	ctx, _ := With(context.Background(), request(t, nil))
	for name, c := range map[string]struct {
		change func(*http.Request)
		want   bool
	}{
		"same":        {func(r *http.Request) {}, true},
		"other query": {func(r *http.Request) { r.URL.RawQuery = "q=2" }, true},
		"method":      {func(r *http.Request) { r.Method = "PUT" }, false},
		"scheme":      {func(r *http.Request) { r.URL.Scheme = "http" }, false},
		"URL host":    {func(r *http.Request) { r.URL.Host = "evil.example" }, false},
		"Host":        {func(r *http.Request) { r.Host = "evil.example" }, false},
		"path":        {func(r *http.Request) { r.URL.Path = "/c" }, false},
		"raw path":    {func(r *http.Request) { r.URL.RawPath = "" }, false},
		"opaque":      {func(r *http.Request) { r.URL.Opaque = "//evil.example/" }, false},
		"no URL":      {func(r *http.Request) { r.URL = nil }, false},
	} {
		r := request(t, c.change).WithContext(ctx)
		assert.Equal(t, c.want, Is(r), name)
	}
	assert.False(t, Is(request(t, nil)), "no mark")
}

func TestInnermostMarkHolds(t *testing.T) {
	outer := request(t, nil)
	ctx, _ := With(context.Background(), outer)
	inner := request(t, func(r *http.Request) { r.Method = "PUT" })
	ctx, m := With(ctx, inner)
	assert.Same(t, m, From(ctx))
	assert.False(t, Is(outer.WithContext(ctx)))
	assert.True(t, Is(inner.WithContext(ctx)))
}

func TestCloneIsMarkedAndTheOriginalIsNot(t *testing.T) {
	r := request(t, func(r *http.Request) { r.Header.Set("A", "1") })
	c, m := Clone(r)
	assert.True(t, Is(c))
	assert.True(t, m.Equal(r))
	assert.Nil(t, From(r.Context()))
	r.URL.Host = "evil.example"
	r.Header.Set("A", "2")
	assert.True(t, Is(c), "the copy has a URL and headers of its own")
	assert.Equal(t, "1", c.Header.Get("A"))
}

// The header of a copy is that of http.Header's Clone, and its values are the copy's own. What may
// sign the request counts in each of its values.
func TestCloneOfAHeader(t *testing.T) {
	for name, c := range map[string]struct {
		header http.Header
		signed bool
	}{
		"nil":          {nil, false},
		"empty":        {http.Header{}, false},
		"one value":    {http.Header{"A": {"1"}, "B": {"2"}, "C": {"3"}}, false},
		"more values":  {http.Header{"A": {"1", "2", "3", "4"}, "B": {"5"}, "C": {"6", "7"}, "D": {"8", "9", "10"}}, false},
		"no value":     {http.Header{"User-Agent": nil, "A": {}, "B": {"1"}}, false},
		"signed":       {http.Header{"A": {"1"}, "Authorization": {"AWS4-HMAC-SHA256 Credential=x"}}, true},
		"second value": {http.Header{"Authorization": {"Basic eA==", "AWS4-HMAC-SHA256 Credential=x"}}, true},
		"other scheme": {http.Header{"Authorization": {"Basic eA=="}}, false},
	} {
		r := request(t, func(r *http.Request) { r.Header = c.header.Clone() })
		copied, m := Clone(r)
		assert.Equal(t, c.header, copied.Header, name)
		assert.Equal(t, c.signed, m.aws.signed, name)
		for key, values := range r.Header {
			assert.Equal(t, len(copied.Header[key]), cap(copied.Header[key]), "%s: an append must not reach another field", name)
			for i := range values {
				values[i] = "changed"
			}
		}
		assert.Equal(t, c.header, copied.Header, name)
	}
}

func TestAVoidMarkCountsNoMore(t *testing.T) {
	c, m := Clone(request(t, nil))
	require.True(t, Is(c))
	m.Void()
	assert.False(t, Is(c))
	assert.True(t, m.Equal(c))
}

// A guard that asks others has judged for each of them. What one has judged is not judged for all.
func TestJudgedBySeveral(t *testing.T) {
	a, b, c := new(int), new(int), new(int)
	r := request(t, nil)
	_, m := With(context.Background(), r)
	judged := func(guard any) bool { return m.Judged(r, guard) }
	assert.False(t, judged(a), "by nobody yet")
	for _, by := range []func(){
		func() { m.By(&all{a, b}, true) },
		func() { m.ByAll([]any{a, b}, true) },
		func() { m.ByAll([]any{&all{a}, b}, true) },
	} {
		by()
		assert.True(t, judged(a))
		assert.True(t, judged(b))
		assert.True(t, judged(&all{a, b}))
		assert.True(t, judged(&all{b}))
		assert.False(t, judged(c))
		assert.False(t, judged(&all{a, c}))
		assert.False(t, judged(&all{c, a}))
		assert.False(t, judged(&all{}), "nobody to judge for")
		assert.False(t, judged(nil))
	}
	m.By(c, true)
	assert.True(t, judged(c))
	assert.False(t, judged(a), "the last call of By holds")
	m.By(&all{}, true)
	assert.False(t, judged(c))

	m.ByAll([]any{a, b}, true)
	var asked []any
	for g := range m.Guards {
		asked = append(asked, g)
	}
	assert.Equal(t, []any{a, b}, asked)
	for g := range m.Guards {
		assert.Same(t, a, g)
		break
	}
	for _, judges := range []func(any) bool{
		func(g any) bool { return g == a },
		func(g any) bool { return g == b },
	} {
		m.SetBelow(judges)
		assert.False(t, m.Below())
	}
	m.SetBelow(func(any) bool { return true })
	assert.True(t, m.Below())
}
