package netguard

import (
	"net"
	"net/netip"
	"testing"

	"github.com/outguard/outguard/internal/dnsnames"
)

// setResolver makes r the process's resolver, without the layer of names, until the test ends.
func setResolver(t testing.TB, r *net.Resolver) {
	before := net.DefaultResolver
	reset := func(r *net.Resolver) {
		installing.Lock()
		defer installing.Unlock()
		net.DefaultResolver = r
		hooked = nil
		joined.Store(nil)
		dnsnames.Process.Forget()
	}
	reset(r)
	t.Cleanup(func() { reset(before) })
}

func parseAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

// setConf makes text the resolv.conf of the layer until the test ends. Package net has its own.
func setConf(t testing.TB, text string) {
	before := resolvConf.current.Load()
	next := resolvConf.next.Load()
	resolvConf.current.Store(parseConf(text))
	resolvConf.next.Store(1 << 62)
	t.Cleanup(func() {
		resolvConf.current.Store(before)
		resolvConf.next.Store(next)
	})
}
