package policy

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzLanguage holds the parser to this: it never panics; what it refuses has a place in the
// file, a problem, and no name of a Go type; and what it takes, written out in normal form, is
// taken again and decides alike.
func FuzzLanguage(f *testing.F) {
	for _, src := range languageSeeds(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		file, err := ParseFile("p", []byte(src))
		if err != nil {
			checkErrors(t, src, err)
			return
		}
		file.Warnings()
		functions := append(file.Functions(), "checkout")
		for _, name := range functions[:min(len(functions), 4)] {
			e := vars(env(strings.ReplaceAll(name, "*", "x")), "STAGE", "prod", "HOST", "host.example")
			p, err := file.For(e)
			if err != nil {
				checkErrors(t, src, err)
				continue
			}
			checkNormalForm(t, file, p, e)
		}
	})
}

// languageSeeds are the tables of the language's tests, the example and the policies in testdata.
func languageSeeds(tb testing.TB) (seeds []string) {
	for _, c := range append(languageCases(), yamlCases()...) {
		seeds = append(seeds, c.Src)
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	require.NoError(tb, err)
	for _, path := range append(paths, filepath.Join("..", "policy.example.yaml")) {
		data, err := os.ReadFile(path)
		require.NoError(tb, err)
		seeds = append(seeds, string(data))
	}
	return seeds
}

func TestFuzzLanguageSeeds(t *testing.T) {
	assert.Greater(t, len(languageSeeds(t)), 100)
}

func checkErrors(t *testing.T, src string, err error) {
	t.Helper()
	var errs Errors
	require.ErrorAs(t, err, &errs)
	require.NotEmpty(t, errs)
	lines := strings.Count(src, "\n") + 1
	last := report.Place{}
	for _, e := range errs {
		require.True(t, e.Line >= 0 && e.Line <= lines && (e.Line == 0) == (e.Column == 0), "%v", e)
		require.NotEmpty(t, e.Problem)
		require.False(t, e.Line < last.Line || e.Line == last.Line && e.Column < last.Col, "out of order: %v", err)
		last = report.Place{Line: e.Line, Col: e.Column}
		if !strings.Contains(src, "yaml.") {
			require.NotContains(t, e.Problem+e.Fix, "yaml.")
		}
	}
}

// checkNormalForm writes out the rules of one function, parses them again, and compares decisions
// on calls made from the rules themselves.
func checkNormalForm(t *testing.T, f *File, p *Policy, e Env) {
	t.Helper()
	c := &compiler{Reporter: &report.Reporter{File: "p"}, file: f, env: e}
	set, all := c.compile()
	rules := rulesOf(all)
	require.Empty(t, c.Errors)
	normal := normalPolicy(set, rules)
	q, err := Parse("p", []byte(normal), Env{Function: e.Function, Region: e.Region, Account: e.Account, Now: e.Now})
	require.NoError(t, err, "of the normal form:\n%s", normal)
	for _, call := range probes(rules) {
		a, b := p.Decide(call), q.Decide(call)
		require.Equal(t, a.Verdict.String()+" "+a.List.String(), b.Verdict.String()+" "+b.List.String(), "%+v\n%s", call, normal)
	}
}

// normalPolicy writes a function's policy with every value in quotes and every pattern in
// canonical form.
func normalPolicy(set settings, rules []rule.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\non_violation: %s\n", set.info.OnViolation)
	if set.callOnly {
		b.WriteString("block_fails: call\n")
	}
	for _, m := range []pattern.Mode{pattern.Narrow, pattern.Wide} {
		if m == pattern.Narrow && !set.whitelist {
			continue
		}
		fmt.Fprintf(&b, "%s: [", syntax.ListKey(m))
		for i := range rules {
			if rules[i].Mode == m {
				writeRule(&b, &rules[i])
			}
		}
		b.WriteString("]\n")
	}
	return b.String()
}

func writeRule(b *strings.Builder, r *rule.Rule) {
	fmt.Fprintf(b, "{reason: x, %s: ", [...]string{"", "http", "aws", "ip", "net"}[r.Kind])
	if r.Any {
		b.WriteString("any")
	} else {
		writeTexts(b, textsOf(r.Subject, r.Hosts, r.Addrs))
	}
	for _, list := range []struct {
		key   string
		texts []string
	}{{"except", textsOf(r.Except, nil, nil)}, {"methods", r.Methods}, {"access", r.Access}, {"resources", r.Resources}, {"regions", r.Regions}, {"accounts", r.Accounts}} {
		if list.texts != nil {
			fmt.Fprintf(b, ", %s: ", list.key)
			writeTexts(b, list.texts)
		}
	}
	if slices.ContainsFunc(pattern.AllAWS(r.Subject), func(p pattern.AWS) bool { return p.Declared }) {
		b.WriteString(", unlisted: true")
	}
	if r.Mode == pattern.Wide {
		fmt.Fprintf(b, ", on_violation: %s", Verdict(r.Outcome))
	}
	b.WriteString("},\n")
}

func textsOf(subjects []pattern.Pattern, hosts []string, addrs []netip.Prefix) (texts []string) {
	for _, p := range subjects {
		texts = append(texts, p.String())
	}
	texts = append(texts, hosts...)
	for _, p := range addrs {
		texts = append(texts, p.String())
	}
	return texts
}

func writeTexts(b *strings.Builder, texts []string) {
	b.WriteByte('[')
	for _, s := range texts {
		b.WriteString("'" + strings.ReplaceAll(strings.ReplaceAll(s, "'", "''"), "${", "$${") + "', ")
	}
	b.WriteByte(']')
}

// probes are calls that touch the rules: inside, beside and outside of each pattern.
func probes(rules []rule.Rule) (calls []Call) {
	get := func(method, url string) {
		if r, err := http.NewRequest(method, url, nil); err == nil {
			calls = append(calls, Call{HTTP: r})
		}
	}
	get("GET", "https://elsewhere.example/")
	calls = append(calls, Call{Net: "elsewhere.example:5432"}, Call{AWS: AWSCall{Service: "s3", Operation: "GetObject", Resources: []string{"arn:aws:s3:::b/k"}}})
	for i := range rules {
		r := &rules[i]
		for _, p := range append(slices.Clone(r.Subject), r.Except...) {
			switch p := p.(type) {
			case *pattern.HTTP:
				host := strings.ReplaceAll(p.Host, "*", "w")
				if p.Addr.IsValid() {
					host = strings.TrimSuffix(urlHost(p), "/")
				}
				path := strings.ReplaceAll(strings.ReplaceAll(p.Path, "**", "y/z"), "*", "x")
				for _, u := range []string{"https://" + host + path, "http://" + host + path, "https://" + host + ":8443" + path, "https://a." + host + path, "https://" + host + path + "/more"} {
					get("GET", u)
					get("POST", u)
				}
			case *pattern.AWS:
				op := strings.NewReplacer("*", "Get", "?", "x").Replace(p.Operation)
				calls = append(calls, Call{AWS: AWSCall{Service: strings.ReplaceAll(p.Service, "*", "sqs"), Operation: op, Resources: []string{"arn:aws:" + p.Service + ":eu-west-1:111122223333:a/b"}}})
			case *pattern.IP:
				a := p.Ranges[0].Addr().String()
				calls = append(calls, Call{Net: a}, Call{Net: "name.example:443", Addr: a, Via: ViaAddr})
			case *pattern.Net:
				calls = append(calls, Call{Net: strings.ReplaceAll(p.Host, "*", "w") + ":5432"})
			}
		}
		for _, p := range r.Addrs {
			calls = append(calls, Call{Net: p.Addr().String()}, Call{Net: "name.example:443", Addr: p.Addr().String(), Via: ViaAddr})
		}
	}
	return calls
}

// urlHost is the host of a pattern for an address, as a URL has it.
func urlHost(p *pattern.HTTP) string {
	if p.Addr.Is6() {
		return "[" + p.Addr.String() + "]"
	}
	return p.Addr.String()
}
