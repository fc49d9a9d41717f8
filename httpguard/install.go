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

// Guards returns the guard that is asked, for the layers below: they know what it has judged.
func (currentGuard) Guards() []any {
	if i := current.Load(); i != nil {
		return []any{i.guard}
	}
	return nil
}

// An Installation is a guard of http.DefaultTransport.
type Installation struct {
	guard   Guard
	runtime *lambdaRuntime
	shell   *shell // of what http.DefaultTransport was made to point to
}

// Install guards http.DefaultTransport, and with it http.DefaultClient, http.Get and every client that brings no transport of
// its own. Call it before the first request: http.DefaultTransport then stays the *http.Transport that it is, and copies made of it
// later (Clone) are guarded as well, except for requests on HTTP/2 connections that a copy has open already.
// Install never fails and never panics; [Installation.Gaps] says what it could not reach. Like any other change of
// http.DefaultTransport it is not for a time at which requests are under way.
//
// A later Install takes over: its guard judges what the earlier one judged, and it reaches what has been put into
// http.DefaultTransport since. A nil guard refuses every request.
func Install(g Guard) *Installation {
	install.Lock()
	defer install.Unlock()
	i := &Installation{guard: g, runtime: newLambdaRuntime()}
	switch t := http.DefaultTransport.(type) {
	case *http.Transport:
		if t == nil {
			i.replace(nil)
		} else if s, ok := shells.Load(t); ok {
			i.shell = s.(*shell)
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
	i.enter(standIn(&shell{transport: t.Clone(),
		gap: "http.DefaultTransport was in use before the guard: copies made of it until then are not guarded"}))
	demote(t, s)
}

// replace puts a transport of the standard type in front of rt, which is of another: so nothing that asserts the type of
// http.DefaultTransport panics.
func (i *Installation) replace(rt http.RoundTripper) {
	s := &shell{transport: standard(), base: rt}
	if rt != nil {
		s.gap = fmt.Sprintf("http.DefaultTransport was a %T before the guard: clients that hold it already are not guarded", rt)
	}
	i.enter(standIn(s))
}

// standIn registers a shell on a transport that nobody has seen yet and makes that http.DefaultTransport.
func standIn(s *shell) *shell {
	s.register()
	http.DefaultTransport = s.transport
	return s
}

func (i *Installation) enter(s *shell) {
	i.shell = s
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
	var gaps []string
	if i.shell.gap != "" {
		gaps = append(gaps, i.shell.gap)
	}
	if t, ok := http.DefaultTransport.(*http.Transport); !ok || t != i.shell.transport {
		gaps = append(gaps, fmt.Sprintf("http.DefaultTransport has been replaced (by a %T) since the guard was installed: "+
			"what does not go through the guarded one is not guarded", http.DefaultTransport))
	} else if !i.shell.hooked(t) {
		gaps = append(gaps, "http.DefaultTransport.Proxy has been set since the guard was installed: copies of the transport are not guarded")
	}
	return gaps
}

// Recheck looks again at what net/http's defaults have become. The guard calls it before the first
// invocation's handler runs.
func (i *Installation) Recheck() {}

// Active reports whether the guard judges: it has not been uninstalled, and no later Install has taken over.
func (i *Installation) Active() bool { return current.Load() == i }

// Uninstall lets requests pass again, unless a later Install has taken over. It is for tests.
func (i *Installation) Uninstall() { current.CompareAndSwap(i, nil) }

// netHTTP is http.DefaultTransport as net/http makes it.
var netHTTP = func() *http.Transport {
	if t, ok := http.DefaultTransport.(*http.Transport); ok && t != nil {
		return t
	}
	return standard()
}()

// unguarded returns the *http.Transport that http.DefaultTransport is, without the guard. Anything else that is there is passed by,
// because it may ask for the unguarded transport in its turn, without end: http.DefaultTransport = &Transport{Guard: g}.
func unguarded() *http.Transport {
	if t, ok := http.DefaultTransport.(*http.Transport); ok && t != nil {
		if t, ok := withoutShell(t); ok {
			return t
		}
	}
	t, _ := withoutShell(netHTTP)
	return t
}

// withoutShell returns false for the shell of something that is no *http.Transport.
func withoutShell(t *http.Transport) (*http.Transport, bool) {
	v, ok := shells.Load(t)
	if !ok {
		return t, true
	}
	inner, ok := v.(*shell).sender().(*http.Transport)
	return inner, ok
}
