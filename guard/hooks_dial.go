package guard

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/outguard/outguard/internal/buildhooks"
	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/dnsnames"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/internal/sinkmark"
	"github.com/outguard/outguard/internal/unjudged"
	"github.com/outguard/outguard/netguard"
	"github.com/outguard/outguard/policy"
)

// hookedDial judges a dial by what was asked for, before a name is looked up. The context it
// returns holds the mark for hookedConnect.
func hookedDial(ctx context.Context, network, address string) (context.Context, error) {
	if !isInternet(network) {
		return ctx, nil // hookedConnect reports Unix sockets, and net refuses what it does not know
	}
	// A dial inside a dial, such as that of a dialer for each address family, repeats what the
	// outer one has asked.
	if above, ok := judged.AskedFrom(ctx); ok && above.Address == address || sinkmark.Is(ctx) {
		return ctx, nil
	}
	// A request that a transport has judged dials its own host; only a dial to another address is a
	// call of its own.
	if !judged.From(ctx).JudgedDial(hooked{}, address) {
		if err := checkAddress(ctx, address); err != nil {
			return ctx, err
		}
	}
	ctx = judged.WithDial(ctx, hooked{}, address) // for the layer of names
	return judged.WithAsked(ctx, judged.Asked{Address: address}), nil
}

// hookedConnect judges the address that a dial connects to: ip: rules and local-address. A dial
// that asked for an address, by net.DialTCP and the like, is judged here as a whole.
func hookedConnect(ctx context.Context, network, address string) error {
	if unjudged.IsUnix(network) {
		unjudged.Report(ctx, unjudged.Unix, address)
		return nil
	}
	if sinkmark.Is(ctx) {
		return nil
	}
	// Whole stands for the Runtime API and the system's name servers: no address rule is about
	// them.
	above, ok := judged.AskedFrom(ctx)
	if ok && above.Whole && above.Address == address {
		return nil
	}
	if !ok || above.Whole {
		// Sorting the addresses of a name by RFC 6724 connects a UDP socket to each. No packet
		// leaves.
		if strings.HasPrefix(network, "udp") && testsRoute() {
			return nil
		}
		if err := checkAddress(ctx, address); err != nil {
			return err
		}
		above.Address = withPort(address)
	}
	return hooked{}.Check(ctx, policy.Call{Net: above.Address, Addr: withPort(address), Via: policy.ViaAddr})
}

// hookedNameserver lets the resolver reach the server that the system's configuration names, and
// nothing else.
func hookedNameserver(ctx context.Context, server string) context.Context {
	return judged.WithAsked(ctx, judged.Asked{Address: server, Whole: true})
}

// hookedAsk judges the questions that a resolver asks one of the system's name servers, by the
// layer of names. Other servers are judged as a dial: no rule is about what they are asked.
func hookedAsk(ctx context.Context, conn net.Conn, own bool) net.Conn {
	if sinkmark.Is(ctx) || own && !netguard.IsNameserver(conn.RemoteAddr()) {
		return conn
	}
	var all []netguard.Guard
	for _, g := range hookedGuards() {
		if g.layers.byName {
			all = append(all, g)
		}
	}
	return netguard.Watch(ctx, conn, all...)
}

// hookedPreferGo reports whether the layer of names is on, which sees Go's own resolver only. It
// does not load a guard, because loading one may look names up.
func hookedPreferGo() bool {
	byDefault.once.Do(func() {
		l := newLayers((*Options)(nil).withDefaults())
		byDefault.names = l.byName
	})
	return byDefault.names || slices.ContainsFunc(guards(), func(g *Guard) bool { return g.layers.byName })
}

// byDefault says whether a guard without options has the layer of names.
var byDefault struct {
	once  sync.Once
	names bool
}

// hookedSend judges the address of a system call that package net did not make.
func hookedSend(to any) error {
	address, kind := buildhooks.Address(to)
	ctx := context.Background()
	switch kind {
	case buildhooks.Internet:
		if err := checkAddress(ctx, address); err != nil {
			return err
		}
		return hooked{}.Check(ctx, policy.Call{Net: address, Addr: address, Via: policy.ViaAddr})
	case buildhooks.Unix:
		unjudged.Report(ctx, unjudged.Unix, address)
		return nil
	case buildhooks.Local:
		return nil
	}
	return hooked{}.Check(ctx, policy.Call{Net: address, Via: policy.ViaDial}) // it does not parse, which is a violation
}

// checkAddress judges a call by name or address, and port. Database drivers look a name up and dial
// the address, so the names that the address was learned for count too.
func checkAddress(ctx context.Context, address string) error {
	call := policy.Call{Net: withPort(address), Via: policy.ViaDial}
	if to, err := netip.ParseAddrPort(call.Net); err == nil {
		for _, name := range dnsnames.Process.Names(to.Addr().WithZone("").Unmap()) {
			call.Names = append(call.Names, net.JoinHostPort(name, strconv.Itoa(int(to.Port()))))
		}
	}
	return hooked{}.Check(ctx, call)
}

// hookedResolved learns which addresses a name has come to.
func hookedResolved(name string, addresses []string) {
	host, _, _, err := canon.HostPort(strings.TrimSuffix(name, "."))
	if err != nil || host == "" {
		return // an address
	}
	for _, text := range addresses {
		if a, err := netip.ParseAddr(text); err == nil {
			dnsnames.Process.Learn(host, a)
		}
	}
}

// withPort gives an address of a network without ports, such as "ip4:icmp", the port 0.
func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err != nil && net.ParseIP(address) != nil {
		return net.JoinHostPort(address, "0")
	}
	return address
}

func isInternet(network string) bool {
	return strings.HasPrefix(network, "tcp") || strings.HasPrefix(network, "udp") || strings.HasPrefix(network, "ip")
}

// testsRoute reports whether package net only tests which of its own addresses it would use: it
// connects a datagram socket and sends nothing.
func testsRoute() bool {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function == "net.srcAddrs" {
			return true
		}
		if !more {
			return false
		}
	}
}
