package httpguard

//lint:file-ignore SA1019 net/http honours the deprecated dial functions, so they are kept

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"unsafe"
	"weak"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// A shell makes an *http.Transport, in place, a shell round the guard: requests are judged and then
// sent by an inner copy. http.DefaultTransport must stay an *http.Transport, because aws-lambda-go,
// and many libraries, assert that it is one.
type shell struct {
	transport *http.Transport
	base      http.RoundTripper // sends what may go out; nil: a copy of transport
	gap       string            // what Install could not reach, for people; "": nothing that is known
	lower     lower

	// What the transport has of its own where the shell's hooks are: they are what copies keep that
	// others make of it.
	proxy       func(*http.Request) (*url.URL, error) // or nil
	dialContext dialFunc                              // or nil
	proxyHook   func(*http.Request) (*url.URL, error)
	dialHook    dialFunc
	forced      bool // ForceAttemptHTTP2 was set, because the dial hook would switch HTTP/2 off

	copies copies

	visible bool // schemes shows what is registered
}

// Like the http.DefaultTransport that they are about, these are the process's.
var (
	shells sync.Map // *http.Transport → *shell
	hooks  sync.Map // what a hook is to the runtime (see word) → *shell
)

// shellFor returns the shell whose transport t is, or nil.
func shellFor(t *http.Transport) *shell {
	s, _ := shells.Load(t)
	found, _ := s.(*shell)
	return found
}

// shellOf returns the shell whose hook a function is, or nil.
func shellOf(function unsafe.Pointer) *shell {
	if function == nil {
		return nil
	}
	s, _ := hooks.Load(function)
	found, _ := s.(*shell)
	return found
}

// registered is a shell as net/http's alternate protocol. A struct with one exported field that has
// CloseIdleConnections is what net/http takes for an HTTP/2 transport (golang.org/issue/22891): it
// forwards CloseIdleConnections to it and leaves HTTP/2 alone, which the inner copy speaks.
type registered struct{ Shell *shell }

func (r registered) RoundTrip(req *http.Request) (*http.Response, error) {
	return r.Shell.RoundTrip(req)
}

// RoundTrip judges r by the guards that have joined by now, and sends it.
func (s *shell) RoundTrip(r *http.Request) (*http.Response, error) {
	p := panel{several: joinedNow.Load()}
	asked := p.several.asked(r)
	if asked == nil && p.several != nil {
		return p.several.all[0].runtime.RoundTrip(r)
	}
	if s.base != nil {
		p.several = asked
		return p.roundTrip(s.base, nil, nil, r)
	}
	c := s.lower.of(s.transport, s)
	// Whose connections they are; but a request of aws-lambda-go may pass some of them.
	if p.several == asked {
		asked = c.joined
	}
	p.several = asked
	return p.roundTrip(s.transport, &s.lower, c, r)
}

// CloseIdleConnections forwards to what sends.
func (s *shell) CloseIdleConnections() {
	if s.base != nil {
		closeIdle(s.base)
	}
	s.lower.closeIdle()
}

// judgeProxied is the transport's Proxy. Copies that others make of the transport keep it: there
// it is the only place that sees a whole request and can refuse it.
func (s *shell) judgeProxied(r *http.Request) (proxy *url.URL, err error) {
	if s.proxy != nil {
		if proxy, err = s.proxy(r); err != nil {
			return nil, err
		}
	}
	j := joinedNow.Load()
	if j == nil {
		return proxy, nil
	}
	p := panel{several: j}
	done, _ := p.done(r, judged.From(r.Context()))
	if err := p.check(r.Context(), done, policy.Call{HTTP: asSent(r), Via: policy.ViaTransport}); err != nil {
		return nil, err
	}
	to := proxy
	if proxy == nil {
		to = r.URL
	} else {
		m := s.lower.recall(proxy)
		if err := p.check(r.Context(), 0, policy.Call{Net: m.addr, Via: policy.ViaProxy}); err != nil {
			return nil, err
		}
		proxy = &m.own
	}
	s.copies.judged(judged.ProxyAddr(to), r.URL.Scheme == "https" && !upgrades(r))
	return proxy, nil
}

// upgrades reports whether r asks to leave HTTP/1, for which net/http uses no HTTP/2.
func upgrades(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Connection"), "upgrade")
}

// dial is the transport's DialContext. Copies that others make of the transport keep it: those that
// have set Proxy are seen only there. aws-lambda-go has such a copy for the Runtime API; a dial of
// that address looks the same as the program's, and passes.
func (s *shell) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	j := joinedNow.Load()
	var guards []Guard
	if addr == "" || addr != startRuntime().api {
		guards = guardsIn(ctx)
		for _, i := range j.installations() {
			if addr == "" || i.runtime.api != addr { // no API is ""
				guards = append(guards, i.guard)
			}
		}
	}
	if j != nil && len(guards) > 0 {
		s.copies.dialed(addr)
	}
	return newDial(ctx, network, addr, guards, s.copies.has).by(s.dialContext)
}

// register registers s for both schemes and sets the hooks. It reports false when a scheme is
// taken: net/http itself takes https when a transport is first used or cloned.
func (s *shell) register() bool {
	if !s.takes("https") || !s.takes("http") {
		return false
	}
	_, s.visible = protocols(s.transport)
	s.hook()
	t := s.transport
	s.dialContext, s.dialHook = t.DialContext, s.dial
	if by := shellOf(word(&t.DialContext)); by != nil {
		s.dialContext = by.dialContext
	}
	switch {
	case s.dialContext == nil && t.Dial != nil:
		s.dialContext = withoutContext(t.Dial)
	case s.dialContext == nil && !t.ForceAttemptHTTP2 && t.TLSClientConfig == nil && t.DialTLS == nil && t.DialTLSContext == nil:
		s.forced, t.ForceAttemptHTTP2 = true, true
	}
	hooks.Store(word(&s.dialHook), s)
	t.DialContext = s.dialHook
	return true
}

// isRegistered reports whether net/http still hands requests over to s: somebody may have
// overwritten the transport in place.
func (s *shell) isRegistered() bool {
	found, _ := protocols(s.transport)
	return !s.visible || found["http"] != nil && found["https"] != nil
}

// hook puts the guard into the transport's Proxy.
func (s *shell) hook() {
	s.proxy, s.proxyHook = s.transport.Proxy, s.judgeProxied
	if by := shellOf(word(&s.transport.Proxy)); by != nil {
		s.proxy = by.proxy
	}
	hooks.Store(word(&s.proxyHook), s)
	s.transport.Proxy = s.proxyHook
}

// takes makes s serve a scheme of its transport, where a joint gives way.
func (s *shell) takes(scheme string) bool {
	if j, ok := joints.Load(weak.Make(s.transport)); ok && scheme == "https" {
		j.(*joint).become(s)
		return true
	}
	return register(s.transport, scheme, registered{s})
}

func register(t *http.Transport, scheme string, rt http.RoundTripper) (ok bool) {
	defer func() { ok = recover() == nil }() // "protocol https already registered"
	t.RegisterProtocol(scheme, rt)
	return true
}
