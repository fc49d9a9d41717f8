package ruleindex

import (
	"cmp"
	"net/netip"
	"sort"
)

// Addrs finds the numbers that were added for an address. The prefixes are cut into ranges that do
// not overlap, sorted by their first address, so that a look-up is one binary search.
type Addrs struct {
	hosts  Hosts         // without hosts: it has the lists, as Found takes them
	added  []addedPrefix // while building
	starts []netip.Addr  // each range ends before the next one's start
	values []list
}

// addedPrefix is what Add has got, in masked form.
type addedPrefix struct {
	prefix netip.Prefix
	order  int // among those that were added
	value  int32
}

// Add adds value for a prefix. The caller has to unmap IPv4-mapped prefixes before.
func (a *Addrs) Add(p netip.Prefix, value int32) {
	a.added = append(a.added, addedPrefix{p.Masked(), len(a.added), value})
}

// Done ends the building. Before it, Find finds nothing.
func (a *Addrs) Done() {
	// Only building needs them.
	added := a.added
	a.added = nil
	// Two prefixes either nest or do not touch. So when they are sorted by start, outer before
	// inner, a stack holds the open ones. slices.SortFunc is 7 KB more.
	sort.Slice(added, func(i, j int) bool {
		x, y := &added[i], &added[j]
		return cmp.Or(x.prefix.Addr().Compare(y.prefix.Addr()), x.prefix.Bits()-y.prefix.Bits(), x.order-y.order) < 0
	})
	type open struct {
		end  netip.Addr // the first address after the prefix; invalid if there is none
		list list
	}
	// stack has the prefixes that hold the present address, the outermost first.
	var stack []open
	// at begins a range. A range that begins at the same address replaces the one before it: it
	// would be empty.
	at := func(start netip.Addr, l list) {
		if n := len(a.starts); n > 0 && a.starts[n-1] == start {
			a.values[n-1] = l
			return
		}
		a.starts = append(a.starts, start)
		a.values = append(a.values, l)
	}
	// top is what holds outside of any prefix that begins later.
	top := func() list {
		if len(stack) == 0 {
			return empty
		}
		return stack[len(stack)-1].list
	}
	// closeUntil ends the prefixes that end at or before next. An invalid next ends all of them.
	// Behind each, what is around it holds again.
	closeUntil := func(next netip.Addr) {
		for len(stack) > 0 {
			end := stack[len(stack)-1].end
			if next.IsValid() && (!end.IsValid() || end.Compare(next) > 0) {
				return
			}
			stack = stack[:len(stack)-1]
			if end.IsValid() {
				at(end, top())
			}
		}
	}
	for _, p := range added {
		closeUntil(p.prefix.Addr())
		// An inner prefix also has what the outer ones have, behind its own.
		l := a.hosts.with(p.value, top())
		stack = append(stack, open{after(p.prefix), l})
		at(p.prefix.Addr(), l)
	}
	closeUntil(netip.Addr{})
	a.hosts.known = nil
}

// after returns the first address after p. After IPv4's last address comes IPv6's first.
func after(p netip.Prefix) netip.Addr {
	// All bits behind the prefix are set: that is the last address of it.
	last := p.Addr().AsSlice()
	for i := p.Bits(); i < len(last)*8; i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	addr, _ := netip.AddrFromSlice(last)
	next := addr.Next()
	// Without this, a range up to 255.255.255.255 would never end in the common order.
	if !next.IsValid() && addr.Is4() {
		return netip.IPv6Unspecified()
	}
	return next
}

// Find looks addr up. Numbers of inner prefixes come first.
func (a *Addrs) Find(addr netip.Addr) Found {
	// The last range that begins at or before addr is the one. slices.BinarySearchFunc would move
	// addr, and whatever holds it, to the heap.
	low, high := 0, len(a.starts)
	for low < high {
		if mid := (low + high) / 2; a.starts[mid].Compare(addr) <= 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	f := Found{hosts: &a.hosts, next: empty, at: place{dot: -1}}
	if low > 0 {
		f.next = a.values[low-1]
	}
	return f
}

// Len returns how many ranges the index has.
func (a *Addrs) Len() int { return len(a.starts) }
