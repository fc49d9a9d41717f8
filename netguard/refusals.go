package netguard

import (
	"bytes"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A goroutine is a goroutine's number. 0 stands for one that could not be read.
type goroutine uint64

// running returns the goroutine that runs. net/http's hooks are not given the request that they are
// called for, and one context has many requests under way; but all hooks of a request run on its
// goroutine. It costs 3 to 40 µs, so it is asked for only where a call is refused or a name looked
// up.
func running() goroutine {
	var buf [40]byte
	text := buf[:runtime.Stack(buf[:], false)] // "goroutine 18 [running]:…"
	text, ok := bytes.CutPrefix(text, []byte("goroutine "))
	number, _, _ := bytes.Cut(text, []byte(" "))
	n, err := strconv.ParseUint(string(number), 10, 64)
	if !ok || err != nil {
		return 0
	}
	return goroutine(n)
}

// refusals are the refused connections that goroutines wait for. With an empty table, a look at a
// counter is the whole cost.
type refusals struct {
	n  atomic.Int64 // how many
	mu sync.Mutex
	by map[goroutine]string // "host:port"
}

// add notes that the goroutine that runs must not get a connection to hostPort.
func (r *refusals) add(hostPort string) {
	g := running()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[goroutine]string{}
	}
	r.by[g] = hostPort
	r.n.Store(int64(len(r.by)))
}

// repeats reports whether the goroutine that runs asks again for the connection that it has been
// refused: net/http tries again when a pooled connection has been closed. A wish for another
// connection ends the refusal.
func (r *refusals) repeats(hostPort string) bool {
	refused, ok := r.look(func(refused string) bool { return refused != hostPort })
	return ok && refused == hostPort
}

// forget ends a refusal whose connection never came, because the dial failed: the goroutine that
// runs asks for another connection.
func (r *refusals) forget() { r.repeats("") }

// take reports whether the connection that the goroutine that runs has got is refused. The refusal
// stays if net/http may try again, which it does only when the connection is not new.
func (r *refusals) take(reused bool) bool {
	_, ok := r.look(func(string) bool { return !reused })
	return ok
}

// look returns the connection that the goroutine that runs has been refused. The refusal ends if
// ends says so, unless the goroutine is not known.
func (r *refusals) look(ends func(refused string) bool) (refused string, ok bool) {
	if r.n.Load() == 0 {
		return "", false
	}
	g := running()
	r.mu.Lock()
	defer r.mu.Unlock()
	refused, ok = r.by[g]
	// Number 0 may be several goroutines, so their refusal stays: that is the safe side.
	if ok && g != 0 && ends(refused) {
		delete(r.by, g)
		r.n.Store(int64(len(r.by)))
	}
	return refused, ok
}

// passes are the connections that a richer layer has judged, for hooks that others have composed
// with the layer's. Each is known by the bytes of its own copy of "host:port", so that it stands
// for one request and no other to the same host.
type passes struct {
	n   atomic.Int64
	mu  sync.Mutex
	set map[*byte]struct{}
}

// run calls hook with a copy of hostPort that has returns true for while hook runs.
func (p *passes) run(hostPort string, hook func(string)) {
	// A clone of a string that is not empty has bytes of its own, at an address that no other
	// string has.
	own := strings.Clone(hostPort)
	if own == "" {
		hook(own)
		return
	}
	at := unsafe.StringData(own)
	p.mu.Lock()
	if p.set == nil {
		p.set = map[*byte]struct{}{}
	}
	p.set[at] = struct{}{}
	p.n.Store(int64(len(p.set)))
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.set, at)
		p.n.Store(int64(len(p.set)))
		p.mu.Unlock()
	}()
	hook(own)
}

// has reports whether run calls a hook with this very string.
func (p *passes) has(hostPort string) bool {
	if p.n.Load() == 0 || hostPort == "" {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.set[unsafe.StringData(hostPort)]
	return ok
}
