// Package buildhooks is where the calls arrive that `outguard go` inserts into a build. Package
// guard calls [Set] with what they do.
//
// In an ordinary build nothing is inserted, and what [Inserted] guards is not linked. In a build by
// `outguard go`, the command adds one file to this package. It connects the hooks with variables
// that the command added to net, net/http, os, syscall, smithy-go/middleware and lambdacontext.
// That is why this package imports them.
package buildhooks

import (
	"context"
	"net"
	"net/http"

	"github.com/aws/smithy-go/middleware"

	"github.com/outguard/outguard/internal/buildmark"

	// The file that is added uses these.
	_ "os"

	_ "github.com/aws/aws-lambda-go/lambdacontext"
)

// Protocol is the version of the agreement between this package and the file that `outguard go`
// adds to it. The command refuses to build with another version of this package than it was made
// for.
const Protocol = 3

// Hooks is what the inserted calls do. Every field is set, and every function may be called by any
// number of goroutines at once.
type Hooks struct {
	// RoundTrip judges a request that rt is about to send. done means that it has been refused, or
	// sent by way of rt.
	RoundTrip func(rt http.RoundTripper, r *http.Request) (resp *http.Response, err error, done bool)
	// Operation adds the guard to the stack of an AWS operation, after all options.
	Operation func(*middleware.Stack) error
	// Handler wraps the handler that lambda.Start was given.
	Handler func(handler any) any
	// Dial judges a dial by what was asked for. The context that it returns is the dial's.
	Dial func(ctx context.Context, network, address string) (context.Context, error)
	// Connect judges the address that a dial connects to.
	Connect func(ctx context.Context, network, address string) error
	// Nameserver marks the context of the resolver's own dial to one of its servers.
	Nameserver func(ctx context.Context, server string) context.Context
	// Ask returns the connection on which a resolver asks one of its servers: on it, the names that
	// are asked for are judged. own says that the resolver's own Dial made it.
	Ask func(ctx context.Context, conn net.Conn, own bool) net.Conn
	// PreferGo reports whether names are looked up by Go's own resolver alone.
	PreferGo func() bool
	// Resolved learns which addresses a name has come to.
	Resolved func(name string, addresses []string)
	// Send judges the address of connect, sendto and sendmsg that package net did not call. See
	// [Address].
	Send func(to any) error
	// Child reports a child process that is about to be started.
	Child func(name string)
}

// Inserted reports whether this binary is built by `outguard go`, which inserts "return true" here.
// It is inlined, so that the linker of an ordinary build drops whatever it guards: 33 KB. See
// decision 43.
func Inserted() bool { return false }

var connect func(*Hooks) // the file that `outguard go` adds sets it

// Set connects h with the inserted calls. It is called once, from an init function, and does
// nothing in an ordinary build.
func Set(h *Hooks) {
	if connect != nil {
		connect(h)
		buildmark.Mark()
	}
}
