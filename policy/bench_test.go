package policy

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func benchPolicy(tb testing.TB, n int) *Policy {
	var rules []rule
	add := func(list List, text string, methods ...string) {
		p, err := parseHTTPPattern(text, list)
		require.NoError(tb, err)
		rules = append(rules, rule{list: list, kind: kindHTTP, methods: methods, ref: RuleRef{File: "policy.yaml", Line: len(rules) + 1, ID: fmt.Sprint("policy.yaml:", len(rules)+1)}, subject: subjects{http: []httpPattern{p}}})
	}
	for i := range n - 2 {
		switch i % 4 {
		case 0:
			add(Whitelist, fmt.Sprintf("https://api%d.example%d.com/v1/**", i, i), "GET", "POST")
		case 1:
			add(Whitelist, fmt.Sprintf("*.svc%d.example.org", i))
		case 2:
			add(Whitelist, fmt.Sprintf("host%d.example.net", i))
		case 3:
			add(Blacklist, fmt.Sprintf("evil%d.test", i))
		}
	}
	add(Whitelist, "https://api.stripe.com/v1/**", "GET", "POST")
	add(Blacklist, "*.badhost.io")
	p, err := newPolicy(settings{whitelist: true}, rules)
	require.NoError(tb, err)
	return p
}

func benchRequest(tb testing.TB, method, url string) *http.Request {
	r, err := http.NewRequest(method, url, nil)
	require.NoError(tb, err)
	r.Header = http.Header{
		"Content-Type":    {"application/json"},
		"Authorization":   {"Bearer " + "0123456789012345678901234567890"},
		"User-Agent":      {"checkout/1.0"},
		"Accept":          {"application/json"},
		"Idempotency-Key": {"5f2b3c4d-0000-1111-2222-333344445555"},
	}
	return r
}

func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		p := benchPolicy(b, n)
		b.Run(fmt.Sprint("allow/", n), func(b *testing.B) {
			r := benchRequest(b, "POST", "https://api.stripe.com/v1/charges")
			b.ReportAllocs()
			for b.Loop() {
				if !p.Decide(Call{HTTP: r}).Allowed() {
					b.Fatal()
				}
			}
		})
		b.Run(fmt.Sprint("miss/", n), func(b *testing.B) {
			r := benchRequest(b, "DELETE", "https://api.stripe.com/v1/charges")
			b.ReportAllocs()
			for b.Loop() {
				if p.Decide(Call{HTTP: r}).Allowed() {
					b.Fatal()
				}
			}
		})
	}
}
