package bench

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/internal/mask"
	"github.com/outguard/outguard/policy"
)

// longPolicies are rules whose matching could take long. Each is for x.test.
var longPolicies = []string{
	"whitelist:\n- http: https://x.test/v1/**\nblacklist:\n- http: https://x.test/admin/**\n",
	"whitelist:\n- http: https://x.test/**/a/b/c/d/**/e*f*g/**\n",
	"blacklist:\n- http: https://x.test/**/*a*/**/*b*/**/a*a*a*a*a*b/x\n- http: https://x.test/**/..%2f/%252e/*\n",
	"whitelist:\n- http: https://x.test/*a*a*a*a*a*a*a*a*b\n- http: https://x.test/**/a/a/a/a/b\n",
}

// BenchmarkLongPaths goes over hostile paths. What takes time that is linear in a path has as many
// MB/s with 64 KB as with 8 KB; what takes quadratic time has an eighth.
func BenchmarkLongPaths(b *testing.B) {
	run := func(name string, work func(path string)) {
		for _, size := range []int{8 << 10, 64 << 10} {
			var paths []string
			for _, unit := range corpustest.Units {
				paths = append(paths, corpustest.Long("/", unit, size))
			}
			b.Run(fmt.Sprintf("%s/%dKB", name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(size * len(paths)))
				for b.Loop() {
					for _, path := range paths {
						work(path)
					}
				}
			})
		}
	}
	for i, text := range longPolicies {
		p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+text), policy.Env{Function: "checkout"})
		if err != nil {
			b.Fatal(err)
		}
		decide := func(u url.URL) {
			u.Scheme, u.Host = "https", "x.test"
			p.Decide(policy.Call{HTTP: &http.Request{Method: "GET", URL: &u, Header: http.Header{}}, Via: policy.ViaTransport})
		}
		run(fmt.Sprintf("decision/policy=%d", i), func(path string) { decide(url.URL{Path: path}) })
		run(fmt.Sprintf("decision-opaque/policy=%d", i), func(path string) { decide(url.URL{Opaque: path}) })
	}
	run("mask", func(path string) { mask.URL("https://x.test" + path) })
	run("fold", func(path string) { foldids.URL(path, func(string) {}) })
}
