// Package alloctest holds a piece of code to a number of allocations, in tests.
package alloctest

import "testing"

// AtMost fails t if a run of f makes more than limit allocations. The whole process is counted, so
// what a goroutine of an earlier test allocates counts too: the least of three measurements is
// taken, each of them the mean of 100 runs, rounded down.
//
// With the race detector, f runs and nothing is counted, because sync.Pool drops values at random
// there.
func AtMost(t testing.TB, limit int, f func(), what ...any) {
	t.Helper()
	if Race {
		f()
		return
	}
	got := testing.AllocsPerRun(100, f)
	for range 2 {
		got = min(got, testing.AllocsPerRun(100, f))
	}
	if got > float64(limit) {
		t.Errorf("%v allocations, want %d at most: %v", got, limit, what)
	}
}
