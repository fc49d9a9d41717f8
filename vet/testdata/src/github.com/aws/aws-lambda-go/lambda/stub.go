package lambda

import "context"

type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

type Option func()

func Start(handler any)                                                                         {}
func StartHandler(handler Handler)                                                              {}
func StartWithOptions(handler any, options ...Option)                                           {}
func StartWithContext(ctx context.Context, handler any)                                         {}
func StartHandlerWithContext(ctx context.Context, handler Handler)                              {}
func StartHandlerFunc[I, O any](handler func(context.Context, I) (O, error), options ...Option) {}
