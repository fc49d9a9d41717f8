package httpguard

import (
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"
)

// A joint ties an *http.Transport that was given to a [Transport] to the copies that send its
// requests: when its idle connections are closed, theirs are closed too. net/http calls
// CloseIdleConnections of what is registered for https before a transport's first use, and then
// leaves HTTP/2 to it. So requests over TLS that are made on the transport itself go through the
// joint, unjudged as before.
type joint struct {
	base weak.Pointer[http.Transport]

	copying sync.Mutex // held while base is copied, because what it points to is prepared then

	shell atomic.Pointer[shell]  // that base has become since; nil: none
	plain atomic.Pointer[direct] // nil: no request was made on base itself
}

// A direct is a copy of a base for requests that are made on the base itself.
type direct struct {
	of        kept
	transport *http.Transport // nil: the base sends them, because it does not speak HTTP/2
}

// jointed is a joint as net/http's alternate protocol; see registered.
type jointed struct{ Joint *joint }

func (j jointed) RoundTrip(r *http.Request) (*http.Response, error) { return j.Joint.RoundTrip(r) }

// joints has the joint of each base that has one.
var joints sync.Map // weak.Pointer[http.Transport] → *joint

// joining is held while a joint is registered and stored, so that two guards that use a base for
// the first time get the same one.
var joining sync.Mutex

// jointOf returns the joint of base, which it makes if that is possible. It is not if base has been
// used for HTTP/2, or speaks HTTP/2 without TLS; jointOf then returns nil.
func jointOf(base *http.Transport) *joint {
	key := weak.Make(base)
	if j, ok := joints.Load(key); ok {
		return j.(*joint)
	}
	if base.Protocols != nil && base.Protocols.UnencryptedHTTP2() {
		return nil
	}
	joining.Lock()
	defer joining.Unlock()
	j := &joint{base: key}
	if !register(base, "https", jointed{j}) {
		j, _ := joints.Load(key) // another goroutine was faster, or somebody else
		found, _ := j.(*joint)
		return found
	}
	joints.Store(key, j)
	runtime.AddCleanup(base, func(key weak.Pointer[http.Transport]) { joints.Delete(key) }, key)
	return j
}

// RoundTrip sends a request that was made on the base itself.
func (j *joint) RoundTrip(r *http.Request) (*http.Response, error) {
	if s := j.shell.Load(); s != nil {
		return s.RoundTrip(r)
	}
	base := j.base.Value()
	if base == nil {
		return nil, http.ErrSkipAltProtocol
	}
	if t := j.direct(base).transport; t != nil {
		return t.RoundTrip(r)
	}
	return nil, http.ErrSkipAltProtocol
}

// direct returns the copy for base as it is now.
func (j *joint) direct(base *http.Transport) *direct {
	now := settingsOf(base)
	if d := j.plain.Load(); d != nil && d.of.are(now) {
		return d
	}
	j.copying.Lock()
	defer j.copying.Unlock()
	old := j.plain.Load()
	if old != nil && old.of.are(now) {
		return old
	}
	d := &direct{of: keep(base)}
	t := base.Clone()
	if http2 := share(t, base, base.DialContext, true, false); http2 && base.TLSNextProto == nil {
		shareTLS(t, base, true)
		d.transport = t
	}
	j.plain.Store(d)
	old.closeIdle()
	return d
}

// become makes the base the transport of a shell.
func (j *joint) become(s *shell) {
	j.shell.Store(s)
	j.plain.Load().closeIdle()
}

// CloseIdleConnections closes the idle connections of all copies of the base.
func (j *joint) CloseIdleConnections() {
	if s := j.shell.Load(); s != nil {
		s.CloseIdleConnections()
	}
	lowers.Range(func(key, l any) bool {
		if key.(lowerKey).base == j.base {
			l.(*lower).closeIdle()
		}
		return true
	})
	j.plain.Load().closeIdle()
}

func (d *direct) closeIdle() {
	if d != nil && d.transport != nil {
		d.transport.CloseIdleConnections()
	}
}
