package cleanhttp

import "net/http"

func DefaultClient() *http.Client       { return nil }
func DefaultPooledClient() *http.Client { return nil }
