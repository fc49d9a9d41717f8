package resty

import "net/http"

type Client struct{}

func New() *Client                                       { return nil }
func NewWithClient(*http.Client) *Client                 { return nil }
func (c *Client) SetTransport(http.RoundTripper) *Client { return c }
func (c *Client) SetBaseURL(string) *Client              { return c }
