package httpguard

//lint:file-ignore SA1019 net/http honours the deprecated dial functions, so they count too

import (
	"crypto/tls"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/outguard/outguard/internal/buildmark"
	"github.com/outguard/outguard/internal/judged"
)

// A lower is the part of the guard below an *http.Transport: it sends judged requests by a copy
// of the transport whose dials are judged, and which uses the proxy that was judged.
type lower struct {
	mu   sync.Mutex
	now  atomic.Pointer[lowered]
	memo atomic.Pointer[proxyMemo]
}

// lowered is a copy with what it was made of.
type lowered struct {
	transport *http.Transport // nil: requests go to the base itself, where somebody has registered http or https
	of        kept
	proxy     func(*http.Request) (*url.URL, error) // the base's own Proxy, or nil
	known     bool                                  // proxy is net/http's, which changes no request

	// shared means that the base is a shell's transport, or a copy that somebody has made of
	// one: the process's guards judge what goes through it. These are they, when the copy was
	// made.
	shared bool
	joined *joined

	exchanges int64 // how often a policy had been exchanged when the copy was made
}

// lowers has the lower of each transport that was given to a Transport, for each guard: a pool of
// connections is one guard's, because another would judge other addresses.
var lowers sync.Map // lowerKey → *lower

type lowerKey struct {
	base  weak.Pointer[http.Transport]
	guard any // nil for a guard that does not compare
}

// lowerOf returns the lower of base for g.
func lowerOf(base *http.Transport, g Guard) *lower {
	k := lowerKey{base: weak.Make(base)}
	if g != nil && reflect.ValueOf(g).Comparable() {
		k.guard = g
	}
	if l, ok := lowers.Load(k); ok {
		return l.(*lower)
	}
	l, loaded := lowers.LoadOrStore(k, new(lower))
	if !loaded {
		runtime.AddCleanup(base, func(k lowerKey) {
			if l, ok := lowers.LoadAndDelete(k); ok {
				l.(*lower).closeIdle()
			}
		}, k)
	}
	return l.(*lower)
}

// of returns the copy of base. It makes a new one when base has other settings than before, or when
// another guard has joined or judges by another policy, which has not judged the addresses of the
// connections of the copy. Those that are in use are closed when they become idle.
// s is the shell whose transport base is, or nil.
func (l *lower) of(base *http.Transport, s *shell) *lowered {
	guards := joinedNow.Load()
	if c := l.now.Load(); c != nil && c.holds(base, guards) {
		return c
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := s == nil && isTaken(base)
	var joined *joint
	if s == nil && !taken && base != netHTTP && base != http.DefaultTransport {
		joined = jointOf(base)
	}
	if joined != nil {
		joined.copying.Lock()
		defer joined.copying.Unlock()
	}
	t := base.Clone() // first: it makes net/http write to base what it writes once
	before := l.now.Load()
	if before != nil && before.holds(base, guards) {
		return before
	}
	c := &lowered{transport: t, of: keep(base), joined: guards, proxy: base.Proxy, shared: s != nil, exchanges: judged.Exchanges()}
	if by := shellOf(word(&base.Proxy)); by != nil {
		c.proxy, c.shared = by.proxy, true
	}
	dial := base.DialContext
	if by := shellOf(word(&dial)); by != nil {
		dial, c.shared = by.dialContext, true
	}
	if taken {
		c.transport, c.proxy = nil, nil
	} else {
		http2 := share(t, base, dial, s != nil || joined != nil, s != nil && s.forced)
		shareTLS(t, base, http2)
		t.Proxy = nil
		if c.proxy != nil {
			t.Proxy = judgedProxy
		}
		t.DialContext = dial
		guardConnect(t)
		if !buildmark.Is() { // package net asks about every dial then
			guardDials(t)
		}
	}
	c.known = reflect.ValueOf(c.proxy).Pointer() == reflect.ValueOf(http.ProxyFromEnvironment).Pointer()
	l.now.Store(c)
	if before != nil && before.transport != nil {
		before.transport.CloseIdleConnections()
	}
	return c
}

// holds reports whether c is still what base is.
func (c *lowered) holds(base *http.Transport, guards *joined) bool {
	return (c.joined == guards || !c.shared) && c.exchanges == judged.Exchanges() && c.of.are(settingsOf(base))
}

// share makes t, which is a clone of base, use what base points to but for its TLS config, so that
// changes in there count. It makes t speak HTTP/2 if base would, with dial as its DialContext, and
// reports whether base would.
//
// untouched: net/http has set up nothing in base, because a shell or a joint is registered for
// https. Its fields are as the program has set them, but that forced says that ForceAttemptHTTP2 is
// a shell's.
func share(t, base *http.Transport, dial dialFunc, untouched, forced bool) (http2 bool) {
	t.HTTP2, t.Protocols, t.ProxyConnectHeader = base.HTTP2, base.Protocols, base.ProxyConnectHeader
	_, http2 = base.TLSNextProto["h2"]
	if base.TLSNextProto != nil && (untouched || !http2) {
		t.TLSNextProto = maps.Clone(base.TLSNextProto)
	}
	if untouched && base.TLSNextProto == nil {
		force := base.ForceAttemptHTTP2 && !forced
		http2 = force || base.TLSClientConfig == nil && dial == nil && base.Dial == nil && base.DialTLS == nil && base.DialTLSContext == nil
	}
	t.ForceAttemptHTTP2 = http2
	if base.Protocols != nil {
		http2 = base.Protocols.HTTP2()
	}
	return http2
}

// shareTLS makes t, for which share has reported http2, use the TLS config of base. net/http writes
// to the config when it sets up HTTP/2, so it does that first, while t has a config of its own.
func shareTLS(t, base *http.Transport, http2 bool) {
	if http2 || base.Protocols != nil && base.Protocols.UnencryptedHTTP2() {
		t.CloseIdleConnections()
	}
	c := base.TLSClientConfig
	if c == nil {
		return
	}
	if want := t.TLSClientConfig.NextProtos; http2 && !slices.Equal(c.NextProtos, want) {
		c.NextProtos = want // as net/http does when base is first used
	}
	t.TLSClientConfig = configFor(c, http2)
}

// configFor returns the TLS config for a transport that speaks HTTP/2 or does not.
func configFor(c *tls.Config, http2 bool) *tls.Config {
	if c == nil || http2 || !slices.Contains(c.NextProtos, "h2") {
		return c
	}
	return withoutHTTP2(c) // or a server would speak what the transport does not
}

func withoutHTTP2(c *tls.Config) *tls.Config {
	c = c.Clone()
	c.NextProtos = slices.DeleteFunc(slices.Clone(c.NextProtos), func(p string) bool { return p == "h2" })
	return c
}

func (l *lower) closeIdle() {
	if c := l.now.Load(); c != nil && c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}

// judgedProxy is the Proxy of every copy: the proxy that was judged for the request.
func judgedProxy(r *http.Request) (*url.URL, error) {
	m := judged.From(r.Context())
	if m == nil {
		return nil, ErrNoGuard // only judged requests come here
	}
	return m.Proxy(), nil
}

// proxyFor asks the base's own Proxy about r, where net/http would.
func (c *lowered) proxyFor(r *http.Request) (*url.URL, error) {
	if c.proxy == nil || r.URL == nil || r.URL.Host == "" || !isHTTP(r) {
		return nil, nil
	}
	return c.proxy(r)
}

func isHTTP(r *http.Request) bool {
	return r.URL != nil && (r.URL.Scheme == "http" || r.URL.Scheme == "https")
}

// A proxyMemo is the proxy that was used last, so that its parts are put together once.
type proxyMemo struct {
	given *url.URL // as the Proxy function gave it
	own   url.URL  // a copy that nobody else can change
	addr  string   // "host:port"
}

// recall returns proxy's copy and its "host:port".
func (l *lower) recall(proxy *url.URL) *proxyMemo {
	m := l.memo.Load()
	if m == nil || m.given != proxy || m.own.Scheme != proxy.Scheme || m.own.Host != proxy.Host || m.own.User.String() != proxy.User.String() {
		m = &proxyMemo{given: proxy, own: *proxy, addr: judged.ProxyAddr(proxy)}
		l.memo.Store(m)
	}
	return m
}
