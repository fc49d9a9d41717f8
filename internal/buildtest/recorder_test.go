package buildtest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A recorder is a destination on loopback that counts what reaches it: requests, bytes of a stream,
// datagrams.
type recorder struct {
	target string
	got    atomic.Int64
	last   atomic.Pointer[string] // path of the last request
}

// recorders are one destination for each kind of way.
type recorders struct{ http, tls, stream, datagram, unix *recorder }

func newRecorders(t *testing.T) *recorders {
	return &recorders{http: web(t, false), tls: web(t, true), stream: stream(t, "tcp"), datagram: datagram(t), unix: stream(t, "unix")}
}

func web(t *testing.T, secure bool) *recorder {
	r := new(recorder)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		path := req.URL.Path
		r.last.Store(&path)
		r.got.Add(1)
		_, _ = w.Write([]byte(`<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`))
	}))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	if secure {
		s.Config.Protocols.SetHTTP2(true)
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Config.Protocols.SetUnencryptedHTTP2(true)
		s.Start()
	}
	t.Cleanup(s.Close)
	r.target = s.Listener.Addr().String()
	return r
}

func stream(t *testing.T, network string) *recorder {
	r := new(recorder)
	address := "127.0.0.1:0"
	if network == "unix" {
		dir, err := os.MkdirTemp("", "s") // t.TempDir is too long for a socket's path
		require.NoError(t, err)
		t.Cleanup(func() { os.RemoveAll(dir) })
		address = filepath.Join(dir, "s")
	}
	l, err := net.Listen(network, address)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(time.Minute))
				buf := make([]byte, 64)
				for {
					n, err := c.Read(buf)
					r.got.Add(int64(n))
					if err != nil {
						return
					}
				}
			}()
		}
	}()
	r.target = l.Addr().String()
	return r
}

func datagram(t *testing.T) *recorder {
	r := new(recorder)
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	go func() {
		for buf := make([]byte, 64); ; {
			n, _, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			r.got.Add(int64(n))
		}
	}()
	r.target = c.LocalAddr().String()
	return r
}
