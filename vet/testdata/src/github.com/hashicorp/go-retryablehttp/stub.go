package retryablehttp

import "net/http"

type Client struct{ HTTPClient *http.Client }

func NewClient() *Client                       { return nil }
func (c *Client) StandardClient() *http.Client { return nil }
