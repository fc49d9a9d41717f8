package bench

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/policy"
)

// manyRules is a policy with n rules for x.test whose paths have several "**". Each has three
// places for a number.
func manyRules(tb testing.TB, n int, path string) *policy.Policy {
	var b strings.Builder
	b.WriteString("version: 1\non_violation: block\nwhitelist:\n")
	for i := range n {
		fmt.Fprintf(&b, "- http: https://x.test"+strings.ReplaceAll(path, "N", "%[1]d")+"\n", i)
	}
	p, err := policy.Parse("policy.yaml", []byte(b.String()), policy.Env{Function: "checkout"})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// BenchmarkManyRules is the time of a request of 64 KB to a host that 100 rules and 10,000 rules
// name, with a path that is written to keep the matcher busy.
func BenchmarkManyRules(b *testing.B) {
	for _, c := range []struct{ name, pattern, unit string }{
		{"texts", "/**/aN/**/bN/**/cN", "a"},
		{"texts near", "/**/aN/**/bN/**/cN", "a/"},
		{"beginnings", "/**/aN*x/**/bN/**", "a1/"},
		{"stars", "/**/*aN/**/bN/**", "a/"},
		{"run", "/**/*/aN/**/a/a/a/*/bN/**", "a/"},
		{"found", "/**/a/**/b/**/N", "a/b/"},
	} {
		for _, n := range []int{100, 10_000} {
			p := manyRules(b, n, c.pattern)
			r := &http.Request{Method: "GET", URL: &url.URL{Scheme: "https", Host: "x.test", Path: corpustest.Long("/", c.unit, large)}, Header: http.Header{}}
			b.Run(fmt.Sprintf("%s/rules=%d", c.name, n), func(b *testing.B) {
				for b.Loop() {
					p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport})
				}
			})
		}
	}
}
