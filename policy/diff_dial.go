package policy

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/outguard/outguard/internal/pattern"
)

// A call to a name is judged once more when the name has been resolved, by the address. What rules
// say of an address does not depend on the name, so one call to a name of each pair of verdicts is
// enough.

// A named is a call to a name, as two policies judge it.
type named struct {
	tried    tried
	old, new Decision
}

// namedKey is what makes two calls to names equal here.
type namedKey struct {
	old, new Verdict
	port     int
}

// note keeps a call to a name for each pair of verdicts and port.
func (c *comparison) note(t *tried, old, new *Decision) {
	if c.named == nil || t.literal {
		return
	}
	// The port counts, because net: rules have ports.
	key := namedKey{old.Verdict, new.Verdict, portOf(&t.Call)}
	if _, ok := c.named[key]; !ok {
		c.named[key] = named{*t, *old, *new}
	}
}

// portOf returns the port that a call connects to.
func portOf(c *Call) int {
	// An AWS call goes to 443.
	text := "443"
	switch {
	case c.HTTP != nil:
		if text = c.HTTP.URL.Port(); text == "" {
			return pattern.SchemePort(c.HTTP.URL.Scheme)
		}
	case c.Net != "":
		_, text, _ = net.SplitHostPort(c.Net)
	}
	port, _ := strconv.Atoi(text)
	return port
}

// dialed is the connection of a call to a name, when the name has been resolved. The name does not
// matter: no rule names it, and only the address is judged.
func dialed(to netip.Addr, port int, by caller) Call {
	return Call{Net: fmt.Sprintf("a-name.example:%d", port), Addr: netip.AddrPortFrom(to, uint16(port)).String(), Via: ViaAddr, Caller: by.find()}
}

// calledNames returns the calls that note has kept, in a fixed order. A map has no order, and
// changes are listed in the same order each time.
func (c *comparison) calledNames() (all []namedKey) {
	return slices.SortedFunc(maps.Keys(c.named), func(a, b namedKey) int {
		return cmp.Or(cmp.Compare(a.port, b.port), cmp.Compare(a.old, b.old), cmp.Compare(a.new, b.new))
	})
}

// dial compares what is said of the addresses that names may resolve to.
func (c *comparison) dial(s *space) {
	for _, key := range c.calledNames() {
		for _, addr := range s.resolvable() {
			for _, by := range c.callers {
				// Each judgment counts against the limit, as in try.
				if c.left--; c.left < 0 {
					c.exact = false
					return
				}
				call := dialed(addr, key.port, by)
				old, new := c.old.Decide(call), c.new.Decide(call)
				if old.Verdict != new.Verdict {
					c.resolved(c.named[key], addr, &old, &new)
				}
			}
		}
	}
}

// resolved keeps a change of a call whose name resolves to an address. Of the verdicts on the call
// and on the address, the stricter holds.
func (c *comparison) resolved(n named, at netip.Addr, old, new *Decision) {
	before, after := &n.old, &n.new
	if old.Verdict < before.Verdict {
		before = old
	}
	if new.Verdict < after.Verdict {
		after = new
	}
	if before.Verdict == after.Verdict {
		return
	}
	key := sides{decidingOf(before), decidingOf(after), "dial"}
	// A change of on_violation: alone would be listed once for each address.
	if c.found[key] || byMode(before) && byMode(after) && c.has(before.Verdict, after.Verdict) {
		return
	}
	c.found[key] = true
	change := Change{Old: c.old.side(before, key.old), New: c.new.side(after, key.new), Call: n.tried.Call, Addr: at, Sent: n.tried.sent.request}
	change.Text, change.Where = n.tried.describe(c.old, c.new)
	change.Where = joined(change.Where, "if the name resolves to "+at.String())
	c.changes = append(c.changes, change)
}

// byMode reports whether the built-in rule about names that resolve to this machine decided, or
// nothing. A change between such is one of on_violation:, which other calls also show.
func byMode(d *Decision) bool { return d.Rule == &localRule || d.List != Blacklist }

// has reports whether some call changes from one verdict to another.
func (c *comparison) has(old, new Verdict) bool {
	return slices.ContainsFunc(c.changes, func(d Change) bool { return d.Old.Verdict == old && d.New.Verdict == new })
}

// resolvable returns one of each kind of address that a name may resolve to: those that rules
// distinguish, and those of this machine and link.
func (s *space) resolvable() []netip.Addr {
	// Addresses of this machine and link have a built-in rule, so that each form of them is tried.
	all := slices.Collect(maps.Keys(s.addrs))
	for _, local := range [...]string{"127.0.0.1", "169.254.7.7", "0.0.0.0", "::1", "fe80::7", "::"} {
		all = append(all, netip.MustParseAddr(local))
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}
