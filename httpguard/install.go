package httpguard

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/policy"
)

// Like the http.DefaultTransport that they are about, these are the process's.
var (
	current atomic.Pointer[Installation] // whose guard judges; nil: none
	shells  sync.Map                     // *http.Transport → *shell
	install sync.Mutex
)

// currentGuard is the guard of the current installation.
type currentGuard struct{}

func (currentGuard) Check(ctx context.Context, c policy.Call) error {
	if i := current.Load(); i != nil {
		return check(ctx, i.guard, c)
	}
	return nil
}

// An Installation is a guard of http.DefaultTransport.
type Installation struct {
	guard     Guard
	transport *http.Transport // what http.DefaultTransport was made to point to
	gaps      []string
}

// Install guards http.DefaultTransport, and with it http.DefaultClient, http.Get and every client that brings no transport of
// its own. Call it before the first request: http.DefaultTransport then stays the *http.Transport that it is, and copies made of it
// later (Clone) are guarded as well, except for requests on HTTP/2 connections that a copy has open already.
// Install never fails and never panics; [Installation.Gaps] says what it could not reach.
//
// A later Install takes over: its guard judges what the earlier one judged. A nil guard refuses every request.
func Install(g Guard) *Installation {
	install.Lock()
	defer install.Unlock()
	i := &Installation{guard: g}
	switch t := http.DefaultTransport.(type) {
	case *http.Transport:
		if t == nil {
			i.replace(nil)
		} else if _, ok := shells.Load(t); ok {
			i.transport = t
		} else {
			i.inPlace(t)
		}
	default:
		i.replace(t)
	}
	current.Store(i)
	return i
}

// inPlace makes t a shell, or when t has been used, a clone of it.
func (i *Installation) inPlace(t *http.Transport) {
	s := &shell{transport: t}
	if s.register() {
		i.enter(s)
		return
	}
	i.gaps = append(i.gaps, "http.DefaultTransport was in use before the guard: copies made of it until then are not guarded")
	i.enter(standIn(&shell{transport: t.Clone()}))
	demote(t, s)
}

// replace puts a transport of the standard type in front of rt, which is of another: so nothing that asserts the type of
// http.DefaultTransport panics.
func (i *Installation) replace(rt http.RoundTripper) {
	if rt != nil {
		i.gaps = append(i.gaps, fmt.Sprintf("http.DefaultTransport was a %T before the guard: clients that hold it already are not guarded", rt))
	}
	i.enter(standIn(&shell{transport: standard(), base: rt}))
}

// standIn registers a shell on a transport that nobody has seen yet and makes that http.DefaultTransport.
func standIn(s *shell) *shell {
	s.register()
	http.DefaultTransport = s.transport
	return s
}

func (i *Installation) enter(s *shell) {
	i.transport = s.transport
	shells.Store(s.transport, s)
}

// demote guards a transport in use for those who hold it. Requests over HTTP/1 ask Proxy each time, those on an open HTTP/2
// connection do not; so it speaks HTTP/1 from now on.
func demote(t *http.Transport, s *shell) {
	s.hook()
	if c := t.TLSClientConfig; c != nil {
		c = c.Clone()
		c.NextProtos = []string{"http/1.1"}
		t.TLSClientConfig = c
	}
	t.CloseIdleConnections()
}

// standard returns a transport like the one that net/http has as http.DefaultTransport.
func standard() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           standardDialer().DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: 1 * time.Second,
	}
}

func standardDialer() *net.Dialer {
	return &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
}

// Gaps says, for people, which uses of http.DefaultTransport are not guarded, or not wholly; nil: none that is known. It looks
// anew each time: somebody may have put another transport in place since.
func (i *Installation) Gaps() []string {
	gaps := i.gaps[:len(i.gaps):len(i.gaps)]
	if t, ok := http.DefaultTransport.(*http.Transport); !ok || t != i.transport {
		gaps = append(gaps, fmt.Sprintf("http.DefaultTransport has been replaced (by a %T) since the guard was installed: "+
			"what does not go through the guarded one is not guarded", http.DefaultTransport))
	} else if v, ok := shells.Load(t); ok && !v.(*shell).hooked(t) {
		gaps = append(gaps, "http.DefaultTransport.Proxy has been set since the guard was installed: copies of the transport are not guarded")
	}
	return gaps
}

// Uninstall lets requests pass again, unless a later Install has taken over. It is for tests.
func (i *Installation) Uninstall() { current.CompareAndSwap(i, nil) }

// unguarded returns what http.DefaultTransport stands for without the guard.
func unguarded() http.RoundTripper {
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		if s, ok := shells.Load(t); ok {
			return s.(*shell).sender()
		}
	}
	return http.DefaultTransport
}
