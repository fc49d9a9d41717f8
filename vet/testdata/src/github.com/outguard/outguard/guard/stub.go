package guard

import (
	"context"
	"net/http"

	"github.com/aws/smithy-go/middleware"
	"github.com/outguard/outguard/policy"
)

type Options struct{ Policy []byte }

type Guard struct{}

func Load(*Options) (*Guard, error)                               { return nil, nil }
func Wrap(handler any) any                                        { return handler }
func AWS() []func(*middleware.Stack) error                        { return nil }
func (*Guard) Wrap(handler any) any                               { return handler }
func (*Guard) AWS() []func(*middleware.Stack) error               { return nil }
func (*Guard) Transport(base http.RoundTripper) http.RoundTripper { return base }
func (*Guard) Check(context.Context, policy.Call) error           { return nil }
func (*Guard) Install() error                                     { return nil }
