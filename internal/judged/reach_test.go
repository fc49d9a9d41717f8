package judged

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A host and port reaches a request only in the same port, and whatever the spelling of an address.
func TestReachesAddresses(t *testing.T) {
	for _, c := range []struct {
		url, hostPort string
		want          bool
	}{
		{"https://[2001:DB8:0::1]/", "[2001:db8::1]:443", true},
		{"https://[2001:db8::1]/", "[2001:db8:0:0::1]:443", true},
		{"https://[2001:db8::1]/", "[2001:db8::2]:443", false},
		{"https://203.0.113.1/", "203.0.113.2:443", false},
		{"https://203.0.113.1/", "203.0.113.1:80", false},
		{"https://a.test:0/", "a.test:443", false},
		{"https://a.test:0/", "a.test:0", true},
		{"https://a.test/", "A.test:443", true},
		{"https://a..test/", "a..test:80", false},
		{"https://a.test/", "a..test:443", false},
		{"https://a.test/", "[::1%eth0]:443", false},
	} {
		r, err := http.NewRequest(http.MethodGet, c.url, nil)
		if assert.NoError(t, err) {
			_, m := With(context.Background(), r)
			assert.Equal(t, c.want, m.Reaches(c.hostPort), "%s %s", c.url, c.hostPort)
		}
	}
}

func TestMarkNamesOnlyItsHost(t *testing.T) {
	g := new(int)
	for url, host := range map[string]string{"https://a.test:443/": "b.test", "https://a..test/": "", "https://a.test:1/": "", "https://[::1]:1/": "a"} {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if assert.NoError(t, err) {
			_, m := With(context.Background(), r)
			m.By(g, true)
			assert.False(t, m.Names(g, host), "%s %q", url, host)
		}
	}
}
