package api

import "net/http"

type Config struct{ HttpClient *http.Client }
type Client struct{}

func DefaultConfig() *Config             { return nil }
func NewClient(*Config) (*Client, error) { return nil, nil }
