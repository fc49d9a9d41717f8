package netguard

import "runtime"

// isDump reports whether httputil.DumpRequestOut asks for the connection that a hook is called for.
// It writes a request into memory, by a transport of its own and by http whatever the scheme, so
// what it asks for is not a call.
func isDump() bool {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if !more {
			return false
		}
		if f.Function == "net/http.(*Transport).RoundTrip" { // the innermost one is the connection's
			f, _ = frames.Next()
			return f.Function == "net/http/httputil.DumpRequestOut"
		}
	}
}
