//go:build !race

package alloctest

// Race reports whether the race detector is on. It takes memory and time of its own.
const Race = false
