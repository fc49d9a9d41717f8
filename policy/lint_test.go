package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWarnings(t *testing.T) {
	const checkout = "functions:\n  checkout:\n"
	for _, c := range []struct {
		src  string
		want []string
	}{
		// Rules without effect.
		{"whitelist:\n- http: a.com\n- http: A.com.\n", []string{`3:9: "A.com." has no effect: the rule on line 2 covers it; delete one of them`}},
		{"whitelist:\n- http: a.com/x\n- http: a.com\n", []string{`2:9: "a.com/x" has no effect: the rule on line 3 covers it; delete one of them`}},
		{"whitelist:\n- http: [b.com, x.a.com]\n- http: '*.a.com'\n", []string{`2:17: "x.a.com" has no effect: the rule on line 3 covers it; delete one of them`}},
		{"whitelist:\n- {http: a.com, methods: [GETT, PROPFIND, X-OWN]}\n", []string{`2:27: "GETT" is not a usual HTTP method; did you mean "GET"?`}},
		{"whitelist:\n- {http: a.com, methods: GET}\n- {http: a.com, methods: [GET, POST]}\n", []string{`2:10: "a.com" has no effect: the rule on line 3 covers it; delete one of them`}},
		{"blacklist:\n- ip: 10.0.0.0/8\n- ip: 10.1.0.0/16\n- ip: private\n", []string{
			`2:7: "10.0.0.0/8" has no effect: the rule on line 4 covers it; delete one of them`,
			`3:7: "10.1.0.0/16" has no effect: the rule on line 2 covers it; delete one of them`}},
		{"whitelist:\n- aws: s3:*\n- aws: s3:GetObject\n  resources: a/*\n", []string{`3:8: "s3:GetObject" has no effect: the rule on line 2 covers it; delete one of them`}},
		{"whitelist:\n- {aws: s3:*, access: write}\n- {aws: s3:PutObjectTagging, access: tagging}\n", nil}, // write covers tagging in a blacklist only
		{"blacklist:\n- {aws: s3:*, access: write}\n- {aws: s3:PutObjectTagging, access: tagging}\n", []string{`3:9: "s3:PutObjectTagging" has no effect: the rule on line 2 covers it; delete one of them`}},
		{"whitelist:\n- net: db.example.com\n- net: db.example.com:5432\n", []string{`3:8: "db.example.com:5432" has no effect: the rule on line 2 covers it; delete one of them`}},

		// Rules that look alike and are not.
		{"whitelist:\n- http: a.com\n- http: http://a.com\n- http: a.com:8443\n- http: b.com/**\n- http: c.com/*\n- http: c.com/*/x\n- http: '*.d.com'\n- http: d.com\n", nil},
		{"whitelist:\n- {http: a.com, methods: GET}\n- {http: a.com, methods: POST}\n", nil},
		{"whitelist:\n- {http: '*.a.com', except: x.a.com}\n- http: x.a.com\n", nil},
		{"whitelist:\n- {http: a.com, until: 2027-01-31}\n- http: a.com/x\n", nil},
		{"stage: dev\non_violation: {dev: log, prod: block}\nwhitelist:\n- {http: a.com, stages: dev}\n- {http: a.com/x, stages: [dev, prod]}\n", nil},
		{"blacklist:\n- http: a.com\n- {http: a.com/x, on_violation: block}\n", nil},
		{"whitelist:\n- {aws: s3:GetObject, resources: a/*}\n- aws: s3:GetObject\n  accounts: '111122223333'\n", nil},

		// Whitelisted and blacklisted.
		{"whitelist:\n- http: api.a.com/v1/**\nblacklist:\n- http: '*.a.com'\n", []string{`2:9: "api.a.com/v1/**" can never be allowed: the blacklist on line 4 holds all of it; delete the entry, or narrow the blacklist with except:`}},
		{"whitelist:\n- http: http://10.0.0.7\nblacklist:\n- ip: private\n", []string{`2:9: "http://10.0.0.7" can never be allowed: the blacklist on line 4 holds all of it; delete the entry, or narrow the blacklist with except:`}},
		{"whitelist:\n- aws: sqs:ReceiveMessage\nblacklist:\n- aws: sqs:*\n", []string{`2:8: "sqs:ReceiveMessage" can never be allowed: the blacklist on line 4 holds all of it; delete the entry, or narrow the blacklist with except:`}},
		{"whitelist:\n- aws: sqs:*\nblacklist:\n- {aws: sqs:*, access: read}\n", nil},
		{"whitelist:\n- http: api.a.com\nblacklist:\n- {http: '*.a.com', except: api.a.com}\n", nil},

		// Sections: a rule has to matter for one of the functions it is written for.
		{"blacklist: [{ip: 10.0.0.1}]\n" + checkout + "    blacklist: [{ip: 10.0.0.0/8}]\n", nil},
		{"blacklist: [{ip: 10.0.0.0/8}]\n" + checkout + "    blacklist: [{ip: 10.0.0.1}]\n", []string{`4:22: "10.0.0.1" has no effect: the rule on line 1 covers it; delete one of them`}},
		{checkout + "    whitelist: [{http: a.com}]\n  'check*':\n    whitelist: [{http: a.com}]\n", []string{`3:24: "a.com" has no effect: the rule on line 5 covers it; delete one of them`}},

		// What only looks like it allows something.
		{"whitelist:\n- http: sqs.eu-west-1.amazonaws.com\n", []string{`2:9: sqs.eu-west-1.amazonaws.com takes signed calls only, and this entry allows each of them, whoever signs; write aws: sqs:… for what is called there`}},
		{"whitelist:\n- http: cognito-idp.eu-west-1.amazonaws.com/*/.well-known/jwks.json\n- http: bucket.s3.amazonaws.com\n", nil},
		{"whitelist:\n- http: '*.amazonaws.com'\n", []string{`2:9: anybody can have a host under amazonaws.com; name the hosts that are yours, or write aws: rules`}},
		{"whitelist:\n- http: ['*.co.uk', '*.s3.eu-west-1.amazonaws.com', '*.github.io', '*.example.co.uk', me.github.io, '*.mydomain.eu-west-1.es.amazonaws.com']\n", []string{
			`2:10: anybody can have a host under co.uk; name the hosts that are yours, or write aws: rules`,
			`2:21: anybody can have a host under s3.eu-west-1.amazonaws.com; name the hosts that are yours, or write aws: rules`,
			`2:53: anybody can have a host under github.io; name the hosts that are yours, or write aws: rules`}},
		{"whitelist:\n- http: https://g\u043e\u043egle.com/x\n- net: [a.com, B\u00fccher.example]\n- http: xn--bcher-kva.example\n", []string{
			"2:9: \"https://g\u043e\u043egle.com/x\" is xn--ggle-55da.com, which can look like another host and not be it; write https://xn--ggle-55da.com/x",
			"3:16: \"B\u00fccher.example\" is xn--bcher-kva.example, which can look like another host and not be it; write xn--bcher-kva.example"}},
		{"whitelist:\n- ip: 0.0.0.0/0\n", []string{`2:7: 0.0.0.0/0 allows every address; name the networks that are meant`}},
		{"whitelist:\n- {http: a.com, until: 2020-02-29}\n", []string{`2:24: the rule ended with 2020-02-29 and allows nothing; delete it, or set a later day`}},
		{"blacklist:\n- ip: 10.1.2.3/8\n", []string{`2:7: 10.1.2.3/8 has bits set beyond /8 and means 10.0.0.0/8; write 10.0.0.0/8`}},

		{"whitelist:\n- {http: a.com, methods: [GET, post]}\n", []string{`2:32: methods are compared exactly, and "post" is not POST; write POST`}},

		// Slips of the pen.
		{"blacklist: []\nfunctions:\n  whitelist: {}\n  checkout: {}\n", []string{`3:3: a function named "whitelist"; if that is the key, indent it less or deeper`}},
		{"whitelist:\n- http: a.com\n  reason: see issue #12\n", []string{`3:11: the text ends before the #, which begins a comment; quote the text if the # belongs to it: "…"`}},
		{"whitelist:\n- http: a.com  # because of 12\n- http: b.com/$HOME/$batch\n", []string{`3:9: the text holds a $ and no variable; write ${NAME} for a variable`}},
		{"whitelist:\n- {http: a.com, id: x}\n- {http: b.com, id: x}\n", []string{`3:21: id "x" is used on line 2 too; give each rule an id of its own`}},
		{"stage: prod\non_violation: {prod: block, dev: log}\nblacklist:\n- {http: a.com, stages: [Prod, dev]}\n- {http: b.com, stages: [test, de]}\n", []string{
			`4:26: stage "Prod" is not declared in this file; did you mean "prod"?`, `5:26: stage "test" is not declared in this file; use prod or dev; if the stage comes from outside, list it in on_violation:`,
			`5:32: stage "de" is not declared in this file; did you mean "dev"?`}},
		{"stage: {accounts: {'111122223333': prod}}\non_violation: {prd: block, '*': alert}\nblacklist: []\n", []string{`2:16: stage "prd" is not declared in this file; did you mean "prod"?`}},
		{"stage: {accounts: {'111122223333': prod}}\non_violation: alert\non_unguarded: {prod: alert, prd: alert}\nblacklist: []\n", []string{`3:29: stage "prd" is not declared in this file; did you mean "prod"?`}},
	} {
		t.Run(testName(c.src), func(t *testing.T) {
			f, err := ParseFile("p", []byte(c.src))
			require.NoError(t, err)
			assert.Equal(t, c.want, texts(f.Warnings()), "of the file")
			p, err := f.For(env("checkout"))
			require.NoError(t, err)
			if len(f.Functions()) < 2 && !strings.Contains(c.src, "stage") {
				own, err := f.WarningsFor(env("checkout"))
				require.NoError(t, err)
				assert.Equal(t, c.want, texts(own), "of the function")
			}
			assert.Subset(t, append(c.want, ""), append(texts(p.Warnings()), ""), "at Load")
		})
	}
}

func texts(warnings []Warning) (out []string) {
	for _, w := range warnings {
		out = append(out, w.String()[len("p:"):])
	}
	return out
}

// A function hears of its own sections only.
func TestWarningsOfSections(t *testing.T) {
	f, err := ParseFile("p", []byte("functions:\n  a: {whitelist: [{http: a.com, methods: get}]}\n  checkout: {blacklist: []}\n"))
	require.NoError(t, err)
	assert.Len(t, f.Warnings(), 1)
	p, err := f.For(env("checkout"))
	require.NoError(t, err)
	assert.Empty(t, p.Warnings())
	p, err = f.For(env("a"))
	require.NoError(t, err)
	assert.Len(t, p.Warnings(), 1)
}

// A function that starts does not compare rules with each other; the whole file is looked at all
// the same.
func TestWarningsOfLongLists(t *testing.T) {
	src := "blacklist:\n- {http: [b.com" + strings.Repeat(", a.com", 300) + "]}\n- {http: b.com}\n"
	f, err := ParseFile("p", []byte(src))
	require.NoError(t, err)
	assert.Equal(t, []string{`3:10: "b.com" has no effect: the rule on line 2 covers it; delete one of them`}, texts(f.Warnings()))
	p, err := f.For(env("checkout"))
	require.NoError(t, err)
	assert.Empty(t, p.Warnings())
}

// Rules of different functions may have the same id, and the same subject.
func TestWarningsAcrossFunctions(t *testing.T) {
	const rule = "{whitelist: [{http: a.com, id: x}]}\n"
	f, err := ParseFile("p", []byte("functions:\n  a: "+rule+"  b: "+rule+"  'c*': {blacklist: []}\n"))
	require.NoError(t, err)
	assert.Empty(t, f.Warnings())
	f, err = ParseFile("p", []byte("functions:\n  a: "+rule+"  '*': "+rule))
	require.NoError(t, err)
	assert.Equal(t, []string{
		`2:26: "a.com" has no effect: the rule on line 3 covers it; delete one of them`,
		`3:39: id "x" is used on line 2 too; give each rule an id of its own`}, texts(f.Warnings()))
}
