package httpguard

//lint:file-ignore SA1019 the deprecated dial functions count too

import (
	"crypto/tls"
	"net/http"
	"reflect"
	"sync/atomic"
	"time"
	"unsafe"
	"weak"
)

// settings are the exported fields of an *http.Transport, in a form that compares: what functions,
// maps and structs are behind them, not what is inside.
type settings struct {
	proxy, onProxyConnect, proxyConnectHeader, proxyHeader unsafe.Pointer
	dialContext, dial, dialTLS, dialTLSContext             unsafe.Pointer
	nextProto                                              uintptr // see kept
	tls                                                    *tls.Config
	http2                                                  *http.HTTP2Config
	protocols                                              *http.Protocols
	tlsHandshake, idleConn, responseHeader, expectContinue time.Duration
	maxIdle, maxIdlePerHost, maxPerHost, writeBuf, readBuf int
	maxHeader                                              int64
	noKeepAlives, noCompression, forceHTTP2                bool
}

// settingsOf reads t the way net/http does for a request: whoever sets a field while requests
// are under way has a data race with either. Functions and maps are known by their address,
// which cannot come back while a copy of t holds them, or [kept] knows that they are there.
func settingsOf(t *http.Transport) settings {
	return settings{
		proxy:              word(&t.Proxy),
		onProxyConnect:     word(&t.OnProxyConnectResponse),
		proxyConnectHeader: word(&t.GetProxyConnectHeader),
		proxyHeader:        word(&t.ProxyConnectHeader),
		dialContext:        word(&t.DialContext),
		dial:               word(&t.Dial),
		dialTLS:            word(&t.DialTLS),
		dialTLSContext:     word(&t.DialTLSContext),
		nextProto:          uintptr(word(&t.TLSNextProto)),
		tls:                t.TLSClientConfig,
		http2:              t.HTTP2,
		protocols:          t.Protocols,
		tlsHandshake:       t.TLSHandshakeTimeout,
		idleConn:           t.IdleConnTimeout,
		responseHeader:     t.ResponseHeaderTimeout,
		expectContinue:     t.ExpectContinueTimeout,
		maxIdle:            t.MaxIdleConns,
		maxIdlePerHost:     t.MaxIdleConnsPerHost,
		maxPerHost:         t.MaxConnsPerHost,
		writeBuf:           t.WriteBufferSize,
		readBuf:            t.ReadBufferSize,
		maxHeader:          t.MaxResponseHeaderBytes,
		noKeepAlives:       t.DisableKeepAlives,
		noCompression:      t.DisableCompression,
		forceHTTP2:         t.ForceAttemptHTTP2,
	}
}

// kept are settings for comparison with those of later. net/http writes functions to TLSNextProto
// that hold the transport. So kept does not hold that map: whoever keeps the settings of a
// transport does not keep the transport.
type kept struct {
	settings
	next weak.Pointer[byte] // an address counts as long as the map is there
}

func keep(t *http.Transport) kept {
	return kept{settingsOf(t), weak.Make((*byte)(word(&t.TLSNextProto)))}
}

// are reports whether now are the settings that were kept.
func (k *kept) are(now settings) bool {
	return k.settings == now && (now.nextProto == 0 || k.next.Value() != nil)
}

// word returns what a function or a map is to the runtime: one pointer.
func word[T any](of *T) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(of)) }

// schemes returns the round trippers that are registered on t (RegisterProtocol), by scheme: their
// types. It returns nil when net/http keeps them in another way.
func schemes(t *http.Transport) map[string]reflect.Type {
	registered, ok := protocols(t)
	if !ok {
		return nil
	}
	found := map[string]reflect.Type{}
	for scheme, rt := range registered {
		if rt != nil {
			found[scheme] = reflect.TypeOf(rt)
		}
	}
	return found
}

// altProto is where in an http.Transport the round trippers are that are registered on it; ok is
// false when net/http does not keep them in an atomic.Value. It has no function for it.
var altProto, hasAltProto = func() (offset uintptr, ok bool) {
	f, ok := reflect.TypeFor[http.Transport]().FieldByName("altProto")
	return f.Offset, ok && f.Type == reflect.TypeFor[atomic.Value]()
}()

// protocols returns what is registered on t, which must not be changed.
func protocols(t *http.Transport) (registered map[string]http.RoundTripper, ok bool) {
	if !hasAltProto {
		return nil, false
	}
	registered, ok = (*atomic.Value)(unsafe.Add(unsafe.Pointer(t), altProto)).Load().(map[string]http.RoundTripper)
	return registered, ok
}

// isTaken reports whether somebody has registered a round tripper of their own for http or https
// on t. One for HTTP/2, which net/http and golang.org/x/net/http2 register, is not meant: a copy
// speaks HTTP/2 too. Nor is a joint.
func isTaken(t *http.Transport) bool {
	for scheme, rt := range schemes(t) {
		if scheme != "http" && scheme != "https" {
			continue
		}
		switch rt.PkgPath() {
		case "net/http", "golang.org/x/net/http2":
			continue
		}
		if rt == reflect.TypeFor[jointed]() {
			continue
		}
		return true
	}
	return false
}
