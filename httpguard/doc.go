// Package httpguard judges outbound HTTP requests.
//
// [Transport] guards one client; [Install] guards http.DefaultTransport, and with it every
// client that does not bring its own.
//
// # What is judged
//
// Each request is judged as a whole before it is sent, on every hop of a redirect. What is
// judged is what is sent: a copy that the caller does not hold. Then these are judged, where the
// request goes through an *http.Transport:
//
//   - the proxy that the transport's Proxy function gives for the request. The function is
//     called once, and the transport uses exactly the proxy that was judged;
//   - each address that the host, or the proxy, resolves to, right before it is connected to.
//
// A request that a layer above has judged for the same guard is not judged again, unless it has
// been changed in between.
//
// # Whose settings count
//
// Requests are sent by a copy of the transport, whose dials are judged. The copy follows the
// transport that it was made of: when a field of the transport has been set to another value,
// the next request is sent by a new copy, and the idle connections of the old one are closed.
// TLSClientConfig, HTTP2, Protocols and ProxyConnectHeader are shared, so changes inside them
// count too. These differ from a transport without a guard:
//
//   - Connections that are open already are not used. The transport and its copies have pools of
//     their own. CloseIdleConnections of the transport, of a [Transport] or of a client that has
//     one closes the idle connections of all of them. If the transport was used before its first
//     guarded request, its own CloseIdleConnections closes only its own.
//   - When HTTP/2 is switched off after it was in use, "h2" is no longer offered; changes inside
//     TLSClientConfig then count once the field itself is set again.
//   - After Install, http2.ConfigureTransport and http2.ConfigureTransports of golang.org/x/net
//     fail for http.DefaultTransport, with net/http's own error. Call them before, or use the
//     fields HTTP2 and Protocols of http.DefaultTransport instead, at any time. The same holds for
//     the Base of a Transport after its first request.
//
// Requests with another scheme than http and https are judged, and go to the Base itself.
package httpguard
