package policy

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Policies of one text are alike only if everything that they were compiled with is.
func TestAlike(t *testing.T) {
	const text = "version: 1\non_violation: {dev: block, prod: alert}\nwhitelist:\n- http: https://${HOST:-a.test}/**\nblacklist:\n- feed: hosts.txt\n"
	env := func(change func(*Env)) Env {
		e := Env{Function: "pay", Stage: "prod", Region: "eu-west-1", Account: "111122223333", Getenv: func(string) string { return "" },
			FS: fstest.MapFS{"hosts.txt": {Data: []byte("evil.test\n")}}}
		change(&e)
		return e
	}
	made := func(name, text string, change func(*Env)) *Policy {
		p, err := Parse(name, []byte(text), env(change))
		require.NoError(t, err)
		return p
	}
	variable := func(name, value string) func(*Env) {
		return func(e *Env) {
			e.Getenv = func(asked string) string {
				if asked == name {
					return value
				}
				return ""
			}
		}
	}
	nothing := func(*Env) {}
	p := made("p.yaml", text, nothing)
	for name, c := range map[string]struct {
		other *Policy
		want  bool
	}{
		"made again":             {made("p.yaml", text, nothing), true},
		"a variable without use": {made("p.yaml", text, variable("OTHER", "b.test")), true},
		"another value":          {made("p.yaml", text, variable("HOST", "b.test")), false},
		"a proxy":                {made("p.yaml", text, variable("HTTPS_PROXY", "http://b.test:3128")), false},
		"another feed":           {made("p.yaml", text, func(e *Env) { e.FS = fstest.MapFS{"hosts.txt": {Data: []byte("b.test\n")}} }), false},
		"another function":       {made("p.yaml", text, func(e *Env) { e.Function = "other" }), false},
		"another stage":          {made("p.yaml", text, func(e *Env) { e.Stage = "dev" }), false},
		"another region":         {made("p.yaml", text, func(e *Env) { e.Region = "us-east-1" }), false},
		"another account":        {made("p.yaml", text, func(e *Env) { e.Account = "444455556666" }), false},
		"another name":           {made("q.yaml", text, nothing), false},
		"another text":           {made("p.yaml", text+"# another\n", nothing), false},
		"with another one":       {Join(p, made("q.yaml", text, nothing)), false},
		"nil":                    {nil, false},
		"zero":                   {new(Policy), false},
		"joined alone":           {Join(made("p.yaml", text, nothing)), true},
	} {
		assert.Equal(t, c.want, p.Alike(c.other), name)
		assert.Equal(t, c.want, c.other.Alike(p), name)
	}
	q := made("q.yaml", text, nothing)
	assert.True(t, Join(p, q).Alike(Join(q, p)), "in any order")
}
