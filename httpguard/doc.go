// Package httpguard judges outbound HTTP requests.
//
// [Transport] guards one client; [Install] guards http.DefaultTransport, and with it every client that does not
// bring its own.
package httpguard
