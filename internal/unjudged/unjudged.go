// Package unjudged reports what leaves the process without being judged and is allowed: a
// connection to a Unix socket, or a child process. The layers that see one call [Report], and
// package guard writes the log line. It is a package of its own because the layers are below guard.
package unjudged

import (
	"context"
	"strings"
)

// Kinds of what is reported.
const (
	Unix  = "unix"
	Child = "child"
)

// Reporter is what Report calls. Package guard sets it when it is initialized.
var Reporter func(ctx context.Context, kind, name string)

// Report reports a call, on the goroutine that makes it. name is the path of the socket or of the
// program. It does nothing in a program without package guard.
func Report(ctx context.Context, kind, name string) {
	if Reporter != nil {
		Reporter(ctx, kind, name)
	}
}

// IsUnix reports whether a network of package net is that of Unix sockets.
func IsUnix(network string) bool { return strings.HasPrefix(network, "unix") }
