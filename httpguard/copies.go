package httpguard

import (
	"net"
	"strconv"
	"sync"

	"github.com/outguard/outguard/internal/canon"
)

// copies is what a shell knows of the copies that others have made of its transport.
type copies struct {
	mu    sync.Mutex
	known map[string]bool // "host:port" that a judged request went to, in canonical form → by TLS

	unseen bool // a copy has dialed for a request that its Proxy was not asked about
	http2  bool // a copy has dialed for a request by TLS, and may speak HTTP/2
}

// maxKnown bounds what is known. Beyond it all is forgotten, and judged once more.
const maxKnown = 1024

// judged notes that a request to addr has been judged as a whole: a dial of addr, by partial sight,
// cannot be a violation then.
func (c *copies) judged(addr string, byTLS bool) {
	addr = canonical(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxKnown {
		c.known = map[string]bool{}
	}
	c.known[addr] = c.known[addr] || byTLS
}

// has reports whether a request to addr has been judged.
func (c *copies) has(addr string) bool {
	addr = canonical(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.known[addr]
	return ok
}

// dialed notes a dial of a copy.
func (c *copies) dialed(addr string) {
	addr = canonical(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	byTLS, ok := c.known[addr]
	c.unseen, c.http2 = c.unseen || !ok, c.http2 || byTLS
}

func (c *copies) gaps() (gaps []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unseen {
		gaps = append(gaps, "a copy of http.DefaultTransport that has set Proxy is in use: what it sends is judged by host and port alone")
	}
	if c.http2 {
		gaps = append(gaps, "a copy of http.DefaultTransport is in use by TLS: if it speaks HTTP/2, requests on an open connection are not judged")
	}
	return gaps
}

// canonical returns "host:port" in canonical form, for a dial of addr.
func canonical(addr string) string {
	host, ip, port, err := canon.HostPort(addr)
	if err != nil {
		return addr
	}
	if ip.IsValid() {
		host = ip.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}
