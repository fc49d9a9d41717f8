package notifytest

import (
	"context"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
)

// A network connects http.DefaultTransport to servers in memory, for a bubble of testing/synctest.
// With real connections, the bubble's clock would not move.
type network struct {
	// servers are by address; a test may have several.
	mu      sync.Mutex
	servers map[string]*listener
}

// inMemory runs f in a bubble with a network of its own, which stands for http.DefaultTransport.
func inMemory(t *testing.T, f func(t *testing.T, n *network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &network{servers: map[string]*listener{}}
		// The default is replaced before the sink is made, since a sink may keep it.
		before := http.DefaultTransport
		transport := &http.Transport{DialContext: n.dial}
		http.DefaultTransport = transport
		// Idle connections have goroutines, and a bubble waits for all of its goroutines to end.
		t.Cleanup(func() {
			transport.CloseIdleConnections()
			http.DefaultTransport = before
		})
		f(t, n)
	})
}

// listen returns a listener with an address of this machine's loopback network.
func (n *network) listen() *listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	// Nothing listens at this address: if a sink dials past the network, its test fails.
	addr := &net.TCPAddr{IP: net.IPv4(127, 255, 255, 254), Port: len(n.servers) + 1}
	l := &listener{addr: addr, accepted: make(chan net.Conn), closed: make(chan struct{})}
	n.servers[addr.String()] = l
	return l
}

// dial connects to a listener of the network, or is refused as a closed port refuses.
func (n *network) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	n.mu.Lock()
	l := n.servers[addr]
	n.mu.Unlock()
	if l == nil {
		return nil, refused
	}
	// A pipe blocks in channels, which the bubble's clock understands.
	client, server := net.Pipe()
	select {
	case l.accepted <- server:
		return client, nil
	case <-l.closed:
		return nil, refused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A listener is a net.Listener of a network.
type listener struct {
	addr     net.Addr
	accepted chan net.Conn
	once     sync.Once
	closed   chan struct{}
}

// Accept waits for a connection, or for Close.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepted:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close may be called more than once, as by http.Server.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is the address that sinks are given.
func (l *listener) Addr() net.Addr { return l.addr }
