package policy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/outguard/outguard/internal/corpustest"
)

// timePolicies are rules whose matching could take long. Each is for x.test.
var timePolicies = []string{
	"whitelist:\n- http: https://x.test/v1/**\nblacklist:\n- http: https://x.test/admin/**\n",
	"whitelist:\n- http: https://x.test/**/a/b/c/d/**/e*f*g/**\n",
	"blacklist:\n- http: https://x.test/**/*a*/**/*b*/**/a*a*a*a*a*b/x\n- http: https://x.test/**/..%2f/%252e/*\n",
	"whitelist:\n- http: https://x.test/*a*a*a*a*a*a*a*a*b\n- http: https://x.test/**/a/a/a/a/b\n",
}

// Deciding takes time that is linear in the size of the request.
func TestTimeOfDecisions(t *testing.T) {
	var slowest time.Duration
	for i, text := range timePolicies {
		const limit = time.Second // the benchmark in bench/ holds the absolute time
		p := parse(t, "on_violation: block\n"+text)
		for _, unit := range corpustest.Units {
			for form, change := range map[string]func(u *url.URL, s string){
				"path":   func(u *url.URL, s string) { u.Path = s },
				"opaque": func(u *url.URL, s string) { u.Path, u.Opaque = "", s },
			} {
				requests := map[int]*http.Request{}
				took := corpustest.Grows(t, unit+" as "+form+" under "+text, limit, func(n int) {
					if requests[n] == nil {
						requests[n] = &http.Request{Method: "GET", URL: &url.URL{Scheme: "https", Host: "x.test"}, Header: http.Header{}}
						change(requests[n].URL, "/"+strings.Repeat(unit, n/len(unit)))
					}
					p.Decide(Call{HTTP: requests[n], Via: ViaTransport})
				})
				if i <= 1 {
					slowest = max(slowest, took)
				}
			}
		}
	}
	t.Log("the slowest decision on 64 KB took", slowest)
}
