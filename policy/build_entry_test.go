package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An entry of a blacklist that does not parse never takes the function down. Where it is clear what
// it means, that is forbidden; otherwise it is left out. What is proposed loads in its place.
func TestMalformedEntriesOfABlacklist(t *testing.T) {
	for _, c := range []struct{ entry, forbids string }{
		// As reports of incidents have hosts.
		{"http: hxxp://evil.com", "http://evil.com/x"}, {"http: hXXps://evil.com/x", "https://evil.com/x"}, {"http: 'hxxps://evil[.]com/x'", "https://evil.com/x"},
		{"http: 'evil[.]com'", "https://evil.com/"}, {"http: evil(dot)com", "https://evil.com/"}, {"http: evil dot com", "https://evil.com/"}, {"http: 'hxxps[:]//evil[.]com'", "https://evil.com/"},
		{"http: meow://evil.com/a", "http://evil.com/a"}, {"http: 'http[:]//evil.com'", "http://evil.com/"}, {"net: 'evil[.]com:25'", "evil.com:25"}, {"ip: '192[.]0[.]2[.]1'", "http://192.0.2.1/"},
		// Slips in schemes, slashes, dots and brackets.
		{"http: http:evil.com", "http://evil.com/"}, {"http: https:/evil.com", "https://evil.com/"}, {"http: htps://evil.com/x", "https://evil.com/x"}, {"http: ftp://evil.com/x", "https://evil.com/y"},
		{"http: ssh://evil.com:22", "https://evil.com:22/"}, {"http: postgres://evil.com:5432/db", "https://evil.com:5432/"}, {"http: evil..com", "https://evil.com/"}, {"http: .evil.com", "https://www.evil.com/"}, {"net: .evil.com", "evil.com:25"},
		{"http: '2001:db8::1'", "https://[2001:db8::1]/"}, {"http: '[2001:db8::1'", "https://[2001:db8::1]/"}, {"http: 'https://[2001:db8::1%eth0]/x'", "https://[2001:db8::1]/x"}, {"http: '[192.0.2.1]'", "https://192.0.2.1/"},
		{"net: '2001:db8::1'", "[2001:db8::1]:25"}, {"ip: 'fe80::1%eth0'", "http://[fe80::1]/"}, {"http: 0x7f.1", "http://127.0.0.1/"},
		{"http: http://https://evil.com/x", "https://evil.com/x"}, {"http: evil.com>", "https://evil.com/"}, {"http: '(evil.com'", "https://evil.com/"}, {"http: '{evil.com}'", "https://evil.com/"}, {"http: '[evil.com]'", "https://evil.com/"},
		{"ip: 10.0.0.0 to 10.0.0.9", "http://10.0.0.7/"}, {"ip: 10.0.0.1..10.0.0.9", "http://10.0.0.7/"}, {"ip: '10.0.0.{1,2}'", "http://10.0.0.2/"}, {"ip: 'link-local, loopback'", "http://127.0.0.1/"}, {"ip: 0x7f000001", "http://127.0.0.1/"},
		// Parts that never take part in a match, and ports.
		{"http: https://me:pw@evil.com/x", "https://evil.com/x"}, {"http: evil.com/x?y=z", "https://evil.com/x"}, {"http: evil.com:https", "https://evil.com/"}, {"http: ':8443'", "https://evil.com:8443/"},
		{"net: '5432'", "evil.com:5432"}, {"net: 'evil.com:25,587'", "evil.com:587"}, {"net: evil.com 25", "evil.com:25"}, {"net: tcp://evil.com:25", "evil.com:25"},
		// Globs and lists of other tools.
		{"http: '{evil,bad}.com'", "https://bad.com/"}, {"http: 'evil.com/{id}'", "https://evil.com/a/b"}, {"http: '||evil.com^'", "https://www.evil.com/"}, {"http: '**.evil.com'", "https://www.evil.com/"}, {"http: evil.com/a**", "https://evil.com/ab/c"},
		{"http: evil.com bad.com", "https://bad.com/"}, {"http: 'evil.com,bad.com'", "https://bad.com/"}, {"ip: 10.0.0.1-10.0.0.9", "http://10.0.0.7/"}, {"ip: 10.*", "http://10.1.2.3/"}, {"ip: 192.0.2.1/33", "http://192.0.2.1/"},
		{"net: '10.0.0.1-10.0.0.9:25'", "10.0.0.7:25"}, {"ip: metadata", "http://169.254.169.254/"}, {"ip: '192.0.2.1 192.0.2.2'", "http://192.0.2.2/"},
		// Characters that cannot be seen.
		{"http: evil\u200b.com", "https://evil.com/"}, {"http: ev\u00adil.com", "https://evil.com/"}, {"http: \"evil\\u2060.com\"", "https://evil.com/"}, {"net: evil\u200b.com:25", "evil.com:25"},
		// Operations of AWS.
		{"aws: 's3:'", "s3:GetObject"}, {"aws: s3", "s3:GetObject"}, {"aws: s3.GetObject", "s3:GetObject"}, {"aws: GetObject", "s3:GetObject"}, {"aws: 's3:get-object'", "s3:GetObject"}, {"aws: 's3:Get Object'", "s3:GetObject"},
		{"aws: 's3:{Get,Put}Object'", "s3:GetObject"}, {"aws: 's3:GetObject, s3:PutObject'", "s3:GetObject"}, {"aws: aws:s3:GetObject", "s3:GetObject"}, {"aws: \"s3:Get\\u200bObject\"", "s3:GetObject"},
		// Where one reading is narrower, the other one is forbidden too.
		{"http: evil.com/a/?x=y", "https://evil.com/a/?x=y"}, {"http: 'DOMAIN-SUFFIX,evil.com'", "https://www.evil.com/"}, {"net: 'domain:evil.com'", "www.evil.com:25"}, {`http: '(www\.)?evil\.com'`, "https://evil.com/"},
		{"ip: 010.0.0.1", "http://10.0.0.1/"}, {"ip: 010.0.0.1", "http://8.0.0.1/"}, {"http: 010.0.0.1", "https://10.0.0.1/"}, {"net: 010.0.0.1", "10.0.0.1:25"},
		{"http: '||evil.com/path^'", "https://www.evil.com/path/x"}, {"http: '@@||evil.com^'", ""},
		{"http: '(evil|bad).com'", "https://bad.com/"}, {"aws: 's3:(Get|Put)Object'", "s3:GetObject"}, {"ip: '10.0.0.0/8, 192.0.2.0/24'", "http://192.0.2.1/"}, {"net: '10.0.0.0/8:25, 192.0.2.0/24:25'", "192.0.2.1:25"},
		// Several lines.
		{"http: \"evil.com\\nbad.com\"", "https://bad.com/"}, {"aws: \"sqs:SendMessage\\ns3:GetObject\"", "s3:GetObject"},
		// What can match nothing, and what would forbid everything.
		{"http: evil.com:99999", ""}, {"net: evil.com:99999", ""}, {"http: 'http://'", ""}, {"http: 'https:///x'", ""}, {"http: ev il.com", ""}, {"http: 'https:// evil.com'", ""}, {"http: '{name}'", ""}, {"net: unix:///run/x.sock", ""}, {"http: evil.com/%2525252e", ""},
		{"http: '[]'", ""}, {"http: ':'", ""}, {"net: 10.0.0.0/8:x", ""}, {"ip: any", ""}, {"ip: publik", ""}, {"ip: 10.0.0.256", ""}, {"http: Any", ""}, {"aws: 'foo:'", ""},
		{"http: " + strings.Repeat("a", 64) + ".com", ""}, {"http: GET https://evil.com", ""}, {"http: http://me:pw@", ""}, {"net: '[::1'", "[::1]:25"},
	} {
		key, _, _ := strings.Cut(c.entry, ":")
		src := "on_violation: block\nblacklist:\n- " + c.entry + "\n- http: other.test\n"
		p, err := Parse("p", []byte(src), env("checkout"))
		if !assert.NoError(t, err, c.entry) {
			continue
		}
		w := warnedAt(t, src, 3)
		if assert.NotEmpty(t, w, c.entry) {
			said := w[0].Problem
			assert.Equal(t, c.forbids == "" && !strings.Contains(said, "not any"), strings.Contains(said, "the entry is left out"), "%s: %s", c.entry, said)
			assertLoads(t, "blacklist", pasted(t, key, w[0].Fix))
		}
		assert.Equal(t, Block, p.Decide(httpCall(t, "GET https://other.test/")).Verdict, "the other entries of %s", c.entry)
		if c.forbids != "" {
			assert.Equal(t, Block, p.Decide(textCall(t, c.forbids)).Verdict, "%s forbids %s", c.entry, c.forbids)
		}
		assert.True(t, p.Decide(httpCall(t, "GET https://shop.test/")).Allowed(), "%s forbids everything", c.entry)
		// A whitelist is refused in the same words.
		_, err = Parse("p", []byte("whitelist:\n- "+c.entry+"\n"), env("checkout"))
		var errs Errors
		if assert.ErrorAs(t, err, &errs, c.entry) {
			assert.Equal(t, 2, errs[0].Line)
		}
	}
}

// A glob that does not parse may have been meant for much. No list goes without it.
func TestMalformedGlobs(t *testing.T) {
	for _, entry := range []string{"http: '*.'", "http: a.**.example", "http: 'e?il.com'", "aws: '*'", "aws: 's3*:GetObject'"} {
		for _, src := range []string{"whitelist:\n- " + entry + "\n", "blacklist:\n- " + entry + "\n", "blacklist:\n- http: evil.com\n- " + entry + "\n"} {
			_, err := Parse("p", []byte(src), env("checkout"))
			assert.Error(t, err, src)
		}
	}
	_, err := Parse("p", []byte("blacklist:\n- http: '*.evil.com'\n  except: '*.'\n"), env("checkout"))
	assert.ErrorContains(t, err, "p:3:11: ")
}

// textCall is the call that a text stands for: a URL, host:port, or service:Operation.
func textCall(t *testing.T, text string) Call {
	t.Helper()
	head, rest, _ := strings.Cut(text, ":")
	switch {
	case strings.HasPrefix(rest, "//"):
		return httpCall(t, "GET "+text)
	case head == "s3":
		return Call{AWS: AWSCall{Service: head, Operation: rest, Region: "eu-west-1", Account: "111122223333", Resources: []string{"arn:aws:s3:::b/k"}}}
	}
	return Call{Net: text}
}

// An except: never takes the function down either. That of a blacklist is left out, so that more is
// forbidden; that of a whitelist counts as it was meant, so that less is allowed. If that is not
// clear, its rule is left out.
func TestMalformedExcepts(t *testing.T) {
	for entry, meant := range map[string]bool{"'hxxps://ok.evil.com'": true, "'ok[.]evil.com'": true, "'ok.evil.com:99999'": false, "\"ok\\u200b.evil.com\"": true, "ok.evil..com": true,
		"ok.evil.com/secret path": false, "ok.evil.com or no.evil.com": false, "ok.evil.com:8000-9000": false, "\"ok\\u00a0.evil.com\"": false, "\"no.evil.com\\nok.evil.com\"": true} {
		p, err := Parse("p", []byte("on_violation: block\nblacklist:\n- http: '*.evil.com'\n  except: "+entry+"\n"), env("checkout"))
		require.NoError(t, err, entry)
		assert.NotEmpty(t, p.Warnings(), entry)
		assert.Equal(t, Block, p.Decide(httpCall(t, "GET https://ok.evil.com/")).Verdict, entry)

		p, err = Parse("p", []byte("on_violation: block\nwhitelist:\n- http: '*.evil.com'\n  except: "+entry+"\n- http: other.test\n"), env("checkout"))
		require.NoError(t, err, entry)
		if assert.NotEmpty(t, p.Warnings(), entry) {
			assert.Equal(t, !meant, strings.Contains(p.Warnings()[0].Problem, ": the rule is left out"), entry)
		}
		assert.False(t, p.Decide(httpCall(t, "GET https://ok.evil.com/")).Allowed(), entry)
		assert.Equal(t, meant, p.Decide(httpCall(t, "GET https://www.evil.com/")).Allowed(), entry)
		assert.True(t, p.Decide(httpCall(t, "GET https://other.test/")).Allowed(), entry)
	}
	// except: any leaves nothing: a whitelist with it is refused.
	p, err := Parse("p", []byte("on_violation: block\nblacklist:\n- http: evil.com\n  except: any\n- net: [any, evil.com]\n"), env("checkout"))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"4:11: except: any leaves nothing of the rule; delete the rule, or name what it does not hold for",
		"5:9: any stands beside other subjects; write net: any alone; it covers them",
	}, texts(p.Warnings()))
	assert.True(t, p.Decide(httpCall(t, "GET https://evil.com/")).Allowed())
	assert.Equal(t, Block, p.Decide(Call{Net: "db.test:5432"}).Verdict)
}

// A query in the except: of a blacklist is not a glob: the entry is left out.
func TestQueryInExcept(t *testing.T) {
	for _, entry := range []string{"ok.evil.com?", "ok.evil.com?x=1"} {
		p, err := Parse("p", []byte("on_violation: block\nblacklist:\n- http: '*.evil.com'\n  except: "+entry+"\n"), env("checkout"))
		if assert.NoError(t, err, entry) {
			assert.NotEmpty(t, p.Warnings(), entry)
			assert.Equal(t, Block, p.Decide(httpCall(t, "GET https://ok.evil.com/")).Verdict, entry)
		}
	}
}

// An operation in an except: that no table has excludes nothing, which is reported in both lists.
func TestUnknownOperationInExcept(t *testing.T) {
	for _, list := range []string{"whitelist", "blacklist"} {
		p, err := Parse("p", []byte(list+":\n- aws: ['s3:*', sqs:ReceiveMessages]\n  except: [s3:PutObject, s3:GetObjct]\n"), env("checkout"))
		require.NoError(t, err)
		said := texts(p.Warnings())
		assert.Contains(t, strings.Join(said, "\n"), `3:26: "s3:GetObjct" is not an operation that this version knows`, list)
		assert.Contains(t, strings.Join(said, "\n"), `2:17: "sqs:ReceiveMessages" is not an operation`, list)
	}
}

// callers: of a blacklist with a character that cannot be seen are those that were meant.
func TestSlipsInCallers(t *testing.T) {
	for _, caller := range []string{"\"example.com/\\u200bpay\"", "'\"example.com/pay\"'", "\"example.com/pay\\u200b\""} {
		p, err := Parse("p", []byte("on_violation: block\nblacklist:\n- http: evil.com\n  callers: "+caller+"\n"), env("checkout"))
		require.NoError(t, err, caller)
		assert.NotEmpty(t, p.Warnings(), caller)
		call := httpCall(t, "GET https://evil.com/")
		call.Caller = func() (string, bool) { return "example.com/pay", false }
		assert.Equal(t, Block, p.Decide(call).Verdict, caller)
	}
}

// Malformed regions, accounts and callers of a blacklist are read as they were meant.
func TestMalformedConditions(t *testing.T) {
	for _, more := range []string{
		"regions: 'us-east-1, eu-west-1'", "regions: \"us-east-1\\neu-west-1\"", "regions: EU_WEST_1", "regions: [us-east-1, any]", "regions: '*'",
		"accounts: '444455556666, 111122223333'", "accounts: any", "accounts: '*'", "accounts: Self",
		"callers: 'example.com/shop, example.com/pay'", "callers: any", "callers: '*'", "callers: [example.com/shop, all]",
	} {
		p, err := Parse("p", []byte("on_violation: block\nblacklist:\n- aws: s3:*\n  "+more+"\n"), env("checkout"))
		require.NoError(t, err, more)
		assert.NotEmpty(t, p.Warnings(), more)
		call := textCall(t, "s3:GetObject")
		call.Caller = func() (string, bool) { return "example.com/pay", false }
		assert.Equal(t, Block, p.Decide(call).Verdict, more)
		_, err = Parse("p", []byte("whitelist:\n- aws: s3:*\n  "+more+"\n"), env("checkout"))
		assert.Error(t, err, more)
	}
}

// What stands beside any in a blacklist changes nothing: the rule is that of any alone.
func TestAnyBesideOthers(t *testing.T) {
	for _, c := range []struct{ subject, more, alone string }{
		{"net: [evil.com, any]", "", "net: any"}, {"http: [any, 'hxxp://evil.com', a.com]", "methods: GET", "http: any"}, {"aws: ['s3:*', any, 's3:Foo']", "resources: b/*", "aws: any"},
	} {
		var rules [2]any
		for i, subject := range []string{c.subject, c.alone} {
			p, err := Parse("p", []byte("blacklist:\n- "+subject+"\n  "+c.more+"\n"), env("checkout"))
			require.NoError(t, err, subject)
			rules[i] = p.rules
		}
		assert.Equal(t, rules[1], rules[0], c.subject)
	}
}

// A method that is none is left out of a blacklist, or read as what it means.
func TestMalformedMethods(t *testing.T) {
	const everyMethod = "GET HEAD POST PUT PATCH DELETE PURGE"
	for methods, forbids := range map[string]string{
		"'*'": everyMethod, "any": everyMethod, "all": everyMethod, "'GET, POST'": "GET POST", "GET|POST": "GET POST", "'[GET]'": "GET", "read": "GET HEAD", "upload": "POST PUT", "remove": "DELETE",
		"[GET, 'P U T']": "GET", "'P U T'": "", "none": "", "\"GE\\u200bT\"": "GET",
	} {
		src := "on_violation: block\nblacklist:\n- http: evil.com\n  methods: " + methods + "\n"
		p, err := Parse("p", []byte(src), env("checkout"))
		require.NoError(t, err, methods)
		assert.NotEmpty(t, p.Warnings(), methods)
		var blocked []string
		for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PURGE"} {
			if p.Decide(httpCall(t, m+" https://evil.com/")).Verdict == Block {
				blocked = append(blocked, m)
			}
		}
		assert.Equal(t, forbids, strings.Join(blocked, " "), methods)
		_, err = Parse("p", []byte("whitelist:\n- http: evil.com\n  methods: "+methods+"\n"), env("checkout"))
		assert.Error(t, err, methods)
	}
}
