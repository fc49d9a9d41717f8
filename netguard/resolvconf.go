package netguard

import (
	"bytes"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// resolvConf is what the process's resolver is configured with.
var resolvConf = confFile{path: "/etc/resolv.conf"}

// A conf is what the layers need to know of resolv.conf.
type conf struct {
	servers []netip.AddrPort
	search  []string // canonical
}

// A confFile is a conf that is read again when the file has changed, as package net does it, at
// most every 5 seconds.
type confFile struct {
	path string

	current atomic.Pointer[conf]
	next    atomic.Int64 // when to look again, in Unix nanoseconds

	mu   sync.Mutex
	text []byte
}

// confInterval is package net's own interval.
const confInterval = 5 * time.Second

// load returns the configuration as it is now. The usual case takes no lock, because each connect
// asks.
func (f *confFile) load() *conf {
	now := time.Now()
	if c := f.current.Load(); c != nil && now.UnixNano() < f.next.Load() {
		return c
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next.Store(now.Add(confInterval).UnixNano())
	text, _ := os.ReadFile(f.path) // without the file, package net has defaults
	if c := f.current.Load(); c != nil && bytes.Equal(text, f.text) {
		return c
	}
	c := parseConf(string(text))
	f.text = text
	f.current.Store(c)
	return c
}

// parseConf reads what package net reads, and has its defaults.
func parseConf(text string) *conf {
	c := new(conf)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ";") || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		// Package net uses the first three servers.
		case "nameserver":
			if addr, err := netip.ParseAddr(fields[1]); err == nil && len(c.servers) < 3 {
				c.servers = append(c.servers, plain(netip.AddrPortFrom(addr, 53)))
			}
		case "domain":
			c.search = suffixes(fields[1:2])
		case "search":
			c.search = suffixes(fields[1:])
		}
	}
	// These are package net's defaults.
	if len(c.servers) == 0 {
		c.servers = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:53"), netip.MustParseAddrPort("[::1]:53")}
	}
	// Without search or domain, the domain of the machine's own name is the suffix.
	if c.search == nil {
		if host, err := os.Hostname(); err == nil {
			if _, domain, ok := strings.Cut(host, "."); ok {
				c.search = suffixes([]string{domain})
			}
		}
	}
	return c
}

// suffixes returns the domains in canonical form, without empty ones such as the root ".". The
// result is not nil.
func suffixes(domains []string) []string {
	all := make([]string, 0, len(domains))
	for _, d := range domains {
		if d = canonical(d); d != "" {
			all = append(all, d)
		}
	}
	return all
}
