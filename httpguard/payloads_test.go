package httpguard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/policy"
)

// This file sends SSRF payloads: URLs and hosts that are written so that checks and clients read
// them differently. None may get past a policy.
//
// The payloads are made here. Public lists are read from the folder in $PAYLOADS, one payload a
// line in files *.txt:
//
//	PAYLOADS=/tmp/lists go test ./httpguard -run TestPayloads -v

// spellings are ways to write an IPv4 address.
func spellings(a, b, c, d int) (list []string) {
	n := a<<24 | b<<16 | c<<8 | d
	for _, f := range []string{
		"%d.%d.%d.%d", "0x%x.0x%x.0x%x.0x%x", "0X%X.0X%X.0X%X.0X%X", "0%o.0%o.0%o.0%o", "000%o.00%o.0%o.00%o",
		"[::ffff:%d.%d.%d.%d]", "[::%d.%d.%d.%d]", "[64:ff9b::%d.%d.%d.%d]", "[::ffff:0:%d.%d.%d.%d]", "%d.%d.%d.%d.", "%d。%d．%d｡%d",
		"%d.%d.%d.%d.nip.io", "allowed.example.%d.%d.%d.%d", "%d.%d.%d.%d%%00allowed.example",
	} {
		list = append(list, fmt.Sprintf(f, a, b, c, d))
	}
	for _, f := range []string{"%d", "0x%x", "0%o", "0x00000000%x", "[::%x]", "[64:ff9b::%x]"} {
		list = append(list, fmt.Sprintf(f, n))
	}
	for _, f := range []string{"[::ffff:%04x:%04x]", "[2002:%04x:%04x::]", "[64:ff9b::%04x:%04x]", "[fe80::5efe:%04x:%04x]", "[::%x:%x%%25eth0]"} {
		list = append(list, fmt.Sprintf(f, n>>16, n&0xffff))
	}
	list = append(list,
		fmt.Sprintf("%d.%d.%d", a, b, c<<8|d), fmt.Sprintf("%d.%d", a, n&0xffffff), fmt.Sprintf("0x%x.%d.0%o", a, b, c<<8|d),
		fmt.Sprintf("%d.%d.%d.%d", a+256, b+256, c, d), fmt.Sprintf("%d", n+1<<32))
	dotted := fmt.Sprintf("%d.%d.%d.%d", a, b, c, d)
	for _, zero := range []rune{'０', '𝟎', '𝟘', '𝟢', '𝟬', '𝟶', '₀'} {
		list = append(list, strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return zero + r - '0'
			}
			return r
		}, dotted))
	}
	return append(list, strings.NewReplacer("0", "⓪", "1", "①", "2", "②", "5", "⑤", "6", "⑥", "7", "⑦", "9", "⑨").Replace(dotted))
}

// disguises are ways to write a host so that another seems to be called.
var disguises = []string{
	"http://%s/", "%s", "//%s/", `\\%s\`, "http:%s", "http:///%s", "http://%s:80/", "http://%s:/", "http://%s:0080/x", "HTTP://%s", "http://%s?@allowed.example/",
	"http://%s#@allowed.example/", "http://allowed.example@%s/", "http://allowed.example:80@%s/", "http://allowed.example:80+&@%s#+@allowed.example/",
	`http://allowed.example\@%s/`, `http://%s\@allowed.example/`, "http://%s:80+&@allowed.example#+@allowed.example/", "http://allowed.example%%2f@%s/",
	"http://allowed.example%%00@%s/", "http://%s%%2509allowed.example/", "http://%s%%20allowed.example/", "http://%s;@allowed.example/", "http://%s,allowed.example/",
	"http://allowed.example%%23@%s/", "http://allowed.example@@%s/", "http://@@%s@allowed.example/", "http://allowed.example:@%s:80/", "http://allowed.example/..//%s/",
	"/\\%s", "http:/%s", "https:%s", "http://\t%s/", "http://%s\r\nHost: allowed.example/", "//allowed.example\\@%s", "http://[allowed.example]@%s/", "http://*%s/", "http://%s*/",
}

func ownPayloads() (list []string) {
	hosts := []string{
		"localhost", "LOCALHOST", "localhost.", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "local\u00adhost", "", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "0", "127.1", "[fd00:ec2::254]", "[fe80::1%25eth0]",
		"metadata.google.internal", "evil.example", "evil。example", "allowed.example.evil.example", "evil.example.", "xn--allowed-example",
		"allowed.exampleevil", "аllowed.example", "allowed.example%2eevil", "allowed.example:80.evil.example", "[2001:0:a9fe:a9fe::]",
	}
	for _, a := range [][4]int{{169, 254, 169, 254}, {127, 0, 0, 1}, {10, 20, 30, 40}} {
		hosts = append(hosts, spellings(a[0], a[1], a[2], a[3])...)
	}
	stride := corpustest.Sample(7, 1)
	for i, h := range hosts {
		for j, d := range disguises {
			if (i+j)%stride == 0 {
				list = append(list, fmt.Sprintf(d, h))
			}
		}
	}
	return list
}

// payloadRequests are the requests that code could make of a payload: of a URL, of a redirect's
// Location, of a host, by hand, and with the payload as the target.
func payloadRequests(payload string) (list []*http.Request) {
	add := func(u *url.URL, err error) {
		if err != nil {
			return
		}
		r := &http.Request{Method: "GET", URL: u, Header: http.Header{}}
		list = append(list, r)
		if named, err := http.NewRequest("GET", u.String(), nil); err == nil {
			list = append(list, named)
		}
	}
	base := &url.URL{Scheme: "http", Host: "allowed.example", Path: "/v1/x"}
	add(url.Parse(payload))
	add(base.Parse(payload))
	add(url.Parse("http://" + payload))
	_, rest, ok := strings.Cut(payload, "://")
	if !ok {
		rest = strings.TrimLeft(payload, `/\`)
	}
	authority, path, _ := strings.Cut(rest, "/")
	add(&url.URL{Scheme: "http", Host: authority, Path: "/" + path}, nil)
	add(&url.URL{Scheme: "http", Host: "allowed.example", Opaque: "//" + rest}, nil)
	add(&url.URL{Scheme: "http", Host: "allowed.example", Opaque: payload}, nil)
	list = append(list, &http.Request{Method: "GET", URL: base, Host: authority, Header: http.Header{}})
	return list
}

// An internet has no machines. It keeps what would have been sent, and where to.
type internet struct {
	mu   sync.Mutex
	sent []sentTo
}

type sentTo struct {
	host string // as dialed
	addr netip.Addr
	text string
}

// dial resolves the allowed host to a public address, and every other name to that of the instance
// metadata.
func (n *internet) dial(_ context.Context, _, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	to := netip.MustParseAddr("169.254.169.254")
	if host == "allowed.example" {
		to = netip.MustParseAddr("203.0.113.10")
	} else if a, err := netip.ParseAddr(host); err == nil {
		to = a
	}
	c, s := net.Pipe()
	go func() {
		defer s.Close()
		var head [4096]byte
		k, _ := s.Read(head[:])
		if k == 0 {
			return
		}
		n.mu.Lock()
		n.sent = append(n.sent, sentTo{host, to, string(head[:k])})
		n.mu.Unlock()
		_, _ = io.WriteString(s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	}()
	return pipeTo{c, &net.TCPAddr{IP: to.AsSlice(), Port: 80}}, nil
}

type pipeTo struct {
	net.Conn
	remote net.Addr
}

func (p pipeTo) RemoteAddr() net.Addr { return p.remote }

// internal reports whether an address, or an IPv4 address in it, is one that no payload may reach.
func internal(a netip.Addr) bool {
	list := []netip.Addr{a.WithZone("").Unmap()}
	if b := a.As16(); a.Is6() {
		switch {
		case b[0] == 0x20 && b[1] == 2:
			list = append(list, netip.AddrFrom4([4]byte(b[2:6])))
		case b[0] == 0x20 && b[1] == 1 && b[2]|b[3] == 0:
			list = append(list, netip.AddrFrom4([4]byte(b[4:8])))
		case [8]byte(b[:8]) == [8]byte{}, b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b, b[10] == 0x5e && b[11] == 0xfe:
			list = append(list, netip.AddrFrom4([4]byte(b[12:16])))
		}
	}
	for _, a := range list {
		if a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified() {
			return true
		}
	}
	return false
}

// namesAllowed reports whether each host that a request names, in its target and in its Host line,
// is the allowed one.
func namesAllowed(text string) bool {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		return false
	}
	host, _, _ := strings.Cut(r.Host, ":")
	return strings.EqualFold(host, "allowed.example") && strings.Count(strings.ToLower(text), "\nhost:") == 1
}

func TestPayloads(t *testing.T) {
	lists := map[string][]string{"made here": ownPayloads()}
	if dir := os.Getenv("PAYLOADS"); dir != "" {
		files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			lists[filepath.Base(file)] = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		}
	}
	for _, c := range []struct {
		name, rules string
		past        func(sentTo) bool
	}{
		{"a whitelist of one host", "whitelist: [{http: ['http://allowed.example:*', 'https://allowed.example:*']}]",
			func(s sentTo) bool { return s.host != "allowed.example" || !namesAllowed(s.text) }},
		{"a blacklist of addresses", "blacklist: [{ip: [loopback, private, link-local]}]",
			func(s sentTo) bool { return internal(s.addr) }},
	} {
		p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+c.rules+"\n"), policy.Env{Function: "f"})
		require.NoError(t, err)
		for list, payloads := range lists {
			n := &internet{}
			tr := &Transport{Guard: byPolicy{p}, Base: &http.Transport{DialContext: n.dial, DisableKeepAlives: true}}
			requests := 0
			var past []string
			for _, payload := range payloads {
				before := len(n.sent)
				for _, r := range payloadRequests(payload) {
					requests++
					resp, err := tr.RoundTrip(r)
					var no *refused
					if err == nil {
						require.NoError(t, resp.Body.Close())
					} else if errors.As(err, &no) {
						continue
					}
				}
				n.mu.Lock()
				for _, s := range n.sent[before:] {
					if c.past(s) {
						past = append(past, fmt.Sprintf("%q → %s %v %q", payload, s.host, s.addr, s.text))
					}
				}
				n.mu.Unlock()
			}
			assert.Empty(t, past[:min(len(past), 10)], "%s: %s", c.name, list)
			t.Logf("%s: %s: %d payloads, %d requests, %d sent, %d past", c.name, list, len(payloads), requests, len(n.sent), len(past))
		}
	}
}
