package option

import "net/http"

type ClientOption any

func WithHTTPClient(*http.Client) ClientOption { return nil }
