package bench

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/cedar-policy/cedar-go"
	"github.com/gobwas/glob"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/outguard/outguard/policy"
)

// hosts returns n whitelist hosts: n/2 exact ones and n/2 suffixes ("*.x"). The request matches the
// last suffix.
func hosts(n int) (exact, suffixes []string) {
	for i := range n / 2 {
		exact = append(exact, fmt.Sprintf("api%d.partner%d.example", i, i%97))
		suffixes = append(suffixes, fmt.Sprintf("svc%d.vendor.example", i))
	}
	suffixes[len(suffixes)-1] = "stripe.com"
	return exact, suffixes
}

const method, target = "POST", "https://api.stripe.com/v1/charges"

func request(tb testing.TB) *http.Request {
	r, err := http.NewRequest(method, target, nil)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header = http.Header{
		"Accept":          {"application/json"},
		"Authorization":   {"Bearer sk_test_0123456789abcdefghijklmn"},
		"Content-Type":    {"application/x-www-form-urlencoded"},
		"Idempotency-Key": {"0b9c1c2e-96a8-4a8f-a4f2-cfbb6f9d35f1"},
		"User-Agent":      {"checkout/1.4 (lambda)"},
	}
	return r
}

// text is the policy of n whitelist rules and two blacklist rules as a user writes it.
func text(n int) []byte {
	var b strings.Builder
	b.WriteString("version: 1\nwhitelist:\n")
	exact, suffixes := hosts(n)
	for _, h := range exact {
		fmt.Fprintf(&b, "  - http: https://%s/v1/**\n    methods: [GET, POST]\n", h)
	}
	for _, h := range suffixes {
		fmt.Fprintf(&b, "  - http: https://*.%s/v1/**\n    methods: [GET, POST]\n", h)
	}
	b.WriteString("blacklist:\n  - http: evil.example\n  - http: \"*.evil.example\"\n")
	return []byte(b.String())
}

func compiled(tb testing.TB, n int) *policy.Policy {
	p, err := policy.Parse("policy.yaml", text(n), policy.Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333"})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// floor is the least that matching a host takes: two hash maps and a walk over the labels. It goes
// over all labels, because a blacklist rule further up beats a whitelist rule.
type floor struct{ exact, suffixes map[string]policy.List }

func newFloor(n int) floor {
	f := floor{map[string]policy.List{"evil.example": policy.Blacklist}, map[string]policy.List{"evil.example": policy.Blacklist}}
	exact, suffixes := hosts(n)
	for _, h := range exact {
		f.exact[h] = policy.Whitelist
	}
	for _, h := range suffixes {
		f.suffixes[h] = policy.Whitelist
	}
	return f
}

func (f floor) allows(host string) bool {
	list := f.exact[host]
	for i := range len(host) {
		if host[i] == '.' {
			list = max(list, f.suffixes[host[i+1:]]) // Blacklist is the greater one
		}
	}
	return list == policy.Whitelist
}

var sizes = []int{10, 1_000, 10_000}

// BenchmarkDecision is the whole of it: from *http.Request with five headers to a Decision,
// canonical form included, beside the floor over the same rules.
func BenchmarkDecision(b *testing.B) {
	for _, n := range sizes {
		f := newFloor(n)
		b.Run(fmt.Sprintf("floor/rules=%d", n), func(b *testing.B) {
			r := request(b)
			b.ReportAllocs()
			for b.Loop() {
				if !f.allows(r.URL.Host) {
					b.Fatal("refused")
				}
			}
		})
		p := compiled(b, n)
		b.Run(fmt.Sprintf("outguard/rules=%d", n), func(b *testing.B) {
			r := request(b)
			b.ReportAllocs()
			for b.Loop() {
				if !p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport}).Allowed() {
					b.Fatal("refused")
				}
			}
		})
		b.Run(fmt.Sprintf("outguard-violation/rules=%d", n), func(b *testing.B) {
			r := request(b)
			r.Method = "DELETE"
			b.ReportAllocs()
			for b.Loop() {
				if p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport}).Allowed() {
					b.Fatal("allowed")
				}
			}
		})
	}
}

// BenchmarkDecisionParallel: a Policy has no lock; two cores decide twice as much (-cpu 1,2).
func BenchmarkDecisionParallel(b *testing.B) {
	p := compiled(b, 1_000)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		r := request(b)
		for pb.Next() {
			if !p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport}).Allowed() {
				b.Fail()
			}
		}
	})
}

// BenchmarkBeside judges the same request by the same rules with what one would use instead. Each
// is given the host and path as they are, without any canonical form.
func BenchmarkBeside(b *testing.B) {
	for _, n := range sizes[:2] {
		exact, suffixes := hosts(n)
		patterns := append([]string{}, exact...)
		for _, s := range suffixes {
			patterns = append(patterns, "*."+s)
		}
		run := func(name string, allows func(host, path, method string) bool) {
			b.Run(fmt.Sprintf("%s/rules=%d", name, n), func(b *testing.B) {
				r := request(b)
				b.ReportAllocs()
				for b.Loop() {
					if !allows(r.URL.Host, r.URL.Path, r.Method) {
						b.Fatal("refused")
					}
				}
			})
		}
		run("globs", globs(patterns))
		run("regexp", alternation(patterns))
		run("cedar", cedarPolicies(b, patterns))
		run("opa", opaPolicy(b, patterns))
		run("casbin", casbinPolicy(b, patterns))
	}
}

// globs is a loop over compiled globs.
func globs(patterns []string) func(host, path, method string) bool {
	var compiled []*glob.Pattern
	for _, p := range patterns {
		compiled = append(compiled, glob.MustCompile(p+"/v1/**", '.'))
	}
	return func(host, path, method string) bool {
		if method != "GET" && method != "POST" {
			return false
		}
		text := host + path
		for _, g := range compiled {
			if g.Match(text) {
				return true
			}
		}
		return false
	}
}

// alternation is one regular expression.
func alternation(patterns []string) func(host, path, method string) bool {
	var alternatives []string
	for _, p := range patterns {
		alternatives = append(alternatives, strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, `[^/]+`))
	}
	re := regexp.MustCompile(`^(?:GET|POST) (?:` + strings.Join(alternatives, "|") + `)/v1/`)
	return func(host, path, method string) bool { return re.MatchString(method + " " + host + path) }
}

func cedarPolicies(b *testing.B, patterns []string) func(host, path, method string) bool {
	var text strings.Builder
	for _, p := range patterns {
		fmt.Fprintf(&text, "permit(principal, action in [Method::\"GET\", Method::\"POST\"], resource) when { context.host like %q && context.path like \"/v1/*\" };\n", p)
	}
	set, err := cedar.NewPolicySetFromBytes("policy.cedar", []byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	principal := cedar.NewEntityUID("Function", "checkout")
	return func(host, path, method string) bool {
		decision, _ := cedar.Authorize(set, cedar.EntityMap{}, cedar.Request{
			Principal: principal, Action: cedar.NewEntityUID("Method", cedar.String(method)), Resource: cedar.NewEntityUID("Host", cedar.String(host)),
			Context: cedar.NewRecord(cedar.RecordMap{"host": cedar.String(host), "path": cedar.String(path)}),
		})
		return decision == cedar.Allow
	}
}

func opaPolicy(b *testing.B, patterns []string) func(host, path, method string) bool {
	quoted := make([]string, len(patterns))
	for i, p := range patterns {
		quoted[i] = fmt.Sprintf("%q", p)
	}
	module := `package outbound
hosts := [` + strings.Join(quoted, ",") + `]
default allow := false
allow if {
	input.method in {"GET", "POST"}
	startswith(input.path, "/v1/")
	some h in hosts
	glob.match(h, [], input.host)
}`
	query, err := rego.New(rego.Query("data.outbound.allow"), rego.Module("outbound.rego", module)).PrepareForEval(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	return func(host, path, method string) bool {
		result, err := query.Eval(context.Background(), rego.EvalInput(map[string]any{"host": host, "path": path, "method": method}))
		return err == nil && result.Allowed()
	}
}

func casbinPolicy(b *testing.B, patterns []string) func(host, path, method string) bool {
	m, err := model.NewModelFromString(`
[request_definition]
r = host, path, method
[policy_definition]
p = host, path, method
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = globMatch(r.host, p.host) && keyMatch(r.path, p.path) && regexMatch(r.method, p.method)`)
	if err != nil {
		b.Fatal(err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range patterns {
		if _, err := e.AddPolicy(p, "/v1/*", "^(GET|POST)$"); err != nil {
			b.Fatal(err)
		}
	}
	return func(host, path, method string) bool {
		ok, err := e.Enforce(host, path, method)
		return err == nil && ok
	}
}
