//go:build !linux

package corpustest

import "time"

var start = time.Now()

// cpuTime returns the time of a clock, where a thread's own time cannot be asked for.
func cpuTime() time.Duration { return time.Since(start) }
