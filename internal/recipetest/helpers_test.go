package recipetest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/policy"
)

// A recorder counts what reaches it. It gives a bare HTTP response to whatever it is sent, and
// hangs up.
type recorder struct {
	net.Listener
	conns, bytes atomic.Int64
	first        atomic.Int32 // byte of the last connection
}

func record(t testing.TB) *recorder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &recorder{Listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			r.conns.Add(1)
			go r.serve(conn)
		}
	}()
	return r
}

func (r *recorder) serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(200 * time.Millisecond)) // some clients wait for the server to begin
	buf := make([]byte, 4096)
	n, _ := conn.Read(buf)
	r.first.Store(int32(buf[0]))
	r.bytes.Add(int64(n))
	if i := bytes.Index(buf[:n], []byte(" HTTP/1.1\r\n")); i > 0 {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
	}
}

// port returns the recorder's port.
func (r *recorder) port() string {
	_, port, _ := net.SplitHostPort(r.Addr().String())
	return port
}

// newGuard returns a guard by the rules, and its log.
func newGuard(t testing.TB, rules string) (*guard.Guard, *lockedBuffer) {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+rules), policy.Env{
		Function: "f", Region: "eu-west-1", Account: "111122223333",
	})
	require.NoError(t, err)
	log := new(lockedBuffer)
	return guard.New(p, &guard.Options{Stdout: log, Getenv: func(string) string { return "" }}), log
}

// A lockedBuffer is a log.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
