// Package netguard judges outbound calls that no richer layer sees, by their host and port.
//
// [Context] is the layer of the handler's context: it judges every connection of a call that
// carries the context. [InstallNames] is the layer of names: it judges every name that
// net.DefaultResolver looks up.
//
// Both layers see only part of a call. What a guard makes of that is the policy's matter: a call is
// refused here only if every call to that host would be. What a richer layer has judged (package
// httpguard, package awsmiddleware) is not judged again.
//
// # What the layer of the handler's context reaches
//
//   - A request of an http.Transport, also one of HTTP/2, that is refused: its connection is closed
//     before a byte of the request is written. A TLS handshake may have gone out already. An HTTP/2
//     connection is closed for all requests on it, which go to the same host. The error of the
//     request is net/http's own, because a hook cannot return one; the context is not cancelled.
//   - A dial of a net.Dialer, or of gRPC, to an address: reported only, because net's hook cannot
//     refuse it. A dial by name is refused in the layer of names.
//   - Behind a proxy it sees the proxy.
//
// # What the layer of names reaches
//
//   - Every name that net.DefaultResolver asks a server for, with a context or without, also before
//     the first invocation. A refused name is an error of the look-up, and no query leaves. The
//     error's text holds the guard's; its type is *net.DNSError.
//   - Names that are looked up before a guard judges, in init functions and early in main. They
//     are let through and remembered, see [Remember]. Package guard does so in Lambda; when it is
//     loaded, it reports those that break the policy.
//   - Look-ups of one name at the same time are merged into one by package net. That one carries
//     the context, and so the mark "already judged", of the first of them.
//   - Not seen: names in /etc/hosts, literal addresses, resolvers that a program makes itself,
//     child processes.
package netguard
