package httpguard

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/procenv"
)

// process is what Install has made of the process's globals.
var process struct {
	sync.Mutex
	transport *shell // that http.DefaultTransport points to; nil: none yet
}

// An Installation is a guard's part in the guard of http.DefaultTransport.
type Installation struct {
	guard     Guard
	runtime   *lambdaRuntime
	rechecked atomic.Bool

	mu       sync.Mutex
	reported []string // by Recheck
}

// Install makes g guard http.DefaultTransport, and with it http.DefaultClient, http.Get and
// every client that brings no transport of its own. A transport that http.DefaultClient has is
// guarded too.
//
// Call it before the first request. http.DefaultTransport then stays the *http.Transport that it
// is, and copies made of it later (Clone) are guarded too, as far as [Installation.Gaps]
// does not report otherwise. Install never fails and never panics. Like any other change of
// http.DefaultTransport, the first Install is not for a time at which requests are under way;
// later ones change nothing in the process that a request reads, unless somebody has put another
// transport into the place of the guarded one.
//
// Guards add up: a request has to satisfy each guard that is installed, and each is asked. To
// install the same guard again gives the same Installation. A nil guard refuses every request.
//
// runtimeAPI is the value of AWS_LAMBDA_RUNTIME_API, "host:port", where aws-lambda-go gets its
// events unjudged; without it, that of the environment that the process was started with.
func Install(g Guard, runtimeAPI ...string) *Installation {
	process.Lock()
	defer process.Unlock()
	guardDefaultTransport()
	guardDefaultClient()
	now := joinedNow.Load()
	for _, i := range now.installations() {
		if judged.Same(i.guard, g) {
			return i
		}
	}
	api := ""
	if len(runtimeAPI) > 0 {
		api = runtimeAPI[0]
	} else {
		api = procenv.Read().Getenv("AWS_LAMBDA_RUNTIME_API")
	}
	i := &Installation{guard: g, runtime: newLambdaRuntime(api)}
	joinedNow.Store(now.with(i))
	return i
}

// Uninstall ends the guard's part. The other guards go on; without any, requests pass again.
func (i *Installation) Uninstall() {
	process.Lock()
	defer process.Unlock()
	left := slices.DeleteFunc(slices.Clone(joinedNow.Load().installations()), func(other *Installation) bool { return other == i })
	joinedNow.Store(newJoined(left))
}

// Active reports whether the guard judges: it has not been uninstalled.
func (i *Installation) Active() bool {
	return slices.Contains(joinedNow.Load().installations(), i)
}

// Recheck is for the time before a handler runs. The first time, it guards what has been put
// into http.DefaultTransport and http.DefaultClient.Transport since Install. Later, it changes
// nothing. It returns the gaps that it has not returned before.
func (i *Installation) Recheck() (added []string) {
	if !i.rechecked.Swap(true) {
		process.Lock()
		guardDefaultTransport()
		guardDefaultClient()
		process.Unlock()
	}
	now := i.Gaps()
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, gap := range now {
		if !slices.Contains(i.reported, gap) {
			i.reported, added = append(i.reported, gap), append(added, gap)
		}
	}
	return added
}

// guardDefaultTransport makes http.DefaultTransport point to a shell. process is locked.
// See decision 4.
func guardDefaultTransport() {
	t, ok := http.DefaultTransport.(*http.Transport)
	if ok && t != nil {
		if s := shellFor(t); s != nil && s.isRegistered() {
			process.transport = s
			return
		}
	}
	s := shellAround(http.DefaultTransport, "http.DefaultTransport")
	if s.transport != t {
		http.DefaultTransport = s.transport
	}
	process.transport = s
}

// guardDefaultClient guards the transport that http.DefaultClient has, if it has one of its own.
// process is locked.
func guardDefaultClient() {
	if http.DefaultClient == nil || !isForeign(http.DefaultClient.Transport) {
		return
	}
	rt := http.DefaultClient.Transport
	s := shellAround(rt, "http.DefaultClient.Transport")
	if t, ok := rt.(*http.Transport); !ok || s.transport != t {
		http.DefaultClient.Transport = s.transport
	}
}

// isForeign reports whether the transport of a client is one that no guard of the process is in.
func isForeign(rt http.RoundTripper) bool {
	if rt == nil {
		return false
	}
	t, ok := rt.(*http.Transport)
	return !ok || t != nil && shellFor(t) == nil
}

// shellAround makes a shell of rt: in place if it is an *http.Transport that has not been used;
// else one to be put into its place, which name is.
func shellAround(rt http.RoundTripper, name string) *shell {
	t, ok := rt.(*http.Transport)
	switch {
	case rt == nil, ok && t == nil:
		return newShell(&shell{transport: standard()})
	case !ok:
		return newShell(&shell{transport: standard(), base: rt,
			gap: fmt.Sprintf("%s was a %T before the guard: clients that hold it already are not guarded, nor are the addresses that it dials", name, rt)})
	case isTaken(t):
		return newShell(&shell{transport: standard(), base: t,
			gap: "a round tripper is registered on " + name + " for http or https: clients that hold it already are not guarded, nor are the addresses that it dials"})
	}
	s := &shell{transport: t}
	if s.register() {
		shells.Store(t, s)
		return s
	}
	in := newShell(&shell{transport: plainClone(t), gap: name + " was in use before the guard: copies made of it until then are not guarded"})
	demote(t, s)
	return in
}

// plainClone is a clone of t that has what t points to, and speaks HTTP/2 if t does.
func plainClone(t *http.Transport) *http.Transport {
	c := t.Clone()
	c.TLSClientConfig = configFor(t.TLSClientConfig, share(c, t, t.DialContext, false, false))
	return c
}

// newShell registers a shell on a transport that nobody has seen yet.
func newShell(s *shell) *shell {
	s.register()
	shells.Store(s.transport, s)
	return s
}

// demote guards a transport in use for those who hold it. Requests over HTTP/1 ask Proxy each time,
// those on an open HTTP/2 connection do not; so it speaks HTTP/1 from now on.
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

// netHTTP is http.DefaultTransport as net/http makes it.
var netHTTP = func() *http.Transport {
	if t, ok := http.DefaultTransport.(*http.Transport); ok && t != nil {
		return t
	}
	return standard()
}()

// unguarded returns what a Transport without Base sends by: the *http.Transport that
// http.DefaultTransport is, without the guards, with its shell if it has one. Anything else that is
// there is passed by, because it may ask for the unguarded transport in its turn, without end:
// http.DefaultTransport = &Transport{Guard: g}.
func unguarded() (http.RoundTripper, *shell) {
	for _, rt := range []http.RoundTripper{http.DefaultTransport, netHTTP} {
		t, ok := rt.(*http.Transport)
		if !ok || t == nil {
			continue
		}
		s := shellFor(t)
		if s == nil || s.base == nil {
			return t, s
		}
		if base, ok := s.base.(*http.Transport); ok {
			return base, nil
		}
	}
	return netHTTP, shellFor(netHTTP)
}
