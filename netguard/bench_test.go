package netguard

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// The hooks alone, in the order in which net/http calls them: what the layer adds to a connection,
// without the connection.
func BenchmarkConnection(b *testing.B) {
	g := newGuard(b, good)
	bare := &policyOnly{g}
	conn := tcpNowhere{newNowhere()}
	for name, run := range map[string]func(t *httptrace.ClientTrace){
		"new": func(t *httptrace.ClientTrace) {
			t.GetConn("good.test:80")
			t.DNSStart(httptrace.DNSStartInfo{Host: "good.test"})
			t.DNSDone(httptrace.DNSDoneInfo{Addrs: []net.IPAddr{{IP: net.IPv4(127, 0, 0, 1)}}})
			t.ConnectStart("tcp", "127.0.0.1:80")
			t.GotConn(httptrace.GotConnInfo{Conn: conn})
		},
		"new, without a look-up": func(t *httptrace.ClientTrace) {
			t.GetConn("good.test:80")
			t.GotConn(httptrace.GotConnInfo{Conn: conn})
		},
		"reused": func(t *httptrace.ClientTrace) {
			t.GetConn("good.test:80")
			t.GotConn(httptrace.GotConnInfo{Conn: conn, Reused: true})
		},
	} {
		b.Run(name, func(b *testing.B) {
			trace := httptrace.ContextClientTrace(Context(context.Background(), bare))
			b.ReportAllocs()
			for b.Loop() {
				run(trace)
			}
		})
	}
	b.Run("judged already", func(b *testing.B) {
		r, err := http.NewRequestWithContext(Context(context.Background(), bare), http.MethodGet, "http://good.test/", nil)
		require.NoError(b, err)
		sent, mark := judged.Clone(r)
		mark.By(bare, true)
		ctx := sent.Context()
		b.ReportAllocs()
		for b.Loop() {
			if httptrace.ContextClientTrace(ctx) != nil {
				b.Fatal("hooks are left")
			}
		}
	})
	b.Run("context", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Context(context.Background(), bare)
		}
	})
}

// A look-up with the layer and without it. The server is on loopback.
func BenchmarkLookup(b *testing.B) {
	for _, guarded := range []bool{false, true} {
		b.Run(map[bool]string{false: "bare", true: "guarded"}[guarded], func(b *testing.B) {
			s := newDNS(b, world)
			setResolver(b, &net.Resolver{PreferGo: true, Dial: s.dial})
			if guarded {
				InstallNames(&policyOnly{newGuard(b, good)})
			}
			for b.Loop() {
				_, err := net.DefaultResolver.LookupIP(context.Background(), "ip4", "good.test")
				require.NoError(b, err)
			}
		})
	}
}

// What the layer of names does to one query and its response, without sending them.
func BenchmarkExchange(b *testing.B) {
	s := &dnsServer{records: world}
	g := &policyOnly{newGuard(b, good)}
	setConf(b, "search corp.test\n")
	query := message(b, dnsmessage.Header{ID: 7}, nil, "good.test.")
	reply, err := s.reply(query, "udp")
	require.NoError(b, err)
	buf := make([]byte, 1232)
	b.ReportAllocs()
	for b.Loop() {
		conn := watch(context.Background(), canned{packetNowhere{newNowhere()}, reply}, []*Names{{g}})
		_, err := conn.Write(query)
		require.NoError(b, err)
		_, err = conn.Read(buf)
		require.NoError(b, err)
	}
}

// policyOnly judges by the policy and records nothing.
type policyOnly struct{ *policyGuard }

func (g *policyOnly) Check(_ context.Context, c policy.Call) error {
	if d := g.policy.Decide(c); !d.Allowed() {
		return &refused{d.Reason}
	}
	return nil
}

// canned is a connection on which every query has the same response.
type canned struct {
	packetNowhere
	reply []byte
}

func (c canned) Write(b []byte) (int, error) { return len(b), nil }
func (c canned) Read(b []byte) (int, error)  { return copy(b, c.reply), nil }

// tcpNowhere is a connection to nobody that has an address.
type tcpNowhere struct{ *nowhere }

func (tcpNowhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }
