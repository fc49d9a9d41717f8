package policy_test

import (
	"fmt"
	"net/http"

	"github.com/outguard/outguard/policy"
)

func ExampleParse() {
	p, err := policy.Parse("policy.yaml", []byte(`
version: 1
on_violation: {dev: block, prod: alert}
functions:
  checkout:
    whitelist:
      - http: https://api.stripe.com/v1/**
        methods: [GET, POST]
`), policy.Env{Function: "checkout", Stage: "prod"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, method := range []string{"POST", "DELETE"} {
		r, _ := http.NewRequest(method, "https://api.stripe.com/v1/charges", nil)
		d := p.Decide(policy.Call{HTTP: r})
		fmt.Println(method, d.Verdict, d.List)
	}
	// Output:
	// POST allow whitelist
	// DELETE alert whitelist
}

// All errors of a file are reported at once, each with its place and its fix.
func ExampleParseFile() {
	_, err := policy.ParseFile("policy.yaml", []byte(`version: 1
whitelsit:
  - http: www.google.com
blacklist:
  - http: *.a.test
  - aws: sqs:*
    access: raed
`))
	fmt.Println(err)
	// Output:
	// policy.yaml:2:1: unknown key "whitelsit"; did you mean "whitelist"?
	// policy.yaml:5:11: *.a.test begins with *, which YAML reads as an alias; quote it: "*.a.test"
	// policy.yaml:7:13: access: "raed" is unknown; did you mean "read"?
}

// A team's own file cannot loosen the central one: a call must satisfy both.
func ExampleJoin() {
	env := policy.Env{Function: "checkout"}
	central, _ := policy.Parse("central.yaml", []byte("owner: security team\non_violation: block\nblacklist: [{http: pastebin.com}]"), env)
	team, _ := policy.Parse("team.yaml", []byte("on_violation: log\nwhitelist: [{http: any, reason: we are in a hurry}]"), env)
	p := policy.Join(central, team)

	r, _ := http.NewRequest("POST", "https://pastebin.com/api", nil)
	d := p.Decide(policy.Call{HTTP: r})
	fmt.Println(d.Verdict, d.Rule.ID, d.Policy.Owner)
	// Output: block central.yaml:3 security team
}
