package matrixtest

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/matrixtest/dns"
)

// A kind is what a recorder speaks.
type kind uint8

const (
	web      kind = iota // HTTP/1, HTTP/2 by prior knowledge; it counts requests, CONNECT too
	webTLS               // the same under TLS
	webUnix              // the same on a Unix socket
	stream               // it counts bytes, and hangs up after the first
	tlsBytes             // the same under TLS
	smtp                 // the same after a greeting
	nats                 // the same after a greeting
	mysql                // the same after a greeting
	socks                // SOCKS5; it counts requests for a connection
	datagram             // it counts datagrams
	unix                 // stream on a Unix socket
)

// greetings are what servers send first.
var greetings = map[kind]string{
	smtp: "220 matrix.test\r\n",
	nats: `INFO {"server_id":"x","version":"2.10.0","max_payload":1048576,"proto":1}` + "\r\n",
	// Protocol 10, mysql_native_password.
	mysql: "\x49\x00\x00\x00\x0a8.0.0\x00\x01\x00\x00\x00aaaaaaaa\x00\xff\xff\xff\x02\x00\xff\xc7\x15" +
		strings.Repeat("\x00", 10) + "aaaaaaaaaaaa\x00mysql_native_password\x00",
}

// A recorder is a destination on loopback that counts what reaches it. A TCP connection and a TLS
// handshake do not count.
type recorder struct {
	kind   kind
	only   string // the path of requests that count; "": all
	got    atomic.Int64
	addr   string // "127.8.0.N:port", or the path of a Unix socket
	close  func()
	active sync.WaitGroup // connections
	once   sync.Once      // of end
	marks  chan struct{}
}

// record starts the recorder of number n.
func record(t *testing.T, k kind, n int, only string, cert tls.Certificate) *recorder {
	t.Helper()
	r := &recorder{kind: k, only: only, marks: make(chan struct{}, 1)}
	t.Cleanup(r.end)
	if k == datagram {
		c, err := atFreePort(n, func(addr string) (net.PacketConn, error) { return net.ListenPacket("udp4", addr) })
		require.NoError(t, err)
		r.addr, r.close = c.LocalAddr().String(), func() { c.Close() }
		r.active.Go(func() { r.datagrams(c) })
		return r
	}
	listen := func(addr string) (net.Listener, error) { return net.Listen("tcp4", addr) }
	remove := func() {}
	if k == unix || k == webUnix {
		dir, err := os.MkdirTemp("", "m") // t.TempDir is too long for a socket's path
		require.NoError(t, err)
		remove = func() { os.RemoveAll(dir) }
		listen = func(string) (net.Listener, error) { return net.Listen("unix", filepath.Join(dir, "s")) }
	}
	listener, err := atFreePort(n, listen)
	require.NoError(t, err)
	r.addr = listener.Addr().String()
	l := net.Listener(&marked{listener, r})
	switch k {
	case webTLS, tlsBytes:
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: protocols[k]})
	}
	switch k {
	case web, webTLS, webUnix:
		s := &http.Server{Handler: r, ErrorLog: log.New(io.Discard, "", 0), Protocols: new(http.Protocols)}
		s.Protocols.SetHTTP1(true)
		s.Protocols.SetHTTP2(true)
		s.Protocols.SetUnencryptedHTTP2(true)
		r.close = func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			_ = s.Shutdown(ctx) // waits for requests
			remove()
		}
		r.active.Go(func() { _ = s.Serve(l) })
	default:
		r.close = func() {
			l.Close()
			remove()
		}
		r.active.Go(func() { r.accept(l) })
	}
	return r
}

var protocols = map[kind][]string{webTLS: {"h2", "http/1.1"}}

// atFreePort listens at a port of number n's address. The kernel would choose one of 32768 and
// more, and on another address of loopback that may be the port of a Lambda Runtime API, which no
// rule opens.
func atFreePort[L any](n int, listen func(addr string) (L, error)) (l L, err error) {
	for range 100 {
		port := 20000 + mathrand.IntN(10000)
		if l, err = listen(net.JoinHostPort(dns.Addr(n).String(), strconv.Itoa(port))); err == nil {
			return l, nil
		}
	}
	return l, err
}

// end waits until all that was sent to the recorder has been counted. Who sent it must have ended.
func (r *recorder) end() {
	r.once.Do(func() {
		r.mark()
		r.close()
		r.active.Wait()
	})
}

// Marks come from here, and nothing else does.
var (
	markIP   = net.IPv4(127, 9, 0, 1)
	markUnix = "@outguard-matrix-mark"
)

// mark sends a mark and waits for it: everything before it has then been accepted.
func (r *recorder) mark() {
	network, from := "tcp", net.Addr(&net.TCPAddr{IP: markIP})
	switch r.kind {
	case datagram:
		network, from = "udp", &net.UDPAddr{IP: markIP}
	case unix, webUnix:
		network, from = "unix", &net.UnixAddr{Net: "unix", Name: markUnix + r.addr}
	}
	conn, err := (&net.Dialer{LocalAddr: from}).Dial(network, r.addr)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "mark")
	select {
	case <-r.marks:
	case <-time.After(5 * time.Second):
	}
}

// marked is a listener that looks for marks.
type marked struct {
	net.Listener
	r *recorder
}

func (m *marked) Accept() (net.Conn, error) {
	for {
		conn, err := m.Listener.Accept()
		if err != nil || !m.r.isMark(conn.RemoteAddr()) {
			return conn, err
		}
		conn.Close()
	}
}

// isMark reports whether a sender is mark, and ends its waiting.
func (r *recorder) isMark(sender net.Addr) bool {
	from := sender.String()
	if host, _, _ := net.SplitHostPort(from); host != markIP.String() && !strings.HasPrefix(from, markUnix) {
		return false
	}
	r.marks <- struct{}{}
	return true
}

func (r *recorder) count() { r.got.Add(1) }

// ServeHTTP redirects to where ?to= says, accepts an upgrade, and else responds with {}.
func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if r.only == "" || r.only == req.URL.Path {
		r.count()
	}
	if to := req.URL.Query().Get("to"); to != "" {
		http.Redirect(w, req, to, http.StatusFound)
		return
	}
	if key := req.Header.Get("Sec-WebSocket-Key"); key != "" {
		sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Sec-WebSocket-Accept", base64.StdEncoding.EncodeToString(sum[:]))
		w.WriteHeader(http.StatusSwitchingProtocols)
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

func (r *recorder) datagrams(c net.PacketConn) {
	for buf := make([]byte, 1500); ; {
		n, from, err := c.ReadFrom(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err == nil && n > 0 && !r.isMark(from):
			r.count()
		}
	}
}

func (r *recorder) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		r.active.Go(func() { r.serve(conn) })
	}
}

func (r *recorder) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if greeting := greetings[r.kind]; greeting != "" {
		if _, err := io.WriteString(conn, greeting); err != nil {
			return
		}
	}
	in := bufio.NewReader(conn)
	if r.kind == socks { // version, methods; no authentication; then the request
		if _, err := io.ReadFull(in, make([]byte, 3)); err != nil {
			return
		}
		if _, err := io.WriteString(conn, "\x05\x00"); err != nil {
			return
		}
	}
	if _, err := in.ReadByte(); err != nil {
		return
	}
	r.count()
	line, _ := in.Peek(in.Buffered())
	if strings.Contains(string(line), " HTTP/1.1\r\n") {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
	}
}

// newCertificate makes a certificate for every name of package dns. The function trusts the file.
func newCertificate(t *testing.T) (cert tls.Certificate, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"*.matrix.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}
