package netguard

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// nowhere is a connection to nobody, for the self-tests. What is written is noted, and then the
// other side has hung up.
type nowhere struct {
	written atomic.Bool
	ended   chan struct{}
	end     sync.Once
}

func newNowhere() *nowhere { return &nowhere{ended: make(chan struct{})} }

// Read waits until something was written, or until Close, as a server that does not speak first.
func (c *nowhere) Read([]byte) (int, error) {
	<-c.ended
	return 0, io.EOF
}

// Write notes that something was written, and hangs up. On a connection that was closed before, it
// notes nothing: that is how a refusal shows.
func (c *nowhere) Write(b []byte) (int, error) {
	select {
	case <-c.ended:
		return 0, net.ErrClosed
	default:
	}
	c.written.Store(true)
	return len(b), c.Close()
}

// Close may be called several times, because net/http and gotConn both close a refused connection.
func (c *nowhere) Close() error {
	c.end.Do(func() { close(c.ended) })
	return nil
}

func (*nowhere) LocalAddr() net.Addr              { return nowhereAddr{} }
func (*nowhere) RemoteAddr() net.Addr             { return nowhereAddr{} }
func (*nowhere) SetDeadline(time.Time) error      { return nil }
func (*nowhere) SetReadDeadline(time.Time) error  { return nil }
func (*nowhere) SetWriteDeadline(time.Time) error { return nil }

// nowhereAddr is not a TCP address, so that judgeAddr does not judge it.
type nowhereAddr struct{}

func (nowhereAddr) Network() string { return "nowhere" }
func (nowhereAddr) String() string  { return "nowhere" }

// packetNowhere is a nowhere that package net takes for a packet connection.
type packetNowhere struct{ *nowhere }

func (packetNowhere) ReadFrom([]byte) (int, net.Addr, error) { return 0, nil, net.ErrClosed }
func (packetNowhere) WriteTo([]byte, net.Addr) (int, error)  { return 0, net.ErrClosed }
