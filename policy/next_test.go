package policy

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/corpustest"
)

// files are files beside a policy, by name and text.
func files(texts ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 0; i < len(texts); i += 2 {
		all[texts[i]] = &fstest.MapFile{Data: []byte(texts[i+1])}
	}
	return all
}

func nextEnv(beside fstest.MapFS) Env {
	return Env{Function: "checkout", Stage: "dev", Region: "eu-west-1", Account: "111122223333", FS: beside}
}

const enforcedText = "version: 1\nnext: policy-next.yaml\non_violation: block\nwhitelist:\n- http: api.example.com\n"

func TestNextPolicyIsCompiled(t *testing.T) {
	next := "version: 1\non_violation: alert\nwhitelist: []\n"
	p, err := Parse("folder/policy.yaml", []byte(enforcedText), nextEnv(files("policy-next.yaml", next)))
	require.NoError(t, err)
	assert.Empty(t, p.Warnings())
	info := p.Info()[0].Next
	require.NotNil(t, info)
	assert.Equal(t, "folder/policy-next.yaml", info.File, "beside the policy")
	assert.Equal(t, Alert, info.OnViolation, "its own")
	assert.Len(t, info.SHA256, 64)
	assert.NotEqual(t, p.Info()[0].SHA256, info.SHA256)
	require.Len(t, p.Next(), 1)
	assert.Same(t, info, p.Next()[0].Info)
	assert.Equal(t, Alert, p.Next()[0].Policy.Decide(Call{Net: "x:1"}).Verdict)
}

// A tool compiles a file for many functions. It reads the next policy again only if that has
// changed.
func TestNextPolicyOfManyFunctions(t *testing.T) {
	f, err := ParseFile("policy.yaml", []byte(enforcedText))
	require.NoError(t, err)
	beside := files("policy-next.yaml", "version: 1\nwhitelist: []\n")
	hash := func(function string) string {
		env := nextEnv(beside)
		env.Function = function
		p, err := f.For(env)
		require.NoError(t, err)
		require.NotNil(t, p.Info()[0].Next)
		assert.Equal(t, function, p.Info()[0].Next.Function)
		return p.Info()[0].Next.SHA256
	}
	first := hash("checkout")
	read := f.next.Load()
	assert.Equal(t, first, hash("report"))
	assert.Same(t, read, f.next.Load())
	beside["policy-next.yaml"].Data = []byte("version: 1\nblacklist: []\n")
	assert.NotEqual(t, first, hash("report"))
}

func TestNextPolicyOfAVariable(t *testing.T) {
	env := nextEnv(files("next/dev.yaml", "version: 1\nwhitelist: []\n"))
	text := strings.Replace(enforcedText, "policy-next.yaml", "next/${stage}.yaml", 1)
	p, err := Parse("policy.yaml", []byte(text), env)
	require.NoError(t, err)
	require.NotNil(t, p.Info()[0].Next)
	assert.Equal(t, "next/dev.yaml", p.Info()[0].Next.File)
}

// What is wrong with a next policy is a warning for a function, and an error of CheckNext.
func TestFaultyNextPolicy(t *testing.T) {
	const good = "version: 1\nwhitelist: []\n"
	tests := []struct {
		name, next string // the value of next:
		beside     fstest.MapFS
		warning    string
		checked    string // what CheckNext says; "" for as the warning
	}{
		{"missing", "policy-next.yaml", files(), `policy.yaml:2:7: next: has no effect: next policy "policy-next.yaml" does not exist; put it beside the policy file, and into the deployment package`,
			`policy.yaml:2:7: next policy "policy-next.yaml" does not exist; put it beside the policy file, and into the deployment package`},
		{"no folder", "policy-next.yaml", nil, `policy.yaml:2:7: next: has no effect: next policy "policy-next.yaml" cannot be read: this policy came without a folder; load the policy from a file, or set Env.FS`,
			`policy.yaml:2:7: next policy "policy-next.yaml" cannot be read: this policy came without a folder; load the policy from a file, or set Env.FS`},
		{"outside the folder", "../x.yaml", files(), `policy.yaml:2:7: next: has no effect: next policy "../x.yaml" is not a path beside the policy; write it relative to the policy file, without ..`,
			`policy.yaml:2:7: next policy "../x.yaml" is not a path beside the policy; write it relative to the policy file, without ..`},
		{"a fault", "n.yaml", files("n.yaml", "whitelsit: []\n"), `policy.yaml:2:7: next: has no effect: n.yaml:1:1: unknown key "whitelsit"; did you mean "whitelist"?; outguard validate shows all that is wrong with it`,
			`n.yaml:1:1: unknown key "whitelsit"; did you mean "whitelist"?`},
		{"two faults", "n.yaml", files("n.yaml", "whitelsit: []\nversion: 3\n"), `policy.yaml:2:7: next: has no effect: n.yaml:1:1: unknown key "whitelsit"; did you mean "whitelist"? (and 1 more); outguard validate shows all that is wrong with it`,
			"n.yaml:1:1: unknown key \"whitelsit\"; did you mean \"whitelist\"?\nn.yaml:2:10: version \"3\" is unknown; write version: 1, or use a newer Outguard"},
		{"a next of its own", "n.yaml", files("n.yaml", good+"next: m.yaml\n"), `policy.yaml:2:7: next: has no effect: n.yaml:3:7: a next policy names another one; delete next: there; outguard validate shows all that is wrong with it`,
			`n.yaml:3:7: a next policy names another one; delete next: there`},
		{"itself", "policy.yaml", files("policy.yaml", good+"next: policy.yaml\n"), `policy.yaml:2:7: next: has no effect: policy.yaml:3:7: a next policy names another one; delete next: there; outguard validate shows all that is wrong with it`,
			`policy.yaml:3:7: a next policy names another one; delete next: there`},
		{"no YAML", "n.yaml", files("n.yaml", "\x00"), `policy.yaml:2:7: next: has no effect: n.yaml:1:1: `, `n.yaml:1:1: `},
		{"not for this function", "n.yaml", files("n.yaml", good+"functions: {report: {}}\n"), `policy.yaml:2:7: next: has no effect: n.yaml:3:1: no section matches function "checkout"`, `ok`},
		{"not in this stage", "n.yaml", files("n.yaml", good+"on_violation: {prod: block}\n"), `policy.yaml:2:7: next: has no effect: n.yaml:3:15: on_violation: does not list stage "dev"`, `ok`},
		{"an unset variable", "${NEXT}", files(), `policy.yaml:2:7: next: has no effect: ${NEXT} is not set`, `ok`},
		{"too long", "n.yaml", files("n.yaml", strings.Repeat("#", 1<<20+1)), `policy.yaml:2:7: next: has no effect: n.yaml: the file has more than 1024 KB`, `n.yaml: the file has more than 1024 KB`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(enforcedText, "policy-next.yaml", tt.next, 1)
			env := nextEnv(nil)
			if env.FS = nil; tt.beside != nil {
				env.FS = tt.beside
			}
			p, err := Parse("policy.yaml", []byte(text), env)
			require.NoError(t, err, "never an error of the policy")
			require.Len(t, p.Warnings(), 1)
			assert.Contains(t, p.Warnings()[0].String(), tt.warning)
			assert.Nil(t, p.Info()[0].Next)
			assert.Empty(t, p.Next())

			f, err := ParseFile("policy.yaml", []byte(text))
			require.NoError(t, err)
			_, err = f.CheckNext(Env{FS: env.FS})
			if tt.checked == "ok" {
				assert.NoError(t, err)
				return
			}
			require.ErrorAs(t, err, new(Errors))
			assert.Contains(t, err.Error(), tt.checked)
		})
	}
}

func TestNextPolicyAndMemory(t *testing.T) {
	env := nextEnv(files("policy-next.yaml", "version: 1\n#"+strings.Repeat("x", 600<<10)))
	env.Process = func(name string) string {
		if name == "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" {
			return "128"
		}
		return ""
	}
	p, err := Parse("policy.yaml", []byte(enforcedText), env)
	require.NoError(t, err)
	require.Len(t, p.Warnings(), 1)
	assert.Contains(t, p.Warnings()[0].Problem, "more than 512 KB, which is too much for a function with 128 MB of memory")
}

// The warnings about the next policy itself are those of the policy.
func TestWarningsOfTheNextPolicy(t *testing.T) {
	p, err := Parse("policy.yaml", []byte(enforcedText), nextEnv(files("policy-next.yaml", "version: 1\nwhitelist:\n- http: a.example.com\n  until: 2020-01-31\n")))
	require.NoError(t, err)
	require.NotNil(t, p.Info()[0].Next)
	require.Len(t, p.Warnings(), 1)
	assert.Equal(t, "policy-next.yaml:4:10", fmt.Sprintf("%s:%d:%d", p.Warnings()[0].File, p.Warnings()[0].Line, p.Warnings()[0].Column))
}

// The next policy of a central file is central: it reads no variable of the function.
func TestNextPolicyOfACentralFile(t *testing.T) {
	f, err := ParseCentral("/opt/outguard/security.yaml", []byte("version: 1\nnext: next/security.yaml\nstage: prod\nblacklist: []\n"))
	require.NoError(t, err)
	env := nextEnv(files("next/security.yaml", "version: 1\nstage: test\nblacklist:\n- http: ${HOST:-evil.example}\n"))
	env.Getenv = func(string) string { return "other.example" }
	p, err := f.For(env)
	require.NoError(t, err)
	next := p.Next()
	require.Len(t, next, 1)
	assert.Equal(t, "/opt/outguard/next/security.yaml", next[0].Info.File)
	assert.Equal(t, "test", next[0].Info.Stage, "the stage of a central file is its own")
	assert.False(t, next[0].Policy.Decide(get(t, "https://evil.example/")).Allowed())
	assert.True(t, next[0].Policy.Decide(get(t, "https://other.example/")).Allowed())
}

func TestBundleKeepsNext(t *testing.T) {
	f, err := ParseFile("policy.yaml", []byte("version: 1\nnext: policy-next.yaml\nfunctions:\n  a:\n    whitelist: []\n  b:\n    whitelist: []\n"))
	require.NoError(t, err)
	text, err := f.Bundle("a")
	require.NoError(t, err)
	assert.Contains(t, string(text), "next: policy-next.yaml\n")
}

// besideNext says what DecideBesideNext calls differs with.
func besideNext(p *Policy, c Call) (d Decision, differs []string) {
	d = p.DecideBesideNext(c, func(enforced, would Decision, next int) {
		differs = append(differs, fmt.Sprint(next, " ", enforced.Verdict, " ", would.Verdict, " ", would.List))
	})
	return d, differs
}

// Each next policy replaces the file that names it, and no other.
func TestVerdictsBesideNext(t *testing.T) {
	list := func(verdict, next string, hosts ...string) string {
		text := "version: 1\non_violation: " + verdict + "\nwhitelist: []\n"
		if len(hosts) > 0 {
			text = strings.Replace(text, "[]", "\n- http: ["+strings.Join(hosts, ", ")+"]", 1)
		}
		if next != "" {
			text += "next: " + next + "\n"
		}
		return text
	}
	beside := files(
		"wider.yaml", list("block", "", "a.example", "b.example"),
		"narrower.yaml", list("block", ""),
		"milder.yaml", list("alert", "", "a.example"),
		"open.yaml", "version: 1\nblacklist: []\n",
	)
	tests := []struct {
		name  string
		texts []string
		host  string
		want  []string
	}{
		{"allowed by both", []string{list("block", "wider.yaml", "a.example")}, "a.example", nil},
		{"blocked by both", []string{list("block", "wider.yaml", "a.example")}, "c.example", nil},
		{"allowed next", []string{list("block", "wider.yaml", "a.example")}, "b.example", []string{"0 block allow whitelist"}},
		{"blocked next", []string{list("block", "narrower.yaml", "a.example")}, "a.example", []string{"0 allow block whitelist"}},
		{"its own on_violation", []string{list("block", "milder.yaml", "a.example")}, "b.example", []string{"0 block alert whitelist"}},
		{"another file blocks", []string{list("block", "wider.yaml", "a.example"), list("block", "", "a.example")}, "b.example", nil},
		{"another file alerts", []string{list("block", "wider.yaml", "a.example"), list("alert", "", "a.example")}, "b.example", []string{"0 block alert whitelist"}},
		{"another file is as strict", []string{list("block", "narrower.yaml", "a.example"), list("block", "")}, "a.example", nil},
		{"of the second file", []string{list("alert", "", "a.example"), list("block", "open.yaml", "a.example")}, "b.example", []string{"0 block alert whitelist"}},
		{"two next, one differs", []string{list("block", "wider.yaml", "a.example"), list("alert", "narrower.yaml", "a.example", "b.example")}, "a.example", []string{"1 allow block whitelist"}},
		{"two next, each alone", []string{list("block", "open.yaml"), list("block", "open.yaml")}, "a.example", nil},
		{"no next", []string{list("block", "")}, "a.example", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var all []*Policy
			for i, text := range tt.texts {
				p, err := Parse(fmt.Sprintf("%d.yaml", i), []byte(text), nextEnv(beside))
				require.NoError(t, err)
				require.Empty(t, p.Warnings())
				all = append(all, p)
			}
			p := Join(all...)
			c := get(t, "https://"+tt.host+"/")
			d, differs := besideNext(p, c)
			assert.Equal(t, tt.want, differs)
			assert.Equal(t, p.DecideBriefly(c), d)
		})
	}
}

// DecideBesideNext agrees with judging by each joined policy on its own, whatever the call.
func TestBesideNextAgreesWithReplacing(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 3))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	random := func(next string) string {
		text := "version: 1\non_violation: " + pick("log", "alert", "block") + "\n"
		if next != "" {
			text += "next: " + next + "\n"
		}
		for _, key := range []string{"whitelist", "blacklist"} {
			text += key + ":\n"
			for range 1 + r.IntN(3) {
				text += "- " + pick("http: a.example", "http: b.example/x/**", "aws: s3:GetObject", "aws: [s3:PutObject, sqs:SendMessage]", "net: db.internal:5432", "ip: 10.0.0.0/8") + "\n"
			}
		}
		return text
	}
	calls := []Call{
		get(t, "https://a.example/"), get(t, "https://b.example/x/y"), get(t, "https://B.example:443/%78/y"), get(t, "http://10.1.2.3/"),
		{HTTP: &http.Request{}}, {}, {Net: "db.internal:5432"}, {Net: "a.example:443", Via: ViaContext}, {Net: "b.example", Via: ViaName},
		{Via: ViaSDK, AWS: AWSCall{Service: "s3", Operation: "GetObject", Resources: []string{"arn:aws:s3:::b/k"}}},
		{AWS: AWSCall{Service: "sqs", Operation: "SendMessage"}},
	}
	judged := 0
	times := corpustest.Times(corpustest.Sample(100, 300), 10_000)
	for range times {
		beside := files("n0.yaml", random(""), "n1.yaml", random(""), "n2.yaml", random(""))
		var all []*Policy
		for i := range 1 + r.IntN(3) {
			next := ""
			if r.IntN(3) > 0 {
				next = fmt.Sprintf("n%d.yaml", i)
			}
			p, err := Parse(fmt.Sprintf("p%d.yaml", i), []byte(random(next)), nextEnv(beside))
			if err != nil {
				continue // a whitelist without effect
			}
			all = append(all, p)
		}
		if len(all) == 0 {
			continue
		}
		p := Join(all...)
		judged++
		for _, c := range calls {
			var want []string
			for i, n := range p.Next() {
				if would := n.Policy.Decide(c).Verdict; would != p.Decide(c).Verdict {
					want = append(want, fmt.Sprint(i, " ", p.Decide(c).Verdict, " ", would))
				}
			}
			_, differs := besideNext(p, c)
			for i := range differs {
				differs[i] = differs[i][:strings.LastIndexByte(differs[i], ' ')]
			}
			require.True(t, slices.Equal(want, differs), "%v: want %q, got %q", c, want, differs)
		}
	}
	assert.Greater(t, judged, times/2)
}

func TestBesideNextAllocatesNothing(t *testing.T) {
	next := "version: 1\nwhitelist:\n- http: api.example.com\n- aws: s3:GetObject\n- net: db.internal:5432\n"
	p, err := Parse("policy.yaml", []byte(enforcedText+"- http: other.example.com\n- aws: s3:GetObject\n- net: db.internal:5432\n"), nextEnv(files("policy-next.yaml", next)))
	require.NoError(t, err)
	differ := 0
	for name, c := range map[string]Call{
		"http":    get(t, "https://api.example.com/v1/x"),
		"unusual": get(t, "https://API.example.com:443/v1/x"),
		"aws":     {Via: ViaSDK, AWS: AWSCall{Service: "s3", Operation: "GetObject", Resources: []string{"arn:aws:s3:::b/k"}}},
		"net":     {Net: "db.internal:5432"},
	} {
		alloctest.AtMost(t, 0, func() { p.DecideBesideNext(c, func(_, _ Decision, _ int) { differ++ }) }, name)
	}
	assert.Zero(t, differ)
}
