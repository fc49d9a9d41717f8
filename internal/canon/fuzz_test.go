package canon

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
)

// fuzzed is a request in the parts that a fuzzer can change. url is for http.NewRequest; the others
// replace what came out of it, unless they are empty.
type fuzzed struct{ url, method, urlHost, host, opaque, path, rawPath, key, value string }

func (f fuzzed) request() (*http.Request, error) {
	r, err := http.NewRequest("GET", f.url, nil)
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		to   *string
		from string
	}{{&r.Method, f.method}, {&r.URL.Host, f.urlHost}, {&r.Host, f.host}, {&r.URL.Opaque, f.opaque}, {&r.URL.Path, f.path}, {&r.URL.RawPath, f.rawPath}} {
		if c.from != "" {
			*c.to = c.from
		}
	}
	if f.key != "" {
		r.Header[f.key] = []string{f.value}
	}
	return r, nil
}

// canonSeeds are the requests of the corpus, and of the tables of this package's tests.
func canonSeeds(tb testing.TB) (seeds []fuzzed) {
	cases, err := corpustest.Read("../../policy/testdata/corpus/http.jsonl")
	require.NoError(tb, err)
	for _, c := range cases {
		r, err := c.Request.New()
		if err != nil {
			continue
		}
		s := fuzzed{c.Request.URL, r.Method, r.URL.Host, r.Host, r.URL.Opaque, r.URL.Path, r.URL.RawPath, "", ""}
		if s.url == "" {
			s.url = r.URL.Scheme + "://h.example/"
		}
		for k, v := range r.Header {
			s.key, s.value = k, v[0]
		}
		seeds = append(seeds, s)
	}
	for rawURL := range readingCases {
		seeds = append(seeds, fuzzed{url: rawURL})
	}
	return seeds
}

func TestCanonSeeds(t *testing.T) { assert.Greater(t, len(canonSeeds(t)), 300) }

// FuzzCanon holds Parse to what net/http does: a request that can be read is dialed, and written,
// to no host and no path that its canonical form does not name; and the canonical form of the
// canonical form is itself. Usual reads it as Parse does, or not at all.
func FuzzCanon(f *testing.F) {
	for _, s := range canonSeeds(f) {
		f.Add(s.url, s.method, s.urlHost, s.host, s.opaque, s.path, s.rawPath, s.key, s.value)
	}
	f.Fuzz(func(t *testing.T, url, method, urlHost, host, opaque, path, rawPath, key, value string) {
		in := fuzzed{url, method, urlHost, host, opaque, path, rawPath, key, value}
		r, err := in.request()
		if err != nil {
			return
		}
		q, err := Parse(r, new(Buf))
		require.Empty(t, usualDiffers(r, &q, err))
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(q.Path.text), 1<<20)
		checkIdempotent(t, &q)
		for _, proxy := range []string{"", "http://proxy.test:3128"} {
			r, _ := in.request()
			r.URL.Scheme = "http" // to see what is written
			q, err := Parse(r, new(Buf))
			require.NoError(t, err)
			checkSent(t, &q, send(t, r, proxy), proxy != "")
		}
	})
}

// checkIdempotent reads the canonical form again.
func checkIdempotent(t *testing.T, q *Request) {
	d := q.Dests[0]
	r, err := http.NewRequest("GET", "http://h.example/", nil)
	require.NoError(t, err)
	reading := first(q.Path)
	r.URL = &url.URL{Scheme: d.Scheme, Host: net.JoinHostPort(hostText(&d), itoa(d.Port)), Path: unescapeCanonical(reading), RawPath: ""}
	r.Host = ""
	again, err := Parse(r, nil)
	require.NoError(t, err, "%+v", d)
	assert.Equal(t, d, again.Dests[0])
	if !strings.Contains(reading, "%2F") {
		assert.Equal(t, reading, first(again.Path))
	}
}

// first is the first reading of a path.
func first(p Path) string {
	b, _ := p.Reading(0, nil)
	return string(b)
}

func itoa(n uint16) string {
	return netip.AddrPortFrom(netip.IPv4Unspecified(), n).String()[len("0.0.0.0:"):]
}

func hostText(d *Dest) string {
	if d.Addr.IsValid() {
		return d.Addr.String()
	}
	return d.Host
}

// unescapeCanonical takes "%25" and "%2A" of a reading back.
func unescapeCanonical(s string) string {
	return strings.NewReplacer("%25", "%", "%2A", "*").Replace(s)
}

// sent is what net/http did with a request.
type sent struct {
	dialed string // "" when it refused
	text   bytes.Buffer
}

// send gives r to a transport whose connections record what is written to them.
func send(t *testing.T, r *http.Request, proxy string) *sent {
	s := &sent{}
	tr := &http.Transport{DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
		s.dialed = addr
		return &recorder{sent: s, wrote: make(chan struct{}), closed: make(chan struct{}),
			response: strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}, nil
	}}
	if proxy != "" {
		u, err := url.Parse(proxy)
		require.NoError(t, err)
		tr.Proxy = http.ProxyURL(u)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	resp, err := tr.RoundTrip(r.WithContext(ctx))
	if err == nil {
		resp.Body.Close()
	}
	tr.CloseIdleConnections()
	return s
}

// recorder is a connection that keeps the head of a request and answers it.
type recorder struct {
	net.Conn
	sent     *sent
	wrote    chan struct{} // closed with the head's last byte
	closed   chan struct{}
	once     sync.Once
	response *strings.Reader
}

func (c *recorder) Write(b []byte) (int, error) {
	select {
	case <-c.wrote:
	default:
		c.sent.text.Write(b)
		if bytes.Contains(c.sent.text.Bytes(), []byte("\r\n\r\n")) {
			close(c.wrote)
		}
	}
	return len(b), nil
}

func (c *recorder) Read(b []byte) (int, error) {
	select {
	case <-c.wrote:
		return c.response.Read(b)
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

func (c *recorder) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

func (c *recorder) SetDeadline(time.Time) error      { return nil }
func (c *recorder) SetReadDeadline(time.Time) error  { return nil }
func (c *recorder) SetWriteDeadline(time.Time) error { return nil }
func (c *recorder) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *recorder) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

// checkSent compares what was sent with the canonical form.
func checkSent(t *testing.T, q *Request, s *sent, proxied bool) {
	if s.dialed == "" {
		return
	}
	if !proxied {
		h, addr, port, err := HostPort(s.dialed)
		require.NoError(t, err, "dialed %q", s.dialed)
		d := &q.Dests[0]
		if d.Addr.IsValid() {
			assert.Equal(t, d.Addr, addr, "dialed %q", s.dialed)
		} else {
			assert.Equal(t, d.Host, h, "dialed %q", s.dialed)
		}
		assert.Equal(t, int(d.Port), port, "dialed %q", s.dialed)
	}
	head, rest, ok := strings.Cut(s.text.String(), "\r\n")
	if !ok {
		return // it gave up before
	}
	method, target, _ := strings.Cut(strings.TrimSuffix(head, " HTTP/1.1"), " ")
	assert.Equal(t, q.Method, method)
	checkTarget(t, q, target, proxied)
	lines := map[string]int{}
	for line := range strings.SplitSeq(rest, "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(name, "host") {
			names(t, q, "http", strings.TrimSpace(value), line)
		}
		lines[strings.ToLower(name)]++
	}
	assert.Equal(t, 1, lines["host"])
	assert.LessOrEqual(t, lines["content-length"], 1)
	assert.Zero(t, lines["transfer-encoding"]+lines["trailer"])
}

// checkTarget compares a request line's target.
func checkTarget(t *testing.T, q *Request, target string, proxied bool) {
	if scheme, rest, ok := strings.Cut(target, "://"); ok && strings.Trim(strings.ToLower(scheme), "htps") == "" && scheme != "" {
		authority := rest
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			authority = rest[:i]
		}
		names(t, q, scheme, authority[strings.LastIndexByte(authority, '@')+1:], target)
		target = rest[len(authority):]
	} else if q.Tunnel && !strings.HasPrefix(target, "/") {
		names(t, q, "http", target[strings.LastIndexByte(target, '@')+1:], target)
		return
	}
	target, _, _ = strings.Cut(target, "?")
	if target == "" {
		target = "/"
	}
	require.Equal(t, byte('/'), target[0], "target %q", target)
	again := Path{text: target, escaped: true, traits: traits(target, true)}
	assert.Equal(t, first(again), first(q.Path), "target %q", target)
}

// names asserts that an authority that was sent is among a request's destinations.
func names(t *testing.T, q *Request, scheme, text, where string) {
	if text == "" {
		return // the Host line is empty for a host that is not a valid header
	}
	d, _, err := (&authority{text: text, scheme: strings.ToLower(scheme)}).dest(nil, nil)
	require.NoError(t, err, where)
	for i := range q.N {
		if q.Dests[i].Host == d.Host && q.Dests[i].Addr == d.Addr && q.Dests[i].Port == d.Port {
			return
		}
	}
	assert.Fail(t, "an authority that the canonical form does not name", "%q in %q, not among %+v", text, where, q.Dests[:q.N])
}
