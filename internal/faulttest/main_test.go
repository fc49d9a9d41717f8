//go:build linux

package faulttest

import (
	"flag"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// TestMain runs many cells at once: they wait for most of their time.
func TestMain(m *testing.M) {
	if os.Getenv("OUTGUARD_FUNCTION") != "" {
		function()
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "faults")
	if err == nil {
		err = trust(dir)
	}
	if err != nil {
		panic(err)
	}
	go witness()
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// worst is by how much a short sleep was late, at most, in nanoseconds. A busy machine is late for
// everything, and that is nobody's fault here.
var worst atomic.Int64

func witness() {
	const nap = 5 * time.Millisecond
	for {
		began := time.Now()
		time.Sleep(nap)
		worst.Store(max(worst.Load(), int64(time.Since(began)-nap)))
	}
}

// budget is the time that may pass for a budget on this machine. Several steps may each be late.
func budget(d time.Duration) time.Duration { return d + 5*time.Duration(worst.Load()) }
