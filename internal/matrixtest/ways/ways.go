// Package ways has the ways to call out that the matrix has a row for, [All]: as code that knows
// nothing of a guard, and wired as docs/recipes.md says. Many come from the modules
// internal/recipetest and internal/buildtest.
package ways

import (
	"context"
	"net/http"

	"github.com/outguard/outguard/guard"
	buildtest "github.com/outguard/outguard/internal/buildtest/ways"
	"github.com/outguard/outguard/internal/recipetest"
)

// A Request says where to a call goes.
type Request struct {
	Way    string // its name in All
	Target string // of the recorder: "host:port", "address:port", or the path of a Unix socket
	Path   string // of an HTTP request
	Other  string // "host:port" of what stands before the recorder, or behind it if it is a proxy
}

func (r Request) url(scheme string) string { return scheme + "://" + r.Target + r.Path }

// A Way is one way to call out. Errors are of no interest: the recorder counts.
type Way struct {
	Plain func(context.Context, Request) error
	Wired func(context.Context, *guard.Guard, Request) error // nil: there is nothing to wire
}

// All are the ways by the names of their rows.
var All = map[string]Way{
	// The call has been made before the handler runs.
	"nothing": {Plain: func(context.Context, Request) error { return nil }},
}

func init() {
	for _, some := range []map[string]Way{httpWays, proxyWays, awsWays, netWays, otherWays} {
		for name, way := range some {
			All[name] = way
		}
	}
	for _, r := range recipetest.All {
		plain := recipetest.Unwired[r.Name]
		All[r.Name] = Way{
			func(ctx context.Context, to Request) error { return plain(ctx, to.Target) },
			func(ctx context.Context, g *guard.Guard, to Request) error { return r.Call(ctx, g, to.Target) },
		}
	}
}

// built returns a way of module internal/buildtest.
func built(name string) func(context.Context, Request) error {
	way := buildtest.All[name]
	return func(ctx context.Context, r Request) error {
		return way(ctx, buildtest.Request{Target: r.Target, Path: r.Path})
	}
}

// get sends a GET request with the handler's context.
func get(ctx context.Context, t http.RoundTripper, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	return recipetest.Drain((&http.Client{Transport: t}).Do(req))
}

// transport returns the way of a client with a transport that newTransport makes. The recipe is
// g.Transport.
func transport(scheme string, newTransport func(Request) http.RoundTripper) Way {
	return Way{
		func(ctx context.Context, r Request) error { return get(ctx, newTransport(r), r.url(scheme)) },
		func(ctx context.Context, g *guard.Guard, r Request) error {
			return get(ctx, g.Transport(newTransport(r)), r.url(scheme))
		},
	}
}
