//go:build !unix

package alerting

import "os"

// kept returns f. Without dup, code that closes os.Stdout ends the log.
func kept(f *os.File) *os.File { return f }
