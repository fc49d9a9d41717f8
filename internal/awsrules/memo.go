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

const maxMemo = 1024

func (m *memo[K, V]) load(key K) (v V, ok bool) {
	if e := m.entries.Load(); e != nil {
		v, ok = (*e)[key]
	}
	return v, ok
}

func (m *memo[K, V]) store(key K, v V) {
	for {
		old := m.entries.Load()
		entries := map[K]V{}
		if old != nil {
			if len(*old) >= maxMemo {
				return
			}
			entries = maps.Clone(*old)
		}
		entries[key] = v
		if m.entries.CompareAndSwap(old, &entries) {
			return
		}
	}
}
