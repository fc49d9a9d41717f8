//go:build linux

package faults

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs many cells at once: they wait for most of their time.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
