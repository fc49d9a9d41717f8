package policy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The path of a webhook is a secret also where the webhook's host stands in Host or in Opaque, and
// another host is dialed.
func TestThePathOfAWebhookBesideAnotherHost(t *testing.T) {
	const path = "/services/a/b/hunter"
	for name, c := range map[string]struct {
		change func(r *http.Request)
	}{
		"Host":   {func(r *http.Request) { r.Host = "hooks.slack.com" }},
		"Opaque": {func(r *http.Request) { r.URL.Opaque = "//hooks.slack.com" + path }},
		"both":   {func(r *http.Request) { r.Host, r.URL.Opaque = "relay.example", "//hooks.slack.com"+path }},
	} {
		for _, p := range []*Policy{
			parse(t, "on_violation: block\nwhitelist: []\n"), parse(t, "on_violation: block\nwhitelist:\n- http: [http://relay.example/x, http://hooks.slack.com/x]\n"),
			parse(t, "on_violation: block\nblacklist:\n- http: relay.example\n"),
		} {
			r := &http.Request{Method: "POST", URL: &url.URL{Scheme: "http", Host: "relay.example", Path: path}, Header: http.Header{}}
			c.change(r)
			d := p.Decide(Call{HTTP: r, Via: ViaTransport})
			assert.False(t, d.Allowed(), name)
			shown := d.Reason + d.Allow + d.Call.URL
			for _, a := range d.Against {
				shown += a.Reason
			}
			assert.NotContains(t, strings.ToLower(shown), "hunter", name)
		}
	}
}
