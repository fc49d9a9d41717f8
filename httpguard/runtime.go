package httpguard

import (
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"sync"

	"github.com/outguard/outguard/internal/procenv"
)

// This file lets aws-lambda-go poll the Lambda Runtime API. Its releases before 1.55 do so through
// http.DefaultTransport; later ones have a transport of their own.

// The types of aws-lambda-go whose methods call the Runtime and Extensions APIs, and how functions
// of this package begin.
const (
	lambdaRuntimeClient    = "github.com/aws/aws-lambda-go/lambda.(*runtimeAPIClient)."
	lambdaExtensionsClient = "github.com/aws/aws-lambda-go/lambda.(*extensionAPIClient)."
	thisPackage            = "github.com/outguard/outguard/httpguard."
)

// A lambdaRuntime sends the requests that aws-lambda-go makes to the API on which it gets its
// events. They have a transport of their own, so the function's requests never get one of its
// connections.
type lambdaRuntime struct {
	api string // host:port, as in AWS_LAMBDA_RUNTIME_API; "": none

	once      sync.Once
	transport *http.Transport
}

// newLambdaRuntime takes the API's address. An address other than loopback or link-local is not
// Lambda's, so nothing is exempt then.
func newLambdaRuntime(api string) *lambdaRuntime {
	addr, err := netip.ParseAddrPort(api)
	if err != nil || addr.Addr().Zone() != "" || !addr.Addr().IsLoopback() && !addr.Addr().IsLinkLocalUnicast() {
		api = ""
	}
	return &lambdaRuntime{api: api}
}

// atStart is what startRuntime returns, once it was asked.
var atStart struct {
	once    sync.Once
	runtime *lambdaRuntime
}

// startRuntime is the API that the environment names with which the process was started.
func startRuntime() *lambdaRuntime {
	atStart.once.Do(func() {
		atStart.runtime = newLambdaRuntime(procenv.Read().Getenv("AWS_LAMBDA_RUNTIME_API"))
	})
	return atStart.runtime
}

// passes reports whether the guard lets r pass as aws-lambda-go's. Each guard answers for itself:
// code of the function can install one of its own, with any address.
func (i *Installation) passes(r *http.Request) bool {
	return i.runtime.made(r) || startRuntime().made(r)
}

// made reports whether aws-lambda-go made r, and for exactly this API. The caller must be the
// RoundTrip of the guarded http.DefaultTransport.
func (l *lambdaRuntime) made(r *http.Request) bool {
	return l.api != "" && r.URL != nil && r.URL.Host == l.api && r.URL.Scheme == "http" && r.URL.Opaque == "" && r.URL.User == nil &&
		(r.Host == "" || r.Host == l.api) && calledByLambda()
}

// calledByLambda looks up the stack, past net/http and any RoundTrip around this one, to the
// function that sends the request. Code that aws-lambda-go calls, such as the handler or a reader
// that it returned, is never between: it runs before the request is made, or in another goroutine.
func calledByLambda() bool {
	var pcs [48]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		name := frame.Function
		switch {
		case strings.HasPrefix(name, lambdaRuntimeClient), strings.HasPrefix(name, lambdaExtensionsClient):
			return true
		case strings.HasPrefix(name, "net/http."), strings.HasSuffix(name, ".RoundTrip"), strings.HasPrefix(name, thisPackage):
		default:
			return false
		}
		if !more {
			return false
		}
	}
}

// RoundTrip sends r without a proxy, which could not reach this machine.
func (l *lambdaRuntime) RoundTrip(r *http.Request) (*http.Response, error) {
	l.once.Do(func() {
		l.transport = standard()
		l.transport.Proxy = nil
	})
	return l.transport.RoundTrip(r)
}
