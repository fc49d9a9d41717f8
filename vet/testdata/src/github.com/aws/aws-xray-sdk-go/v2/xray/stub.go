package xray

import "net/http"

func Client(c *http.Client) *http.Client { return c }
