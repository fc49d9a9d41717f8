package policy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A languageCase is a policy and what Parse says of it for function checkout in account
// 111122223333: each error without the file's name, in order. The JSON schema is held against the
// same table.
type languageCase struct {
	Src    string   `json:"src"`
	Want   []string `json:"want,omitempty"`
	Beyond bool     `json:"beyond,omitempty"` // a schema cannot see that it is wrong
}

func ok(src string) languageCase                        { return languageCase{Src: src} }
func bad(src string, want ...string) languageCase       { return languageCase{Src: src, Want: want} }
func (c languageCase) beyondSchema() languageCase       { c.Beyond = true; return c }
func white(rule string) string                          { return "whitelist:\n- " + rule + "\n" }
func black(rule string) string                          { return "blacklist:\n- " + rule + "\n" }
func badWhite(rule string, want ...string) languageCase { return bad(white(rule), want...) }
func badBlack(rule string, want ...string) languageCase { return bad(black(rule), want...) }

// languageCases hold what is wrong within one parsed document, so that a schema can have an
// opinion on it too.
func languageCases() []languageCase {
	return []languageCase{
		// The file.
		ok("version: 1"),
		ok("version: '1'\nowner: platform security"),
		bad("version: 2", `1:10: version "2" is unknown; write version: 1, or use a newer Outguard`),
		bad("- a", `1:1: the file is a list, not a mapping; delete the dashes or brackets: it takes keys, key: value`),
		bad("policy", `1:1: the file is the text "policy", not a mapping; write it as key: value`),
		bad("whitelsit: []", `1:1: unknown key "whitelsit"; did you mean "whitelist"?`),
		bad("allow: []", `1:1: unknown key "allow"; did you mean "whitelist"?`),
		bad("denylist: []", `1:1: unknown key "denylist"; did you mean "blacklist"?`),
		bad("Whitelist: []", `1:1: unknown key "Whitelist"; did you mean "whitelist"?`),
		bad("checkout: {}", `1:1: unknown key "checkout" in the file; functions go under functions:; the top of the file takes version, owner, stage, on_violation, on_unguarded, block_fails, strict_operations, next, notify, whitelist, blacklist or functions`),
		bad("resources: x", `1:1: unknown key "resources" in the file; "resources" belongs to a rule, in a whitelist or a blacklist`),
		bad("owner:", `1:7: owner: is empty; write a value, or delete the key`),
		bad("owner: [a]", `1:8: owner: is a list, not text; quote it if it is meant as text: "…"`),
		bad("strict_operations: yes", `1:20: strict_operations: "yes" is unknown; use true or false`),
		ok("strict_operations: true"),
		ok("next: policy-next.yaml"),
		bad("next:", `1:6: next: is empty; write a value, or delete the key`),
		bad("next: [a.yaml, b.yaml]", `1:7: next: is a list, not text; quote it if it is meant as text: "…"`),

		// Lists.
		ok("whitelist: []"),
		bad("whitelist:", `1:11: whitelist: has no entries; write whitelist: [] to allow nothing, or delete it to allow everything that is not blacklisted`),
		bad("blacklist: ~", `1:12: blacklist: has no entries; add a rule, or delete it`),
		bad("whitelist: {http: a.com}", `1:12: whitelist: is a mapping, not a list; begin each rule with a dash: - http: …`),
		badWhite("https://a.com", `2:3: a rule is a mapping, not the text "https://a.com"; write - http: https://a.com`),
		badWhite("s3:Get*", `2:3: a rule is a mapping, not the text "s3:Get*"; write - aws: s3:Get*`),
		badBlack("10.0.0.0/8", `2:3: a rule is a mapping, not the text "10.0.0.0/8"; write - ip: 10.0.0.0/8`),
		badWhite("http a.com", `2:3: a rule is a mapping, not the text "http a.com"; write - http: a.com`),
		badWhite("http:a.com", `2:3: a rule is a mapping, not the text "http:a.com"; write - http: a.com`),
		badWhite("a.com:443", `2:3: a rule is a mapping, not the text "a.com:443"; write - http: a.com:443`),
		badWhite("{}", `2:3: the rule is empty; give it a subject: http, aws, ip or net:`),
		badBlack("", `2:2: the rule is empty; give it a subject: http, aws, ip, net or feed:`),
		badWhite("[]", `2:3: a rule is a list, not a mapping; delete the dashes or brackets: it takes keys, key: value`),

		// Rules.
		ok(white("{http: [a.com, b.com], id: shop, reason: because, except: b.com, methods: [GET, POST], until: 2027-01-31}")),
		ok(white("{aws: s3:*, access: [list, tagging]}")),
		badWhite("{aws: s3:*, access: [list, tag]}", `2:30: access: "tag" is unknown; use list, read, write, tagging or permissions`),
		badBlack("{aws: s3:*, access: []}", `2:23: access: is an empty list; name at least one, or delete the key`),
		ok(white("{aws: s3:GetObject, access: read, resources: receipts/*, regions: eu-west-1, accounts: [self, '222233334444']}")),
		ok(black("{http: a.com, on_violation: block}")),
		ok(white("{http: any, reason: it is a crawler}")),
		ok(black("{http: any}")),
		badWhite("{http: Any}", `2:10: http: "Any" is not any, but a host of that name; write http: any, with a reason`).beyondSchema(),
		badWhite("{net: ANY.}", `2:9: net: "ANY." is not any, but a host of that name; write net: any, with a reason`).beyondSchema(),
		badWhite("{http: a.com, except: any}", `2:25: except: any leaves nothing of the rule; delete the rule, or name what it does not hold for`).beyondSchema(),
		badWhite("{net: a.com, except: [any]}", `2:25: except: any leaves nothing of the rule; delete the rule, or name what it does not hold for`).beyondSchema(),
		badWhite("{http: a.com, ip: 10.0.0.1}", `2:17: the rule has two subjects, http: and ip:; make two rules of it`),
		badWhite("{htpp: a.com}", `2:4: unknown key "htpp"; did you mean "http"?`),
		badWhite("{url: a.com}", `2:4: unknown key "url"; did you mean "http"?`),
		badWhite("{reason: x}", `2:3: the rule has no subject; add http, aws, ip or net:`),
		badWhite("{http: }", `2:10: http: is empty; write a value, or delete the key`),
		badWhite("{http: []}", `2:10: http: is an empty list; name at least one, or delete the key`),
		badWhite("{http: [a.com, ~]}", `2:18: an entry of http: is empty; write a value, or delete the key`),
		badWhite("{http: {host: a.com}}", `2:10: http: is a mapping, not text; quote it if it is meant as text: "…"`),
		badWhite("{http: ' '}", `2:10: http: is empty; write a value, or delete the key`),
		badWhite("{aws: s3:GetObject, methods: GET}", `2:23: methods: in a rule with aws:; methods: goes with http:; delete it`),
		badWhite("{http: a.com, access: read}", `2:17: access: in a rule with http:; access: goes with aws:; delete it`),
		badWhite("{ip: 10.0.0.1, resources: a, regions: b, accounts: c}",
			`2:18: resources: in a rule with ip:; resources: goes with aws:; delete it`,
			`2:32: regions: in a rule with ip:; regions: goes with aws:; delete it`,
			`2:44: accounts: in a rule with ip:; accounts: goes with aws:; delete it`),
		badWhite("{aws: s3:GetObject, access: reed}", `2:31: access: "reed" is unknown; did you mean "read"?`),
		badWhite("{http: a.com, on_violation: log}", `2:17: on_violation: on a whitelist rule has no effect; put it on the section, or on a blacklist rule`),
		badBlack("{http: a.com, on_violation: blok}", `2:31: on_violation: "blok" is unknown; did you mean "block"?`),
		badBlack("{http: a.com, until: 2027-01-31}", `2:17: until: on a blacklist rule; until: ends a whitelist rule; delete it`),
		badWhite("{http: a.com, until: 31.1.2027}", `2:24: until: "31.1.2027" is not a day; write it as 2027-01-31`),
		badWhite("{http: a.com, until: 2027-02-30}", `2:24: until: "2027-02-30" is not a day; write it as 2027-01-31`).beyondSchema(),
		badWhite("{http: any}", `2:10: http: any in a whitelist needs a reason; add reason: … to say why everything is allowed`),
		badWhite("{aws: [any, s3:GetObject], reason: x}", `2:10: any stands beside other subjects; write aws: any alone; it covers them`),
		badWhite("{feed: hosts.txt}", `2:4: feed: in a whitelist; feeds are for blacklists; write http: or ip: rules`),

		// Patterns.
		ok(white("{http: [a.com, 'https://*.a.com:8443/v1/**', 'http://[::1]:80/x', 10.0.0.1, 'a.com:*'], methods: GET}")),
		ok(white("{http: Bücher.example.}")), // brought to canonical form, not refused
		badWhite("http: '*'", `2:9: http: "*" in a whitelist allows every host; write http: any, with a reason, if that is meant`).beyondSchema(),
		badWhite("http: '*.com'", `2:9: http: "*.com" is too wide for a whitelist; name the domain, such as "*.example.com", or write http: any with a reason`).beyondSchema(),
		badWhite("http: '**'", `2:9: http: "**": "**" has no meaning in a host; write "*." for one or more labels, or "http: any"`).beyondSchema(),
		ok(black("http: ['*.com', '*']")),
		badWhite("http: ftp://a.com", `2:9: http: the scheme "ftp" is not http or https; write http:// or https://, or leave the scheme out`).beyondSchema(),
		badWhite("http: [https:/a.com, HTTP//a.com/x]", `2:10: "https:/a.com" has no :// after its scheme; write "https://a.com"`,
			`2:24: "HTTP//a.com/x" has no :// after its scheme; write "HTTP://a.com/x"`).beyondSchema(),
		badWhite("http: a.com:70000", `2:9: "a.com:70000": the port "70000" is not a number from 1 to 65535; write a port, or :* for any`).beyondSchema(),
		badWhite("http: a.com?x=1", `2:9: http: a query or fragment, which never takes part in a match, follows "a.com"; write "a.com"`).beyondSchema(),
		badWhite("http: https://me:s3cret@a.com?token=s3cret", `2:9: user info, which never takes part in a match, stands before @a.com; write "https://a.com"`).beyondSchema(),
		badWhite("net: redis://:s3/cret@db:6379", `2:8: user info, which never takes part in a match, stands before @db:6379; delete it, and the @`).beyondSchema(),
		badWhite("ip: https://me:s3cret@10.0.0.1", `2:7: user info, which never takes part in a match, stands before @10.0.0.1; delete it, and the @`),
		badWhite("http: wss://me:s3 cret@a.com/x", `2:9: user info, which never takes part in a match, stands before @a.com; write "https://a.com/x"`).beyondSchema(),
		badWhite("https://me:s3cret@a.com/x", `2:3: a rule is a mapping, not the text "…@a.com"; write - http: …@a.com`),
		bad("whitelist: https://me:s3cret@a.com/x", `1:12: whitelist: is the text "…@a.com", not a list; begin each rule with a dash: - http: …`),
		ok(white("http: https://medium.com/@me/**")),
		badWhite("http: https://me:s3cret@a.com", `2:9: user info, which never takes part in a match, stands before @a.com; write "https://a.com"`).beyondSchema(),
		badWhite("http: '::1'", `2:9: "::1" has more than one colon; write "[::1]"`).beyondSchema(),
		badWhite("http: "+strings.Repeat("a", 300), `2:9: http: "`+strings.Repeat("a", 77)+`...": the host is not a domain name: empty or over 253 characters; write a domain name or an IP address`).beyondSchema(),
		badWhite("{http: a.com, methods: [GET, 'G T']}", `2:32: methods: "G T" is not an HTTP method; write it as it is sent: GET`).beyondSchema(),
		badWhite("{http: a.com, methods: 'GET, POST'}", `2:26: methods: "GET, POST" is not an HTTP method; write [GET, POST]`).beyondSchema(),
		badWhite("{http: a.com, methods: GET|PUT}", `2:26: methods: "GET|PUT" is not an HTTP method; write [GET, PUT]`).beyondSchema(),
		badWhite("{aws: s3:*, access: 'read,write'}", `2:23: access: "read,write" is unknown; write [read, write]`),
		badWhite("aws: sqs/SendMessage", `2:8: "sqs/SendMessage" has no colon between the service and the operation; write "sqs:SendMessage"`).beyondSchema(),
		badWhite("{http: a.com, methods: '*'}", `2:26: methods: "*" is not an HTTP method; leave methods: out for any`).beyondSchema(),
		badWhite("net: '*'", `2:8: net: "*" in a whitelist allows every host; write net: any, with a reason, if that is meant`).beyondSchema(),
		badWhite("aws: 's3:GetObject, s3:PutObject'", `2:8: "GetObject, s3:PutObject" is not the name of an operation; write ["s3:GetObject", "s3:PutObject"]`).beyondSchema(),
		badWhite("http: GET https://a.com", `2:9: http: the scheme "GET https" is not http or https; write http: https://a.com and methods: GET`).beyondSchema(),
		badWhite("aws: s4:GetObject", `2:8: unknown AWS service "s4"; did you mean "s3:GetObject"?`).beyondSchema(),
		badWhite("aws: s3", `2:8: "s3" names no operation; write "s3:*" for all of a service's operations, or name one: "s3:GetObject"`).beyondSchema(),
		badWhite("aws: '*:*'", "2:8: \"*:*\" is as wide as every service of AWS; name the services, or write `aws: any` with a reason").beyondSchema(),
		badWhite("{aws: s3:GetObject, accounts: [self, '12']}", `2:40: "12" is not an account; write its 12 digits, or self`).beyondSchema(),

		// ip:
		ok(black("{ip: [loopback, private, Link-Local, public, 10.0.0.1, '::1', '[::1]', 10.0.0.0/8, 'fd00::/8']}")),
		badWhite("{ip: any}", `2:8: ip: "any" is not an address; write http: any or net: any, or both ranges: ["0.0.0.0/0", "::/0"]`),
		badWhite("{ip: 10.0.0.1:80}", `2:8: ip: "10.0.0.1:80" can never match: it is an address with a port; write net: 10.0.0.1:80`),
		badWhite("{ip: 10.0.0.1/33}", `2:8: ip: "10.0.0.1/33" can never match: it is a network, and the length of its prefix goes up to 32; write ip: 10.0.0.1/32`),
		badWhite("{ip: 127.1}", `2:8: ip: "127.1" is not an address; write "127.0.0.1"`),
		badWhite("{ip: publik}", `2:8: ip: "publik" is not an address; did you mean "public"?`),
		badWhite("{ip: 'fe80::1%eth0'}", `2:8: ip: "fe80::1%eth0" has a zone; write "fe80::1"`),
		badWhite("{ip: example.com}", `2:8: ip: "example.com" can never match: it is a host; write http: example.com`),
		badWhite("{ip: 'https://10.0.0.1'}", `2:8: ip: "https://10.0.0.1" can never match: it is a URL; write http: https://10.0.0.1`),

		// Stages and actions.
		ok("stage: prod\non_violation: {prod: block, '*': alert}"),
		ok("stage: {accounts: {111122223333: dev, '*': prod}}\non_violation: {dev: log, prod: block}"),
		bad("stage: $STAGE", `1:8: "$STAGE" is not a stage; write ${STAGE} for a variable`),
		bad("stage: prod\n"+black("{http: a.com, stages: ['*']}"), `3:26: stages: "*" is not a stage; name each stage, or leave stages: out for every stage`),
		bad("stage: prod\n"+black("{http: a.com, stages: [prod, 'pr*']}"), `3:32: stages: "pr*" is not a stage; name each stage, or leave stages: out for every stage`),
		bad("stage: prod\n"+black("{http: a.com, stages: 'pro d'}"), `3:25: "pro d" is not a stage; use letters, digits, - _ .`),
		bad("stage: {}", "1:8: stage: is empty; write stage: ${STAGE} or stage: {accounts: {\"111122223333\": prod}}"),
		bad("stage: {account: {111122223333: dev}}", `1:9: unknown key "account"; did you mean "accounts"?`),
		bad("stage: {accounts: {1111: dev}}", `1:20: "1111" is not an AWS account; write its 12 digits in quotes, or "*" for any other`),
		bad("on_violation: deny", `1:15: on_violation: "deny" is unknown; use log, alert or block`),
		bad("on_violation:", `1:14: on_violation: is empty; write a value, or delete the key`),
		bad("on_violation: {prod: blocked}", `1:22: on_violation: "blocked" is unknown; did you mean "block"?`),
		bad("on_violation: [alert]", `1:15: on_violation: is a list; write one word, or a word for each stage: {dev: block, prod: alert}`),
		bad("on_violation: {}", `1:15: on_violation: is empty; write its entries, or delete it`),
		bad("block_fails: calls", `1:14: block_fails: "calls" is unknown; did you mean "call"?`),

		// Functions.
		ok("functions: {checkout: {whitelist: []}, 'report-*': {on_violation: log}}"),
		ok("functions: {'*': {}}"),
		ok("owner: platform\nfunctions: {checkout: {owner: payments, whitelist: []}}"),
		bad("functions:", `1:11: functions: is empty; write its keys, {} for none, or delete it`),
		bad("functions: {}", `1:12: functions: is empty; name a function, write "*": {} for all, or delete it`),
		bad("functions: {checkout: }", `1:23: function "checkout" is empty; write its keys, {} for none, or delete it`),
		bad("functions: {checkout: {whitelist: [], whitelists: []}}", `1:39: unknown key "whitelists"; did you mean "whitelist"?`),
		bad("functions: {checkout: {notify: []}}", `1:24: unknown key "notify" in function "checkout"; "notify" belongs at the top of the file; mind the indentation`),
		bad("functions: [{checkout: {}}]", `1:12: functions: is a list, not a mapping; delete the dashes or brackets: it takes keys, key: value`),
		bad("functions:\n  checkout:\n  whitelist:\n  - http: a.com", `2:12: function "checkout" is empty; write its keys, {} for none, or delete it`,
			`3:3: whitelist: stands where a function's name belongs; indent it deeper, under its function`),
		bad("functions: {'check?ut': {}}", `1:13: "check?ut" is not a function's name; function names hold letters, digits, - and _; "*" stands for any of them`),
		bad("functions: {'arn:aws:lambda:eu-west-1:111122223333:function:checkout': {}}", `1:13: "arn:aws:lambda:eu-west-1:111122223333:function:checkout" is not a function's name; write the function's name alone: "checkout"`),

		// notify:
		ok("notify: [{sns: 'arn:aws:sns:eu-west-1:111122223333:alerts', verdicts: [block], functions: 'check*'}]"),
		ok("notify: [{slack: xoxb-1, channel: C1}, {eventbridge: default}, {webhook: 'https://a.com/x?y', secret: s}]"),
		bad("notify: {sns: x}", `1:9: notify: is a mapping, not a list; begin each target with a dash: - sns: …`),
		bad("notify: [xoxb-token]", `1:10: a notify entry is a text, not a mapping; write it as key: value`),
		bad("notify: [{email: me@a.com}]", `1:11: unknown key "email" in a notify entry; write sns: with the ARN of a topic, and subscribe the address to the topic`),
		bad("notify: [{Teams: x}]", `1:11: unknown key "Teams" in a notify entry; write webhook: with a URL that takes the JSON of alerts`),
		bad("notify: [{sqs: x}]", `1:11: unknown key "sqs" in a notify entry; write sns: or eventbridge:, and let its topic or a rule of the bus pass alerts on`),
		bad("notify: [{snss: x}]", `1:11: unknown key "snss"; did you mean "sns"?`),
		bad("notify: [{channel: x}]", `1:10: the notify entry has no destination; add sns:, slack:, eventbridge: or webhook:`),
		bad("notify: [{sns: x, slack: y}]", `1:19: the notify entry has two destinations, sns: and slack:; make two entries of it`),
		bad("notify: [{sns: x, channel: y, secret: z}]", `1:19: channel: in an entry with sns:; channel: goes with slack:; delete it`, `1:31: secret: in an entry with sns:; secret: goes with webhook:; delete it`),
		bad("notify: [{sns: x, verdicts: [blocked]}]", `1:30: verdicts: "blocked" is unknown; did you mean "block"?`),

		// All errors of a file at once, in order.
		bad("whitelsit: []\nwhitelist:\n- ip: 10.0.0.300\n- {}\non_violation: deny\n",
			`1:1: unknown key "whitelsit"; did you mean "whitelist"?`,
			`3:7: ip: "10.0.0.300" is not an address; write an address (192.0.2.1, 2001:db8::1), a CIDR (10.0.0.0/8), or loopback, private, link-local or public`,
			`4:3: the rule is empty; give it a subject: http, aws, ip or net:`,
			`5:15: on_violation: "deny" is unknown; use log, alert or block`),
	}
}

var update = flag.Bool("update", false, "write golden files")

// The table as a file is what internal/e2e holds policy.schema.json against.
func TestLanguageGolden(t *testing.T) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, c := range languageCases() {
		require.NoError(t, enc.Encode(c))
	}
	path := filepath.Join("testdata", "language.jsonl")
	if *update {
		require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String(), "run go test ./policy -update")
}

func TestLanguage(t *testing.T) {
	for _, c := range languageCases() {
		t.Run(testName(c.Src), func(t *testing.T) { c.run(t) })
	}
}

func (c languageCase) run(t *testing.T) {
	t.Helper()
	_, err := Parse("p", []byte(c.Src), env("checkout"))
	if c.Want == nil {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	got := strings.ReplaceAll("\n"+err.Error(), "\np:", "\n")[1:]
	assert.Equal(t, strings.Join(c.Want, "\n"), got)
	assert.NotContains(t, got, "yaml.", "a Go type name")
	assert.NotContains(t, got, "policy.")
}

// yamlCases hold what YAML itself refuses, or accepts and a policy does not.
func yamlCases() []languageCase {
	return []languageCase{
		// Texts that need quotes.
		badWhite("http: *.example.com", `2:9: *.example.com begins with *, which YAML reads as an alias; quote it: "*.example.com"`),
		badWhite("http: *.x.io", `2:9: *.x.io begins with *, which YAML reads as an alias; quote it: "*.x.io"`),
		badWhite("http: [a.com, *.b.com, *.c.com]", `2:17: *.b.com begins with *, which YAML reads as an alias; quote it: "*.b.com"`),
		badWhite("http:\n  - *.b.com", `3:5: *.b.com begins with *, which YAML reads as an alias; quote it: "*.b.com"`),
		badWhite("http: [\n    *.b.com,\n  ]", `3:5: *.b.com begins with *, which YAML reads as an alias; quote it: "*.b.com"`),
		bad("functions:\n  *: {}", `2:3: * begins with *, which YAML reads as an alias; quote it: "*"`),
		bad("functions:\n  *-report:\n    on_violation: log\n  checkout: {}", `2:3: *-report begins with *, which YAML reads as an alias; quote it: "*-report"`),
		badWhite("aws: [dynamodb:Query]\n  resources: [table/${T}, table/${U}]",
			`3:15: table/${T} holds ${, which YAML reads as a mapping when it stands in brackets; quote it: "table/${T}"`),
		badWhite("http: [::1]/x", `2:9: [::1]/x begins with [, which YAML reads as a list; quote it: "[::1]/x"`),
		badBlack("ip: [::1]", `2:7: [::1] begins with [, which YAML reads as a list; quote it: "[::1]"`),
		badWhite("http: a.com\n  reason: see: the wiki", `3:11: see: the wiki holds a colon and a blank, which YAML reads as a key; quote it: "see: the wiki"`),
		badWhite("http: a.com\n  reason: @ops wants it", `3:11: @ops wants it begins with @, which YAML reserves; quote it: "@ops wants it"`),
		badWhite("http: a.com\n  reason: |\n    see: the: wiki\n  bogus: *.x", `5:3: unknown key "bogus" in a rule; use http, aws, ip, net, feed, id, reason, except, methods, access, resources, regions, accounts, unlisted, callers, stages, until or on_violation`, `5:10: *.x begins with *, which YAML reads as an alias; quote it: "*.x"`),
		bad("version:1\nwhitelist: []", `1:8: no blank after the colon; write version: …`),
		bad("version: 1\nwhitelist\n- http: a.com", `2:1: a colon is missing; write key: value, or the key, a colon, and its entries below`),
		bad("notify:\n- slack: #alerts\n", `2:9: slack: is empty: # begins a comment; quote the text if the # belongs to it: "#…"`),
		bad("notify:\n- webhook: https://a.com\n  secret: *s3cret\n- @xoxb\n", `3:11: the text begins with *, which YAML reads as an alias; quote it: "…"`, `4:3: the text begins with @, which YAML reserves; quote it: "…"`, `4:3: a notify entry is a text, not a mapping; write it as key: value`),
		bad("notify: [{webhook: https://a.com, secret: *s3cret}]", `1:43: the text begins with *, which YAML reads as an alias; quote it: "…"`),
		bad("notify:\n- webhook: https://a.com\n  secret:\n    *s3cret\n", `4:5: the text begins with *, which YAML reads as an alias; quote it: "…"`),
		bad("notify:\n- webhook: https://a.com\n  secret: &s3cret\n- webhook: https://b.com\n  secret: !s3cret x\n", `3:11: &… is a YAML anchor; delete it; every rule is written out`,
			`3:11: secret: is empty; write a value, or delete the key`, `5:11: … is a YAML tag; delete it, or quote the text if it is meant`),
		bad("owner: &a me\nnotify: [{slack: *a, 'x s3cret': 1, 'x s3cret': 2}]", `1:8: &a is a YAML anchor; delete it; every rule is written out`,
			`2:18: *… is a YAML alias; write the value out, or quote it if it is meant as text`,
			`2:22: an unknown key in a notify entry; use sns, slack, eventbridge, webhook, channel, secret, verdicts or functions, each followed by a colon and a blank`,
			`2:37: key "…" is repeated (first on line 2); merge the two, or delete one`,
			`2:37: an unknown key in a notify entry; use sns, slack, eventbridge, webhook, channel, secret, verdicts or functions, each followed by a colon and a blank`),
		bad("notify:\n- {slack:https://hooks.slack.com/services/T/B/s3cret}\n", `2:4: an unknown key in a notify entry; use sns, slack, eventbridge, webhook, channel, secret, verdicts or functions, each followed by a colon and a blank`),
		badWhite("http: *.a.com # not *.b.com", `2:9: *.a.com begins with *, which YAML reads as an alias; quote it: "*.a.com"`),
		badWhite("http: [\"b.com\", *.a.com] # one", `2:19: *.a.com begins with *, which YAML reads as an alias; quote it: "*.a.com"`),
		badWhite("http: \"a.com\n- http: b.com", `2:1: a quote is opened and never closed; close it`),
		badWhite("http: a.com\n  methods: [GET\n- http: b.com", `3:3: the list in [ ] is not closed or not well formed; close it with ], and quote texts with special characters: "…"`),
		badWhite("http: a.com\n   methods: GET", `3:4: a colon where none can be; quote the text if the colon belongs to it: "…"`),
		bad("whitelist: {{ list }}", `1:12: whitelist: is a mapping, not a list; begin each rule with a dash: - http: …`, `1:13: a key is a mapping, not text; quote it if it is meant as text: "…"`),
		bad("\twhitelist: []", `1:1: a tab in the indentation; indent with blanks`),
		bad("whitelist:\n\t- http: a.com\n", `2:1: a tab in the indentation; indent with blanks`),

		// What a policy does not take from YAML.
		bad("owner: &x me", `1:8: &x is a YAML anchor; delete it; every rule is written out`),
		bad("owner: &x me\nstage: *x", `1:8: &x is a YAML anchor; delete it; every rule is written out`,
			`2:8: *x is a YAML alias; write the value out, or quote it if it is meant as text`),
		bad("owner: !!str me", `1:8: !!str is a YAML tag; delete it, or quote the text if it is meant`),
		bad("owner: !me", `1:8: !me is a YAML tag; delete it, or quote the text if it is meant`),
		bad("<<: {owner: me}", `1:1: << is a YAML merge key; write the keys out`),
		bad("? [a]\n: b", `1:3: a key is a list, not text; quote it if it is meant as text: "…"`),
		bad("owner: a\nowner: b", `2:1: key "owner" is repeated (first on line 1); merge the two, or delete one`),
		bad("version: 1\n---\nowner: b", `2:1: a second YAML document begins here; delete the --- and what does not belong; a policy is one document`),
		bad("version: 1\n...\nowner: b", `3:1: a second YAML document begins here; delete the --- and what does not belong; a policy is one document`),
		ok("---\nversion: 1\n"),
		ok("\ufeffversion: 1\r\nwhitelist: []\r\n"),
		bad("", ` the file is empty; write at least version: 1 and a whitelist or a blacklist`),
		bad(" \n# nothing\n", ` the file is empty; write at least version: 1 and a whitelist or a blacklist`),
		bad("---\n", ` the file is empty; write at least version: 1 and a whitelist or a blacklist`),
		bad("~", ` the file is empty; write at least version: 1 and a whitelist or a blacklist`),

		// What cannot be a policy's text.
		bad("\xff\xfev\x00e\x00", `1:1: the file is UTF-16; save it as UTF-8`),
		bad("\xfe\xff\x00v", `1:1: the file is UTF-16; save it as UTF-8`),
		bad("version: 1\nowner: a\x00b", `2:9: the file holds a NUL byte; save it as UTF-8 text`),
		bad("version: 1\nowner: é\xff", `2:9: the file is not UTF-8 here; save it as UTF-8`),
		bad("owner: a\x07b", `1:9: the file holds the control character U+0007; delete it`),
		bad("owner: a\u009fb", `1:9: the file holds the control character U+009F; delete it`),
		bad("version: 1\n# harmless\u2028owner: me", `2:11: the file holds a line break that editors do not show, U+2028; delete it`),
		bad("# harmless\u0085owner: me", `1:11: the file holds a line break that editors do not show, U+0085; delete it`),
		bad("# harmless\rowner: me", `1:11: the file holds a carriage return that ends no line; delete it`),
		bad("owner: \u202eem", `1:8: the file holds a character that turns the direction of writing, U+202E; delete it`),
		bad("owner: a\u200bb", `1:8: the text holds a character that cannot be seen, U+200B; delete it`),
		bad("ow\u00adner: me", `1:1: the text holds a character that cannot be seen, U+00AD; delete it`, "1:1: unknown key \"ow\\u00adner\"; did you mean \"owner\"?"),
		bad("blacklist:\n- http: a.com/ad\u200emin", `2:17: the file holds a character that cannot be seen, U+200E; delete it`),
		bad("version: 1\n\ufeffowner: me", `2:1: the file holds a character that cannot be seen, U+FEFF; delete it`),
		badWhite("http: a.com/ad\u200dmin", "2:9: \"a.com/ad\\u200dmin\" holds a character that cannot be seen; write \"a.com/admin\""),
		ok("owner: \U0001f468\u200d\U0001f4bb the team\n"),
		ok("owner: Bücher & Söhne 株式会社\n"),
	}
}

// What is large, deep or endless is refused in time, or read.
func TestHugeFiles(t *testing.T) {
	deep := func(open, close string, n int) string { return strings.Repeat(open, n) + strings.Repeat(close, n) }
	stairs := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}
	const tooDeep = "this is nested too deeply"
	for name, c := range map[string]struct{ src, want string }{
		"lists":         {deep("[", "]", 10_001), tooDeep},
		"mappings":      {deep("{a: ", "}", 9_000), tooDeep},
		"open lists":    {strings.Repeat("[", 1_000_000), tooDeep},
		"block lists":   {strings.Repeat("- ", 10_001) + "a", tooDeep},
		"keys of keys":  {strings.Repeat("? ", 10_001) + "a", tooDeep},
		"stairs":        {stairs(1_400), tooDeep},
		"comments":      {strings.Repeat("# comment\n", 1<<20/10), "the file is empty"},
		"50 MB":         {strings.Repeat("x", 50<<20), "the file has more than 1024 KB"},
		"a long reason": {white("{ip: 10.0.0.1, reason: '" + strings.Repeat("x ", 1<<18) + "'}"), ""},
		"a long host":   {white("http: " + strings.Repeat("x", 1<<19)), "over 253 characters"},
		"a long path":   {white("http: a.com/" + strings.Repeat("x", 1<<19)), ""},
		"a long word":   {"on_violation: " + strings.Repeat("x", 1<<19), "is unknown; use log, alert or block"},
		"bomb": {"a: &a [x, x]\n" + func() string {
			var b strings.Builder
			for c := 'b'; c <= 'z'; c++ {
				b.WriteString(strings.ReplaceAll(strings.ReplaceAll("Y: &Y [*X, *X, *X, *X, *X, *X, *X, *X]\n", "Y", string(c)), "X", string(c-1)))
			}
			return b.String()
		}(), "*a is a YAML alias"},
		"variables":        {"whitelist: [http: *.a.com, " + strings.Repeat("${", 1<<18) + "]", "is not closed"},
		"long globs":       {white("{aws: sqs:*, resources: '" + strings.Repeat("[a-b],{a", 1<<16) + "'}"), "has no meaning here"},
		"a long list":      {white("{aws: sqs:*, resources: '" + strings.Repeat("a, ", 1<<17) + "'}"), "can never match"},
		"a long ARN":       {white("{aws: sqs:*, resources: 'arn:" + strings.Repeat("a/:", 1<<17) + "'}"), "can never match"},
		"a long operation": {white("aws: s3:" + strings.Repeat("x.", 1<<18)), "only * and ? are wildcards"},
		"traps":            {"blacklist:\n" + strings.Repeat("- http: *.a.com\n", 5_000), "… and 4900 more"},
		"errors":           {"blacklist:\n" + strings.Repeat("- htp: a.com\n", 5_000), "… and 4900 more"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("p", []byte(c.src), env("checkout"))
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
			assert.Less(t, len(err.Error()), 20_000, "the message has a bound")
		})
	}
}

func TestYAML(t *testing.T) {
	for _, c := range yamlCases() {
		t.Run(testName(c.Src), func(t *testing.T) { c.run(t) })
	}
}
