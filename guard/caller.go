package guard

import (
	"path"
	"runtime"
	"strconv"
)

// This file finds out who makes the call that is being judged.
//
// The caller is the first frame outside the standard library, the AWS SDK, smithy and Outguard,
// counting outward from the innermost client entry: a method of net/http's Client, or of the Client
// of an SDK's service. Round trippers and middleware below that entry are not callers. Without a
// client entry, the caller is the first such frame of the stack. Stripped binaries keep their
// function table, so that this works there too.

// callerSite returns the site of the caller, or nil if it cannot be known: a goroutine that the SDK
// started has no frame of whoever called the SDK.
func callerSite() *site {
	// Unwinding a frame takes 40 ns, and a microsecond for a big function such as
	// reflect.Value.call, which calls the handler. So first look at few frames, then at more.
	var buf [64]uintptr
	var scan callerScan
	skip := 2
	for _, size := range [...]int{16, 32, 64, 64, 64, 64} {
		n := runtime.Callers(skip, buf[:size])
		for _, pc := range buf[:n] {
			if s := scan.next(siteOf(pc)); s != nil {
				return s
			}
		}
		if n < size {
			break
		}
		skip += n
	}
	return scan.outer()
}

// A callerScan finds the caller among the sites of a stack, which it gets from the innermost on.
type callerScan struct {
	first *site    // the first site of a user's code
	entry siteKind // the client entry that was passed; passed: none
}

// next takes a site and returns the caller, if it is that.
func (c *callerScan) next(s *site) *site {
	switch s.kind {
	case httpClient, sdkClient:
		if c.entry == passed {
			c.entry = s.kind
		}
	case passedSDK:
		if c.entry == httpClient {
			c.entry = passed // the SDK's own use of that client: its own entry is further out
		}
	case user:
		if c.entry != passed {
			return s
		}
		if c.first == nil {
			c.first = s
		}
	}
	return nil
}

// outer returns the caller of a stack that ended before next found it.
func (c *callerScan) outer() *site {
	if c.entry != passed {
		return nil // what lies below the entry is not the caller
	}
	return c.first
}

// callerPackage is what rules with callers: are judged by: the caller's import path, or "".
func callerPackage() (path string, main bool) {
	if s := callerSite(); s != nil {
		return s.path, s.main
	}
	return "", false
}

// caller returns the code that made the call being judged, as "package.Func file.go:12", or "". If
// the caller cannot be known, it is the outermost frame outside the standard library and Outguard.
func caller() string { return placeOf(callerSite()) }

// noCaller is the caller of a call without any frame of the function's code, such as that of
// "go http.Get(url)".
const noCaller = "(none)"

func placeOf(s *site) string {
	if s != nil {
		return s.place
	}
	return outermost()
}

// outermost returns the outermost frame outside the standard library and Outguard, or "". It is for
// stacks without a frame of the user's code.
func outermost() (place string) {
	var buf [256]uintptr
	frames := runtime.CallersFrames(buf[:runtime.Callers(3, buf[:])])
	for {
		frame, more := frames.Next()
		if pkg := packageOf(frame.Function); pkg != "" && !isStandard(pkg) && !isOutguard(pkg) {
			place = format(frame)
		}
		if !more {
			return place
		}
	}
}

func format(f runtime.Frame) string {
	return f.Function + " " + path.Base(f.File) + ":" + strconv.Itoa(f.Line)
}
