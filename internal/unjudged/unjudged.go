// Package unjudged reports what leaves the process without being judged and is allowed: a connection
// to a Unix socket, or a child process. The layers that see one call [Report], and package guard
// writes the log line. It is apart from package guard because the layers are below that.
package unjudged

import (
	"context"
	"strings"
	"sync/atomic"
)

// Kinds of what is reported.
const (
	Unix  = "unix"
	Child = "child"
)

var reporter atomic.Pointer[func(ctx context.Context, kind, name string)]

// SetReporter sets what Report calls. It may be called by any number of goroutines at once.
func SetReporter(report func(ctx context.Context, kind, name string)) { reporter.Store(&report) }

// Report reports a call on the goroutine that makes it. name is the path of the socket or of the
// program. Until SetReporter is called, it does nothing.
func Report(ctx context.Context, kind, name string) {
	if report := reporter.Load(); report != nil {
		(*report)(ctx, kind, name)
	}
}

// IsUnix reports whether a network of package net is that of Unix sockets.
func IsUnix(network string) bool { return strings.HasPrefix(network, "unix") }
