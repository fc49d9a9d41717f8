// Package dnsnames knows which names an address belongs to, from the look-ups of the process:
// [Process] is its book. So a dial by address, as database drivers and resolvers of clients make
// it, can be judged by name.
package dnsnames

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// How much is learned: names, addresses of one name, and names of one address.
const (
	maxNames       = 1024
	maxAddrsOfName = 64
	MaxNamesOfAddr = 32
)

// Process is what the names that the process looked up have come to. Like net.DefaultResolver, it
// is the process's.
var Process Book

// A Book knows which names an address belongs to. When it is full, the domain that has most of the
// names loses the one that was looked up or asked for longest ago: a program that looks up names
// without end displaces its own, not those of the database. It may be used by several goroutines at
// once.
type Book struct {
	mu      sync.RWMutex
	byName  map[string]*entry
	byAddr  map[netip.Addr][]*entry
	domains map[string]int // names of each domain
	clock   atomic.Int64
}

// An entry is a name with the addresses that it has come to. The book's lock guards all but used.
type entry struct {
	name   string
	domain string       // the last two labels, which stand for who owns the name
	addrs  []netip.Addr // the newest last
	used   atomic.Int64 // by the book's clock
}

// Learn notes that name has come to addr.
func (b *Book) Learn(name string, addr netip.Addr) {
	// A connect shows 10.0.0.1 where a resolver may have returned ::ffff:10.0.0.1. They are one
	// address.
	addr = addr.WithZone("").Unmap()
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.byName[name]
	if n == nil {
		n = b.add(name)
	}
	n.used.Store(b.clock.Add(1))
	if i := slices.Index(n.addrs, addr); i >= 0 {
		n.addrs = append(slices.Delete(n.addrs, i, i+1), addr)
		return
	}
	if len(n.addrs) == maxAddrsOfName {
		b.forgetAddr(n, n.addrs[0])
		n.addrs = slices.Delete(n.addrs, 0, 1)
	}
	n.addrs = append(n.addrs, addr)
	b.byAddr[addr] = append(b.byAddr[addr], n)
}

// add makes an entry without addresses. It evicts another one if the book is full.
func (b *Book) add(name string) *entry {
	if b.byName == nil {
		b.byName, b.byAddr, b.domains = map[string]*entry{}, map[netip.Addr][]*entry{}, map[string]int{}
	}
	if len(b.byName) >= maxNames {
		b.evict()
	}
	n := &entry{name: name, domain: domainOf(name)}
	b.byName[name] = n
	b.domains[n.domain]++
	return n
}

// evict forgets the name used longest ago, of the domain with most names.
func (b *Book) evict() {
	most := 0
	for _, n := range b.domains {
		most = max(most, n)
	}
	// Wildcard DNS gives a program any number of names below one domain. They displace each other
	// first.
	var oldest *entry
	for _, n := range b.byName {
		if b.domains[n.domain] == most && (oldest == nil || n.used.Load() < oldest.used.Load()) {
			oldest = n
		}
	}
	for _, addr := range oldest.addrs {
		b.forgetAddr(oldest, addr)
	}
	delete(b.byName, oldest.name)
	if b.domains[oldest.domain]--; b.domains[oldest.domain] == 0 {
		delete(b.domains, oldest.domain)
	}
}

// forgetAddr takes n out of the names of addr. It leaves n.addrs as it is.
func (b *Book) forgetAddr(n *entry, addr netip.Addr) {
	left := slices.DeleteFunc(b.byAddr[addr], func(other *entry) bool { return other == n })
	if len(left) == 0 {
		delete(b.byAddr, addr)
	} else {
		b.byAddr[addr] = left
	}
}

// Names returns the names that addr belongs to, the one used last first, and at most MaxNamesOfAddr
// of them.
func (b *Book) Names(addr netip.Addr) []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	found := slices.Clone(b.byAddr[addr])
	used := make(map[*entry]int64, len(found)) // read once: others may use a name meanwhile
	for _, n := range found {
		used[n] = n.used.Load()
	}
	slices.SortFunc(found, func(x, y *entry) int { return int(used[y] - used[x]) })
	found = found[:min(len(found), MaxNamesOfAddr)]
	names := make([]string, len(found))
	// The clock runs on with each name. So the loop starts at the one used longest ago, which keeps
	// the order.
	for i, n := range slices.Backward(found) {
		names[i] = n.name
		n.used.Store(b.clock.Add(1))
	}
	return names
}

// Has reports whether a name has come to addr.
func (b *Book) Has(addr netip.Addr) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.byAddr[addr]) > 0
}

// Forget empties the book. It is for tests.
func (b *Book) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byName, b.byAddr, b.domains = nil, nil, nil
}

// domainOf returns the last two labels of name.
func domainOf(name string) string {
	last := strings.LastIndexByte(name, '.')
	// A name without a dot, such as "localhost", is a domain of its own.
	if last < 0 {
		return name
	}
	return name[strings.LastIndexByte(name[:last], '.')+1:]
}
