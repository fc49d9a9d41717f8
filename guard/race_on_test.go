//go:build race

package guard

// raceEnabled is for tests of allocations: with the race detector, sync.Pool drops values at
// random.
const raceEnabled = true
