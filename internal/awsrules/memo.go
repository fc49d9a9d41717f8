package awsrules

import (
	"maps"
	"sync/atomic"
)

// A memo keeps what has been found out, for reading without locks and without allocation. It takes
// a bounded number of entries, for some keys come from requests; what it does not take has to be
// found out again.
type memo[K comparable, V any] struct {
	entries atomic.Pointer[map[K]V]
}

// A function uses few operations and hosts. The bound is against requests that name ever new ones.
const maxMemo = 1024

// load returns what is kept for a key; ok is false if nothing is.
func (m *memo[K, V]) load(key K) (v V, ok bool) {
	if e := m.entries.Load(); e != nil {
		v, ok = (*e)[key]
	}
	return v, ok
}

// store keeps a value. The map is copied, so that load needs no lock. Of two stores at once, one
// begins anew.
func (m *memo[K, V]) store(key K, v V) {
	for {
		old := m.entries.Load()
		entries := map[K]V{}
		if old != nil {
			if len(*old) >= maxMemo {
				return
			}
			// Copying is cheap enough: entries are added while a function warms up, and then no
			// more.
			entries = maps.Clone(*old)
		}
		entries[key] = v
		if m.entries.CompareAndSwap(old, &entries) {
			return
		}
	}
}
