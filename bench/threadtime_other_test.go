//go:build !linux

package bench

import "time"

var started = time.Now()

// threadTime returns the time of a clock, where a thread's own time cannot be asked for.
func threadTime() time.Duration { return time.Since(started) }
