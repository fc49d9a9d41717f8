package netguard

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/dnsnames"
	"github.com/outguard/outguard/internal/unjudged"
	"github.com/outguard/outguard/policy"
)

// dnsStart notes which host the goroutine looks up, because dnsDone is not given it.
func (h *handler) dnsStart(info httptrace.DNSStartInfo) { h.lookups.start(canonical(info.Host)) }

// dnsDone notes which host the addresses belong to. So a connect, which shows its address alone, is
// judged by name.
func (h *handler) dnsDone(info httptrace.DNSDoneInfo) {
	host := h.lookups.done()
	if host == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range info.Addrs {
		addr, ok := netip.AddrFromSlice(a.IP)
		if !ok {
			continue
		}
		if h.addrs == nil || len(h.addrs) >= maxKnown {
			h.addrs = map[netip.Addr][]string{}
		}
		// net gives IPv4 addresses in 16 bytes, and a connect has 4.
		addr = addr.Unmap()
		if hosts := h.addrs[addr]; !slices.Contains(hosts, host) && len(hosts) < dnsnames.MaxNamesOfAddr {
			h.addrs[addr] = append(hosts, host)
		}
	}
}

// hostsOf returns the names that addr is known by in this context, and those that the process has
// learned.
func (h *handler) hostsOf(addr netip.Addr) (here, elsewhere []string) {
	h.mu.Lock()
	here = slices.Clone(h.addrs[addr])
	h.mu.Unlock()
	return here, dnsnames.Process.Names(addr)
}

// connectStart reports a dial that getConn has not judged, for example of a net.Dialer. It has no
// connection to close and no way to return an error. It runs for every dial that carries the
// context, those of net/http's transports included.
func (h *handler) connectStart(network, address string) {
	if unjudged.IsUnix(network) {
		h.reportUnix(address)
		return
	}
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return
	}
	addr = plain(addr)
	if slices.Contains(resolvConf.load().servers, addr) {
		return // a look-up, whose name the layer of names judges
	}
	here, elsewhere := h.hostsOf(addr.Addr())
	all := append(withPort(here, addr.Port()), withPort(elsewhere, addr.Port())...)
	if len(here) == 0 { // it may have been asked for by its address
		all = append(all, addr.String())
	}
	// The connection is that of a request that getConn has judged.
	if slices.ContainsFunc(all, h.knows) {
		return
	}
	// A name of /etc/hosts causes no query. Looked up without this context, no table has it.
	if len(here)+len(elsewhere) == 0 {
		all = append(all, withPort(hostsFile(addr.Addr()), addr.Port())...)
	}
	_ = check(h.Context, h.guard, policy.Call{Net: all[0], Names: all[1:], Via: policy.ViaConnect})
}

// reportUnix reports a connection to a Unix socket, once in this context: the dial and the request
// that it is for both see it, on goroutines of their own.
func (h *handler) reportUnix(path string) {
	h.mu.Lock()
	_, again := h.unix[path]
	if h.unix == nil || len(h.unix) >= maxKnown {
		h.unix = map[string]struct{}{}
	}
	h.unix[path] = struct{}{}
	h.mu.Unlock()
	if !again {
		unjudged.Report(h.Context, unjudged.Unix, path)
	}
}

// hostsFile returns the names that /etc/hosts has for addr. No packet leaves.
func hostsFile(addr netip.Addr) []string {
	r := net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("the hosts file only")
	}}
	names, _ := r.LookupAddr(context.Background(), addr.String())
	for i, name := range names {
		names[i] = canonical(name)
	}
	return names
}

// canonical is a name as the policy has it: lower case, without the trailing dot.
func canonical(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// withPort returns each name as "host:port". The result has room for one more.
func withPort(names []string, port uint16) []string {
	all := make([]string, 0, len(names)+1)
	for _, name := range names {
		all = append(all, net.JoinHostPort(name, strconv.Itoa(int(port))))
	}
	return all
}
