package otlptracehttp

import (
	"context"
	"net/http"
)

type Option any
type Exporter struct{}

func WithHTTPClient(*http.Client) Option                { return nil }
func New(context.Context, ...Option) (*Exporter, error) { return nil, nil }
