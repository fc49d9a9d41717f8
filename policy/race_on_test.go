//go:build race

package policy

// raceEnabled tells tests of allocations that the race detector is on: it has sync.Pool drop values
// at random.
const raceEnabled = true
