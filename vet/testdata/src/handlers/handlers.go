package handlers

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/outguard/outguard/guard"
)

func handle(context.Context, string) (string, error) { return "", nil }

type bytes struct{}

func (bytes) Invoke(context.Context, []byte) ([]byte, error) { return nil, nil }

func bare(ctx context.Context) {
	lambda.Start(handle)                                     // want `the handler is not wrapped: lambda.Start\(guard.Wrap\(handle\)\)`
	lambda.StartHandler(bytes{})                             // want `lambda.Start\(guard.Wrap\(bytes\{\}\)\)`
	lambda.StartWithOptions(handle)                          // want `lambda.StartWithOptions\(guard.Wrap\(handle\), …\)`
	lambda.StartWithContext(ctx, handle)                     // want `lambda.StartWithContext\(ctx, guard.Wrap\(handle\)\)`
	lambda.StartHandlerWithContext(ctx, bytes{})             // want `lambda.StartWithOptions\(guard.Wrap\(bytes\{\}\), lambda.WithContext\(ctx\)\)`
	lambda.StartHandlerFunc(handle)                          // want `lambda.StartWithOptions\(guard.Wrap\(handle\), …\)`
	lambda.Start(func(context.Context) error { return nil }) // want `the handler is not wrapped`
	lambda.Start(traced(handle))                             // want `the handler is not wrapped`
}

func withGuard() {
	g, _ := guard.Load(nil)
	_ = g
	lambda.Start(handle) // want `lambda.Start\(g.Wrap\(handle\)\)`
}

func long() {
	lambda.Start(traced(func(ctx context.Context, event map[string]string) (string, error) { return "", nil })) // want `lambda.Start\(guard.Wrap\(traced\(…\)\)\)`
}

func traced(h any) any { return h }

func wrapped(h any) any {
	if h == nil {
		return nil
	}
	return guard.Wrap(h)
}

func fine() {
	g, _ := guard.Load(nil)
	lambda.Start(g.Wrap(handle))
	lambda.Start(guard.Wrap(handle))
	lambda.Start(traced(g.Wrap(handle)))
	lambda.Start(wrapped(handle))
	h := g.Wrap(handle)
	lambda.StartWithOptions(h)
}
