package httpguard

import (
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/outguard/outguard/internal/built"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// A shell makes an *http.Transport, in place, a shell round the guard: requests are judged and then sent by an inner
// transport. http.DefaultTransport must stay an *http.Transport, because aws-lambda-go, and many libraries, assert that it is one.
type shell struct {
	transport *http.Transport                       // what http.DefaultTransport points to
	proxy     func(*http.Request) (*url.URL, error) // the transport's own Proxy, or nil
	base      http.RoundTripper                     // sends what may go out; nil: a clone of transport, made on first use
	gap       string                                // what Install could not reach, for people; "": nothing that is known
	inner     atomic.Pointer[http.RoundTripper]
	once      sync.Once
}

// registered is a shell as net/http's alternate protocol. A struct with one exported field that has CloseIdleConnections is what
// net/http takes for an HTTP/2 transport (golang.org/issue/22891): it forwards CloseIdleConnections to it and leaves HTTP/2 alone,
// which the inner transport speaks.
type registered struct{ Shell *shell }

func (r registered) RoundTrip(req *http.Request) (*http.Response, error) {
	return r.Shell.RoundTrip(req)
}

// RoundTrip judges r by the guard of the day and sends it.
func (s *shell) RoundTrip(r *http.Request) (*http.Response, error) {
	i := current.Load()
	if i == nil {
		return s.sender().RoundTrip(r)
	}
	if i.runtime.made(r) {
		return i.runtime.RoundTrip(r)
	}
	return roundTrip(i.guard, s.sender(), r)
}

// CloseIdleConnections forwards to the inner transport, if there is one yet.
func (s *shell) CloseIdleConnections() {
	if rt := s.inner.Load(); rt != nil {
		closeIdle(*rt)
	}
}

// sender returns what sends what may go out. It is made on first use, so that what has been set on http.DefaultTransport until
// then holds.
func (s *shell) sender() http.RoundTripper {
	if rt := s.inner.Load(); rt != nil {
		return *rt
	}
	s.once.Do(func() {
		rt := s.base
		if rt == nil {
			rt = s.clone()
		}
		s.inner.Store(&rt)
	})
	return *s.inner.Load()
}

func (s *shell) clone() *http.Transport {
	t := s.transport.Clone() // without alternate protocols
	if s.hooked(t) {
		t.Proxy = s.proxy
	}
	if !built.Is() { // package net asks about every dial then
		guardDials(currentGuard{}, t)
	}
	return t
}

// judgeProxied is the transport's Proxy. Clones that others make of the transport keep it: there it is the only place that
// sees a whole request and can refuse it.
func (s *shell) judgeProxied(r *http.Request) (*url.URL, error) {
	if i := current.Load(); i != nil && !judged.Is(r) {
		if err := check(r.Context(), i.guard, policy.Call{HTTP: r, Via: policy.ViaTransport}); err != nil {
			return nil, err
		}
	}
	if s.proxy == nil {
		return nil, nil
	}
	return s.proxy(r)
}

// hooked reports whether t's Proxy is that of a shell still. Functions do not compare; their code does.
func (s *shell) hooked(t *http.Transport) bool {
	return reflect.ValueOf(t.Proxy).Pointer() == reflect.ValueOf(s.judgeProxied).Pointer()
}

// register registers s for both schemes and hooks Proxy. It reports false when a scheme is taken: net/http itself takes https
// when a transport is first used or cloned.
func (s *shell) register() bool {
	if !register(s.transport, "https", s) || !register(s.transport, "http", s) {
		return false
	}
	s.hook()
	return true
}

func (s *shell) hook() {
	s.proxy = s.transport.Proxy
	s.transport.Proxy = s.judgeProxied
}

func register(t *http.Transport, scheme string, s *shell) (ok bool) {
	defer func() { ok = recover() == nil }() // "protocol https already registered"
	t.RegisterProtocol(scheme, registered{s})
	return true
}
