package netguard

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

// A dnsServer is a DNS server on loopback, over UDP and TCP.
type dnsServer struct {
	udp net.PacketConn
	tcp net.Listener

	records  map[string][]string // name → addresses; "*" for every other name
	truncate atomic.Bool         // over UDP

	mu    sync.Mutex
	asked []string // "name TYPE"
	conns []string // networks over which it was asked
}

func newDNS(t testing.TB, records map[string][]string) *dnsServer {
	t.Helper()
	s := &dnsServer{records: records}
	var err error
	s.tcp, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.udp, err = net.ListenPacket("udp", s.tcp.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() {
		s.tcp.Close()
		s.udp.Close()
	})
	go s.serveUDP()
	go s.serveTCP()
	return s
}

// everywhere is a server for which every name is 127.0.0.1.
func everywhere(t testing.TB) *dnsServer {
	return newDNS(t, map[string][]string{"*": {"127.0.0.1"}})
}

func (s *dnsServer) addr() string { return s.tcp.Addr().String() }

// dial is the Dial of a resolver that asks this server.
func (s *dnsServer) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, s.addr())
}

func (s *dnsServer) resolver() *net.Resolver { return &net.Resolver{PreferGo: true, Dial: s.dial} }

// queries returns what was asked, as "name TYPE", and forgets it.
func (s *dnsServer) queries() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := append([]string{}, s.asked...)
	s.asked = nil
	return out
}

// networks returns how it was asked.
func (s *dnsServer) networks() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.conns)
}

func (s *dnsServer) serveUDP() {
	buf := make([]byte, 1500)
	for {
		n, from, err := s.udp.ReadFrom(buf)
		if err != nil {
			return
		}
		if reply, err := s.reply(buf[:n], "udp"); err == nil {
			_, _ = s.udp.WriteTo(reply, from)
		}
	}
}

func (s *dnsServer) serveTCP() {
	for {
		conn, err := s.tcp.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			var length [2]byte
			if _, err := io.ReadFull(conn, length[:]); err != nil {
				return
			}
			message := make([]byte, binary.BigEndian.Uint16(length[:]))
			if _, err := io.ReadFull(conn, message); err != nil {
				return
			}
			reply, err := s.reply(message, "tcp")
			if err != nil {
				return
			}
			reply = append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)
			for _, part := range [][]byte{reply[:1], reply[1:20], reply[20:]} { // as TCP may
				if _, err := conn.Write(part); err != nil {
					return
				}
			}
		}()
	}
}

func (s *dnsServer) reply(message []byte, network string) ([]byte, error) {
	var p dnsmessage.Parser
	h, err := p.Start(message)
	if err != nil {
		return nil, err
	}
	q, err := p.Question()
	if err != nil {
		return nil, err
	}
	name := canonical(q.Name.String())
	s.mu.Lock()
	s.asked = append(s.asked, name+" "+strings.TrimPrefix(q.Type.String(), "Type"))
	s.conns = append(s.conns, network)
	s.mu.Unlock()

	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: h.ID, Response: true, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q},
	}
	records, ok := s.records[name]
	if !ok {
		records, ok = s.records["*"]
	}
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
		return m.Pack()
	}
	if m.Truncated = s.truncate.Load() && network == "udp"; m.Truncated {
		return m.Pack()
	}
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}
	add := func(body dnsmessage.ResourceBody) {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: body})
	}
	target := dnsmessage.MustNewName("target.test.")
	switch q.Type {
	case dnsmessage.TypeA, dnsmessage.TypeAAAA:
		for _, r := range records {
			a, err := netip.ParseAddr(r)
			if err != nil {
				add(&dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(r + ".")})
				header.Name = dnsmessage.MustNewName(r + ".")
			} else if a.Is4() && q.Type == dnsmessage.TypeA {
				add(&dnsmessage.AResource{A: a.As4()})
			} else if a.Is6() && q.Type == dnsmessage.TypeAAAA {
				add(&dnsmessage.AAAAResource{AAAA: a.As16()})
			}
		}
	case dnsmessage.TypeSRV:
		add(&dnsmessage.SRVResource{Priority: 1, Weight: 1, Port: 5432, Target: target})
	case dnsmessage.TypeTXT:
		add(&dnsmessage.TXTResource{TXT: []string{"text"}})
	case dnsmessage.TypePTR:
		add(&dnsmessage.PTRResource{PTR: target})
	case dnsmessage.TypeMX:
		add(&dnsmessage.MXResource{Pref: 1, MX: target})
	case dnsmessage.TypeNS:
		add(&dnsmessage.NSResource{NS: target})
	}
	return m.Pack()
}
