package netguard

import (
	"runtime"
	"sync/atomic"
)

// isDump reports whether httputil.DumpRequestOut asks for the connection that a hook is called for.
// It writes a request into memory, by a transport of its own and by http whatever the scheme, so
// what it asks for is not a call.
//
// The innermost RoundTrip on the stack is that of the connection. It is a few frames away, or more
// if hooks of others are composed with the layer's.
func isDump() bool {
	var pcs [128]uintptr
	// Unwinding costs time for each frame, and each request pays for it. So first look at few
	// frames.
	for _, size := range [...]int{8, len(pcs)} {
		n := runtime.Callers(3, pcs[:size])
		for i, pc := range pcs[:n] {
			if frameOf(pc) == roundTripFrame && i+1 < n {
				return frameOf(pcs[i+1]) == dumpFrame
			}
		}
		if n < size {
			return false
		}
	}
	return false
}

// Kinds of frames.
const (
	otherFrame uint64 = iota + 1
	roundTripFrame
	dumpFrame
)

// frames holds the kinds of frames by program counter, as pc<<2 | kind. To look a function's name
// up takes longer than all the rest.
var frames [64]atomic.Uint64

// frameOf returns the kind of the frame at pc. Slots may be overwritten by other places: then the
// name is looked up again.
func frameOf(pc uintptr) uint64 {
	slot := &frames[(pc>>2^pc>>12)%uintptr(len(frames))]
	if f := slot.Load(); f>>2 == uint64(pc) {
		return f & 3
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	kind := otherFrame
	switch f.Function {
	case "net/http.(*Transport).RoundTrip", "golang.org/x/net/http2.(*Transport).RoundTripOpt":
		kind = roundTripFrame
	case "net/http/httputil.DumpRequestOut":
		kind = dumpFrame
	}
	slot.Store(uint64(pc)<<2 | kind)
	return kind
}
