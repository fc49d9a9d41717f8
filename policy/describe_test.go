package policy

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
)

func describe(p *Policy, c Call) Description { return p.Explain(c).Call }

func TestDescribe(t *testing.T) {
	p := Join()
	for call, want := range map[string]string{
		"GET https://u:p@A.test.:443/v1/x?secret=1#f": "https://a.test/v1/x",
		"GET http://a.test":                           "http://a.test/",
		"GET http://a.test:8080/a%20b/../c%2Fd":       "http://a.test:8080/c%2Fd",
		"GET http://[::ffff:127.0.0.1]/%22%3Cé":       "http://127.0.0.1/%22%3C%C3%A9",
		"GET http://[2001:db8::1]:81/":                "http://[2001:db8::1]:81/",
		"GET http://evil。com/":                        "http://evil.com/",
		"GET http://:9001/":                           "",
		"GET http://a..test/x":                        "",
		"CONNECT http://a.test/x":                     "http://a.test",
	} {
		d := describe(p, httpCall(t, call))
		assert.Equal(t, want, d.URL, call)
		assert.Equal(t, "http", d.Kind, call)
		assert.Equal(t, "transport", d.Via)
	}
	assert.Equal(t, Description{Kind: "net", Net: "db.test:5432", Via: "check"}, describe(p, Call{Net: "db.test:5432"}))
	assert.Equal(t, "GET", describe(p, Call{HTTP: &http.Request{URL: &url.URL{Scheme: "http", Host: "a.test"}}}).Method)
	assert.Equal(t, Description{Via: "check"}, describe(p, Call{}))
}
