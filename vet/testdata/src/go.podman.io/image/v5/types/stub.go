package types

import "net/url"

type SystemContext struct {
	DockerProxy func(*url.URL) (*url.URL, error)
}
