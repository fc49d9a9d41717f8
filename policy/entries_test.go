package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An entry that can match no call is refused in a whitelist, and a warning in a blacklist. What is
// proposed loads there without a warning.
func TestDeadEntries(t *testing.T) {
	const none = ""
	for i, c := range []struct {
		key, text string
		says      string // a part of the problem or the fix
		meant     string // a call that the proposal matches; "" if nothing is proposed for the same key
	}{
		// Slips at the ends, and in the middle.
		{"http", "evil.com\n", "begins or ends with blanks", "https://evil.com/"},
		{"http", " evil.com", "begins or ends with blanks", "https://evil.com/"},
		{"http", "evil.com\u00a0", "begins or ends with blanks", "https://evil.com/"},
		{"http", "evil.com\t", "begins or ends with blanks", "https://evil.com/"},
		{"http", "“evil.com”", "begins or ends with quotes", "https://evil.com/"},
		{"http", "'evil.com'", "begins or ends with quotes", "https://evil.com/"},
		{"http", "«evil.com»", "begins or ends with quotes", "https://evil.com/"},
		{"http", "`evil.com`", "begins or ends with quotes", "https://evil.com/"},
		{"http", "evil.com\nbad.com\n", "several lines", "https://bad.com/"},
		{"net", "evil.com:25\n", "begins or ends with blanks", "evil.com:25"},
		{"net", "“evil.com”", "begins or ends with quotes", "evil.com:25"},
		{"ip", "10.0.0.1\n", "begins or ends with blanks", "http://10.0.0.1/"},
		{"ip", "“10.0.0.0/8”", "begins or ends with quotes", "http://10.0.0.1/"},
		{"aws", "sqs:*\n", "begins or ends with blanks", none},

		// Networks and other kinds.
		{"http", "10.0.0.0/8", "write ip: 10.0.0.0/8", none},
		{"http", "http://10.0.0.0/8", "write ip: 10.0.0.0/8", none},
		{"http", "10.0.0.1/24", "write ip: 10.0.0.0/24", none},
		{"http", "[fd00::]/8", "write ip: fd00::/8", none},
		{"http", "fd00::/8", "write ip: fd00::/8", none},
		{"http", "10.0.0.1-10.0.0.9", "write ip: [10.0.0.1/32, 10.0.0.2/31, 10.0.0.4/30, 10.0.0.8/31]", none},
		{"http", "10.0.0.8-15", "write ip: 10.0.0.8/29", none},
		{"http", "10.0.0.0/255.0.0.0", "write ip: 10.0.0.0/8", none},
		{"http", "10.0.*", "write ip: 10.0.0.0/16", none},
		{"http", "private", "write ip: private", none},
		{"http", "Link-Local", "write ip: link-local", none},
		{"http", "s3:GetObject", "write aws: s3:GetObject", none},
		{"http", "arn:aws:s3:::receipts", "write aws: service:Operation", none},
		{"net", "https://evil.com/x", "write http: https://evil.com/x", none},
		{"net", "evil.com/x", "write http: evil.com/x", none},
		{"net", "loopback", "write ip: loopback", none},
		{"net", "sqs:SendMessage", "write aws: sqs:SendMessage", none},
		{"net", "10.0.0.1-10.0.0.2", "write net: [10.0.0.1/32, 10.0.0.2/32]", none},
		{"ip", "evil.com", "write http: evil.com", none},
		{"ip", "evil.com:25", "write net: evil.com:25", none},
		{"ip", "10.0.0.1:5432", "write net: 10.0.0.1:5432", none},
		{"ip", "https://10.0.0.1", "write http: https://10.0.0.1", none},
		{"ip", "10.0.0.1-10.0.0.2", "write ip: [10.0.0.1/32, 10.0.0.2/32]", none},
		{"ip", "10.*", "write ip: 10.0.0.0/8", none},
		{"ip", "s3:GetObject", "write aws: s3:GetObject", none},
		{"aws", "evil.com", "write http: evil.com", none},
		{"aws", "https://evil.com", "write http: https://evil.com", none},
		{"aws", "evil.com:25", "write net: evil.com:25", none},
		{"aws", "10.0.0.0/8", "write ip: 10.0.0.0/8", none},
		{"aws", "arn:aws:sqs:eu-west-1:111122223333:q", "it is a resource", none},

		// The globs of a shell.
		{"http", "https://evil.com/{admin,root}/**", "{ has no meaning here", "https://evil.com/root/x"},
		{"http", "https://evil.com/[ab]", "[ has no meaning here", "https://evil.com/b"},
		{"http", "https://evil.com/v1/{id}/x", "{ has no meaning here", "https://evil.com/v1/7/x"},
		{"http", "{www,api}.evil.com", "{ has no meaning here", "https://api.evil.com/"},
		{"net", "{www,api}.evil.com:25", "{ has no meaning here", "api.evil.com:25"},
		{"aws", "sqs:{Send,Receive}Message", "{ has no meaning here", none},

		// A * that leaves open whose domain it is.
		{"http", "*github.com", "*github.com", "https://www.github.com/"},
		{"http", "https://*evil.com/x", "*evil.com", none},
		{"http", "*evil.co.uk", "*evil.co.uk", "https://www.evil.co.uk/"},
		{"net", "*evil.com:25", "*evil.com", none},
		{"http", "acme*.github.io", "acme", none},
		{"http", "*-api.com", "-api.com", none},
		{"http", "acme-*.s3.amazonaws.com", "acme", none},
		{"http", "api.acme*.com", "acme", none},
		{"http", "10.0.0.256", "go up to 255", none},
		{"net", "10.0.0.256:25", "go up to 255", none},
	} {
		t.Run(fmt.Sprint(c.key, " ", i), func(t *testing.T) {
			t.Log(c.text)
			entry := "- " + c.key + ": " + yamlList(c.text) + "\n"
			_, err := Parse("p", []byte("whitelist:\n"+entry), env("checkout"))
			var errs Errors
			require.ErrorAs(t, err, &errs, "in a whitelist")
			assert.Equal(t, 2, errs[0].Line)
			assert.Contains(t, errs[0].Error(), c.says)

			warnings := warnedAt(t, "on_violation: block\nblacklist:\n"+entry, 3)
			require.NotEmpty(t, warnings, "in a blacklist")
			assert.Contains(t, warnings[0].String(), c.says)
			meant := proposed(t, warnings[0].Fix)
			if c.meant == none {
				return
			}
			require.NotEmpty(t, meant, warnings[0].Fix)
			src := "on_violation: block\nblacklist:\n- " + c.key + ": " + yamlList(meant...) + "\n"
			assert.Empty(t, warnedAt(t, src, 3), "of the proposal")
			p, err := Parse("p", []byte(src), env("checkout"))
			require.NoError(t, err)
			call := Call{Net: c.meant}
			if strings.Contains(c.meant, "://") {
				call = httpCall(t, "GET "+c.meant)
			}
			assert.Equal(t, Block, p.Decide(call).Verdict, "%s", meant)
		})
	}
}

// What a fix proposes under another key is a rule that loads.
func TestProposedRulesLoad(t *testing.T) {
	for _, c := range []struct{ key, text string }{
		{"http", "10.0.0.0/8"}, {"http", "10.0.0.1-10.0.0.9"}, {"http", "[fd00::]/8"}, {"http", "private"}, {"http", "s3:GetObject"}, {"net", "https://evil.com/x"},
		{"net", "evil.com/x"}, {"ip", "evil.com"}, {"ip", "evil.com:25"}, {"ip", "10.0.0.1:5432"}, {"ip", "[::1]:80"}, {"ip", "https://10.0.0.1/x"}, {"ip", "10.*"},
		{"aws", "evil.com"}, {"aws", "evil.com:25"}, {"aws", "10.0.0.0/8"}, {"net", "10.0.0.1-10.0.0.9"},
	} {
		w := warnedAt(t, "blacklist:\n- "+c.key+": "+yamlList(c.text)+"\n", 2)
		require.Len(t, w, 1, c.text)
		rule, ok := strings.CutPrefix(w[0].Fix, "write ")
		require.True(t, ok, w[0].Fix)
		assert.Empty(t, warnedAt(t, "blacklist:\n- "+rule+"\n", 2), rule)
	}
}

// A blacklist reads an entry with blanks or quotes at its ends as it was meant, and warns.
func TestSlipsInABlacklistStillForbid(t *testing.T) {
	p, err := Parse("p", []byte("on_violation: block\nblacklist:\n- http: |\n    evil.com\n- aws: sqs:*\n  resources: “q”\n"), env("checkout"))
	require.NoError(t, err)
	assert.Len(t, p.Warnings(), 2)
	assert.Equal(t, Block, p.Decide(httpCall(t, "GET https://evil.com/")).Verdict)
	assert.Equal(t, Block, p.Decide(Call{AWS: AWSCall{Service: "sqs", Operation: "SendMessage", Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:q"}}}).Verdict)
}

// Entries that look like those above, and are meant.
func TestLiveEntries(t *testing.T) {
	for _, c := range []struct{ key, text string }{
		{"http", "10.0.0.1"}, {"http", "http://10.0.0.1/8"}, {"http", "http://10.0.0.1/24"}, {"http", "https://[fd00::1]:8443/x"}, {"http", "https://evil.com/v1/%7Bid%7D"}, {"http", "evil-site.com"},
		{"http", "*.github.com"}, {"http", "api-*.example.com"}, {"http", "*.example.co.uk"}, {"http", "me.github.io"}, {"http", "evil.com/a,b;c=d"},
		{"http", "evil.com/it's"}, {"http", "https://medium.com/@me/**"}, {"http", "sqs:8080"}, {"http", "https://evil.com/x.png"}, {"http", "private.example.com"},
		{"net", "db.internal:5432"}, {"net", "10.0.0.0/8:5432"}, {"net", "[fd00::]/8:53"}, {"net", "redis:6379"}, {"net", "*.example.com:25"},
		{"ip", "10.0.0.0/8"}, {"ip", "private"}, {"ip", "::1"}, {"aws", "sqs:SendMessage"}, {"aws", "s3:Get*"}, {"aws", "execute-api:ManageConnections"},
	} {
		for _, list := range []string{"whitelist", "blacklist"} {
			f, err := ParseFile("p", []byte(list+":\n- "+c.key+": "+yamlList(c.text)+"\n"))
			if assert.NoError(t, err, "%s: %s", c.key, c.text) {
				assert.Empty(t, f.Warnings(), "%s: %s in a %s", c.key, c.text, list)
			}
		}
	}
}

func TestRegionsAndAccounts(t *testing.T) {
	for _, c := range []struct{ key, text, fix string }{
		{"regions", "us-esat-1", `did you mean "us-east-1"?`},
		{"regions", "eu-west1", `did you mean "eu-west-1"?`},
		{"regions", "eu_west_1", `did you mean "eu-west-1"?`},
		{"regions", "EU-WEST-1", `did you mean "eu-west-1"?`},
		{"regions", "eu-west-1a", `did you mean "eu-west-1"?`},
		{"regions", "EU (Ireland)", `did you mean "eu-west-1"?`},
		{"regions", "eu-west-*", `write ["eu-west-1", "eu-west-2", "eu-west-3"]`},
		{"regions", "eu-west-1, eu-west-2", `write ["eu-west-1", "eu-west-2"]`},
		{"regions", "eu-west-1 ", `write "eu-west-1"`},
		{"regions", "nowhere", "write the region's code"},
		{"accounts", "1111-2222-3333", `write "111122223333"`},
		{"accounts", "111122223333,444455556666", `write ["111122223333", "444455556666"]`},
		{"accounts", "arn:aws:iam::111122223333:root", `write "111122223333"`},
		{"accounts", "11112222333", "write its 12 digits, or self"},
		{"accounts", "“111122223333”", `write "111122223333"`},
	} {
		entry := "- aws: s3:*\n  " + c.key + ": " + yamlList(c.text) + "\n"
		_, err := Parse("p", []byte("whitelist:\n"+entry), env("checkout"))
		var errs Errors
		if assert.ErrorAs(t, err, &errs, c.text) {
			assert.Contains(t, errs[0].Fix, c.fix)
		}
		warnings := warnedAt(t, "blacklist:\n"+entry, 3)
		if assert.NotEmpty(t, warnings, c.text) {
			assert.Contains(t, warnings[0].Fix, c.fix)
			if meant := proposed(t, warnings[0].Fix); meant != nil {
				assert.Empty(t, warnedAt(t, "blacklist:\n- aws: s3:*\n  "+c.key+": "+yamlList(meant...)+"\n", 3))
			}
		}
	}
	for _, good := range []string{"regions: [eu-west-1, us-gov-west-1, cn-north-1, eusc-de-east-1, local, aws-global, fips-us-east-1]", "accounts: [self, '111122223333']"} {
		assert.Empty(t, warnedAt(t, "blacklist:\n- aws: s3:*\n  "+good+"\n", 3), good)
	}
	// A region that AWS may have added since.
	f, err := ParseFile("p", []byte("whitelist:\n- {aws: s3:*, regions: eu-west-9}\n"))
	require.NoError(t, err)
	assert.Len(t, f.Warnings(), 1)
}

func TestExcepts(t *testing.T) {
	const nothing, rest = "excludes nothing", "leaves nothing of the rule"
	for _, c := range []struct{ rule, says string }{
		{"{http: evil.com, except: evil.com}", rest},
		{"{http: [evil.com, bad.com], except: [evil.com, bad.com]}", rest},
		{"{aws: sqs:SendMessage, except: sqs:*}", rest},
		{"{ip: 10.0.0.0/8, except: private}", rest},
		{"{http: '*.example.com', except: example.com}", nothing},
		{"{http: evil.com, except: good.com}", nothing},
		{"{http: 'https://evil.com/v1/**', except: 'https://evil.com/v2/x'}", nothing},
		{"{aws: sqs:*, except: sns:Publish}", nothing},
		{"{aws: 's3:Get*', except: s3:PutObject}", nothing},
		{"{aws: sqs:*, access: read, except: sqs:SendMessage}", nothing},
		{"{ip: 10.0.0.0/8, except: 192.168.0.1}", nothing},
		{"{net: db.example.com, except: db2.example.com}", nothing},
		{"{http: '*.example.com', except: 10.0.0.0/8}", "write ip: 10.0.0.0/8"},
		{"{http: '*.example.com', except: lеgacy.example.com}", "xn--"},
		{"{http: '*.example.com', except: ' legacy.example.com'}", "begins or ends with blanks"},
		{"{http: '*.example.com', except: '“legacy.example.com”'}", "begins or ends with quotes"},
		{"{http: '*.example.com', except: '{a,b}.example.com'}", "{ has no meaning here"},

		{"{http: '*.example.com', except: legacy.example.com}", ""},
		{"{http: '*.example.com', except: 'https://legacy.example.com/v1/**'}", ""},
		{"{http: evil.com, except: 'https://evil.com'}", ""},
		{"{http: evil.com, except: evil.com/public/**}", ""},
		{"{http: evil.com/admin/**, except: evil.com/admin}", ""},
		{"{aws: sqs:*, access: read, except: sqs:GetQueueUrl}", ""},
		{"{aws: s3:ListObjectsV2, except: 's3:ListBucket*'}", ""},
		{"{aws: s3:ListBucket, except: s3:ListObjectsV2}", ""},
		{"{ip: private, except: 10.0.0.0/16}", ""},
		{"{net: '*.example.com', except: 'db.example.com:5432'}", ""},
	} {
		f, err := ParseFile("p", []byte("blacklist:\n- "+c.rule+"\n"))
		require.NoError(t, err, c.rule)
		said := strings.Join(texts(f.Warnings()), "\n")
		if c.says == "" {
			assert.Empty(t, said, c.rule)
		} else {
			assert.Contains(t, said, c.says, c.rule)
		}
		f, err = ParseFile("p", []byte("whitelist:\n- "+c.rule+"\n"))
		switch {
		case c.says == rest:
			assert.ErrorContains(t, err, rest, c.rule)
		case strings.Contains(c.rule, "{http: evil.com, except: 'https://evil.com'}"), strings.Contains(c.rule, "/v2/x"):
		case strings.Contains(c.rule, "evil.com/admin}"):
			assert.Contains(t, strings.Join(texts(f.Warnings()), "\n"), "does not cover /admin/")
		default:
			require.NoError(t, err, c.rule)
			if c.says == "" {
				assert.Empty(t, f.Warnings(), c.rule)
			} else {
				assert.NotEmpty(t, f.Warnings(), c.rule)
			}
		}
	}
}

func TestBareSlash(t *testing.T) {
	p, err := Parse("p", []byte("on_violation: block\nblacklist:\n- http: https://evil.com/\n"), env("checkout"))
	require.NoError(t, err)
	assert.Empty(t, p.Warnings())
	assert.Equal(t, Block, p.Decide(httpCall(t, "GET https://evil.com/")).Verdict)
	assert.Equal(t, Block, p.Decide(httpCall(t, "GET https://evil.com/x")).Verdict)

	w := warnedAt(t, "whitelist:\n- http: https://good.com/\n", 2)
	require.Len(t, w, 1)
	assert.Equal(t, `p:2:9: http: "https://good.com/" matches the path / alone; write "https://good.com" for every path`, w[0].String())
	assert.Empty(t, warnedAt(t, "whitelist:\n- http: https://good.com/\n  methods: [GET]\n", 2), "as an entry is proposed")

	assert.Len(t, warnedAt(t, "blacklist:\n- http: https://evil.com/admin\n", 2), 1)
	assert.Len(t, warnedAt(t, "blacklist:\n- http: [https://evil.com/admin, https://bad.com/admin/**]\n", 2), 1)
	for _, quiet := range []string{
		"- http: [https://evil.com/admin, https://evil.com/admin/**]\n", "- http: https://evil.com/admin\n- http: evil.com/admin/**\n", "- http: https://evil.com/admin/**\n",
		"- http: https://evil.com/x.sh\n", "- http: https://evil.com/v1/charges\n",
	} {
		assert.Empty(t, warnedAt(t, "blacklist:\n"+quiet, 2), quiet)
	}
}

func TestHostsThatLookAlike(t *testing.T) {
	for text, shown := range map[string]string{
		"evil–site.com": "xn--", "lеgacy.example.com": "xn--lgacy", "ｅｖｉｌ.com": "evil.com", "evil.com": "", "bücher.example": "", "例え.jp": "", "xn--bcher-kva.example": "",
	} {
		w := warnedAt(t, "blacklist:\n- http: "+text+"\n", 2)
		if shown == "" {
			assert.Empty(t, w, text)
		} else if assert.NotEmpty(t, w, text) {
			assert.Contains(t, w[0].Problem, shown)
		}
	}
}

// What belongs to another kind of rule says where to write it.
func TestOtherKindsInExcept(t *testing.T) {
	w := warnedAt(t, "whitelist:\n- http: any\n  reason: t\n  except: 10.0.0.0/8\n", 4)
	require.Len(t, w, 1)
	assert.Equal(t, "write ip: 10.0.0.0/8 in a rule of its own in the blacklist", w[0].Fix)
	w = warnedAt(t, "blacklist:\n- http: '*.example.com'\n  except: 10.0.0.0/8\n", 3)
	require.NotEmpty(t, w)
	assert.Equal(t, "write ip: 10.0.0.0/8 in the except: of a rule with ip:", w[0].Fix)
}

// Everybody can have a name under these domains, of services that make names for anybody.
func TestDomainsOfEverybody(t *testing.T) {
	for _, domain := range []string{"webhook.site", "ngrok-free.app", "oastify.com", "nip.io", "duckdns.org", "up.railway.app", "hf.space", "us.com", "m.pipedream.net", "wixsite.com"} {
		w := warnedAt(t, "whitelist:\n- http: '*."+domain+"'\n", 2)
		require.Len(t, w, 1, domain)
		assert.Equal(t, "anybody can have a host under "+domain, w[0].Problem)
		_, err := Parse("p", []byte("whitelist:\n- http: 'acme-*."+domain+"'\n"), env("checkout"))
		assert.ErrorContains(t, err, "names that anybody can register", domain)
		assert.Empty(t, warnedAt(t, "blacklist:\n- http: '*."+domain+"'\n", 2), domain)
	}
	for _, own := range []string{"*.slack.com", "*.github.com", "*.atlassian.net", "*.googleapis.com", "*.mongodb.net"} {
		assert.Empty(t, warnedAt(t, "whitelist:\n- http: '"+own+"'\n", 2), own)
	}
}

// Texts that cannot be read are refused in a whitelist, and a warning in a blacklist, in the same
// words. A glob is refused there, too.
func TestUnreadableSubjects(t *testing.T) {
	for text, want := range map[string]string{
		"*.": "it names no domain", "*.*": "it names no domain", ".evil.com": `write ["*.evil.com", "evil.com"]`, "evil.com;bad.com": `write ["evil.com", "bad.com"]`,
		"evil.com bad.com": `write ["evil.com", "bad.com"]`, "http:evil.com": "has no :// after its scheme", "http.//evil.com": "has no :// after its scheme", "10.*.1.1": "a wildcard in an IP address",
	} {
		entry := "- http: " + yamlList(text) + "\n"
		_, err := Parse("p", []byte("whitelist:\n"+entry), env("checkout"))
		assert.ErrorContains(t, err, want, "%s in a whitelist", text)
		if strings.Contains(text, "*") {
			_, err := Parse("p", []byte("blacklist:\n"+entry), env("checkout"))
			assert.ErrorContains(t, err, want, "%s in a blacklist", text)
			continue
		}
		w := warnedAt(t, "blacklist:\n"+entry, 2)
		require.NotEmpty(t, w, text)
		assert.Contains(t, w[0].String(), want, "%s in a blacklist", text)
	}
	assert.Len(t, warnedAt(t, "blacklist:\n- http: '*evil*'\n", 2), 1)
	// In small letters, this one takes more bytes.
	assert.Empty(t, warnedAt(t, "blacklist:\n- http: ȺȺȺȺ\n", 2))
}
