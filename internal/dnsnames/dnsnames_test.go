package dnsnames

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnAddressKnowsItsNames(t *testing.T) {
	var b Book
	one, two := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("2001:db8::1")
	assert.Empty(t, b.Names(one))
	b.Learn("a.test", one)
	b.Learn("b.test", one)
	b.Learn("a.test", two)
	b.Learn("a.test", two)
	assert.Equal(t, []string{"a.test", "b.test"}, b.Names(one), "the name used last comes first")
	assert.Equal(t, []string{"a.test"}, b.Names(two))
	assert.Equal(t, []string{"a.test", "b.test"}, b.Names(one), "asking keeps the order")
	assert.True(t, b.Has(netip.MustParseAddr("::ffff:203.0.113.1").Unmap()))
}

func TestOneNameCannotFillTheBook(t *testing.T) {
	var b Book
	addr := netip.MustParseAddr("10.0.0.0")
	for range 10 * maxAddrsOfName {
		addr = addr.Next()
		b.Learn("wide.test", addr)
	}
	assert.Len(t, b.byAddr, maxAddrsOfName)
	assert.True(t, b.Has(addr), "the newest stay")
}

func TestAFloodOfNamesDisplacesItself(t *testing.T) {
	var b Book
	db := netip.MustParseAddr("10.0.0.1")
	b.Learn("db.internal.test", db)
	for i := range 5 * maxNames {
		b.Learn(fmt.Sprintf("x%d.evil.example", i), netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}))
	}
	assert.Len(t, b.byName, maxNames)
	assert.Len(t, b.byAddr, maxNames)
	assert.Equal(t, []string{"db.internal.test"}, b.Names(db))
}

func TestOfADomainTheNameUsedLongestAgoGoes(t *testing.T) {
	var b Book
	addr := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}) }
	for i := range maxNames {
		b.Learn(fmt.Sprintf("x%d.test", i), addr(i))
	}
	b.Names(addr(0)) // asked for, so used
	b.Learn("x.test", addr(maxNames))
	assert.True(t, b.Has(addr(0)))
	b.Learn("y.x0.test", addr(maxNames))
	assert.LessOrEqual(t, len(b.byName), maxNames)
}

func TestTheBookIsSharedByGoroutines(t *testing.T) {
	var b Book
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 500 {
				addr := netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)})
				b.Learn(fmt.Sprintf("x%d-%d.test", i, n), addr)
				b.Names(addr)
			}
		})
	}
	wg.Wait()
	assert.LessOrEqual(t, len(b.byName), maxNames)
}

func TestDomainOf(t *testing.T) {
	for name, want := range map[string]string{"localhost": "localhost", "a.test": "a.test", "b.a.test": "a.test", "c.b.a.test": "a.test"} {
		assert.Equal(t, want, domainOf(name))
	}
}
