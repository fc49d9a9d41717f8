package mask

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/corpustest"
)

// A piece of each kind of secret. They are made up or published as examples.
var secrets = map[string]string{
	"hex 16":            "9f86d081884c7d65",
	"hex 32":            "5d41402abc4b2a76b9719d911017c592",
	"hex 64":            "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
	"HEX 32":            "5D41402ABC4B2A76B9719D911017C592",
	"base64 24":         "dGhpcyBpcyBhIHNlY3JldA==",
	"base64 url":        "q7Rk2-vX9_bTz41LmNpQwE8sYcUa5HdG",
	"base64 44":         "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
	"jwt":               "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
	"slack bot token":   "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
	"stripe key":        "sk_live_51H8sT2eZvKYlo2CdLk9",
	"github token":      "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
	"github pat":        "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz0123456789",
	"aws key id":        "AKIAIOSFODNN7EXAMPLE",
	"aws session key":   "ASIAY34FZKBOKMUTVV7A",
	"aws secret":        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	"google key":        "AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe",
	"telegram":          "bot123456789:AAF1q2w3e4r5t6y7u8i9o0p-aSdFgHjKl",
	"uuid":              "550e8400-e29b-41d4-a716-446655440000",
	"card":              "4111111111111111",
	"card in groups":    "4111-1111-1111-1111",
	"card with blanks":  "4111%201111%201111%201111",
	"amex":              "378282246310005",
	"phone":             "+4915123456789",
	"e-mail":            "jane.doe@example.com",
	"base32":            "JBSWY3DPEHPK3PXPJBSWY3DP",
	"base36":            "k3j5h2k3j4h5k2j3h4k5j6h7",
	"session parameter": "sid=Zk3LmN8qPwXy2RtV",
	"escaped":           "%65yJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.SflKxwRJSMeKKF2QT4fw",
	"in a name":         "backup-5d41402abc4b2a76b9719d911017c592.tar.gz",
}

func TestSecretsAreMaskedWhereverTheyStand(t *testing.T) {
	for name, secret := range secrets {
		t.Run(name, func(t *testing.T) {
			for _, where := range []string{"/" + "%", "/v1/%", "/v1/%/items", "/%/%", "/a;b=%", "/k=%/x", "/x/%.json", "/u:%/y"} {
				p := strings.ReplaceAll(where, "%", secret)
				assertGone(t, URL("https://api.example.com:8443"+p), secret)
				assertGone(t, Text("path "+p+" is not allowed"), secret)
				assertGone(t, Text("GET https://api.example.com"+p+", host matched"), secret)
				assert.False(t, Entry("- http: https://api.example.com"+p+"\n"))
				if name != "uuid" {
					assertGone(t, Resource("arn:aws:s3:::receipts"+p), secret)
					assertGone(t, Resource("receipts"+p), secret)
				}
			}
			assertGone(t, Text("token "+secret), secret)
			if strings.Contains(secret, "/") {
				return // no user or password of a URL: url.Parse refuses it
			}
			assertGone(t, URL("https://user:"+secret+"@example.com/"), secret)
			assertGone(t, URL("https://"+secret+"@example.com/"), secret)
			assertGone(t, URL("https://example.com/x?k="+secret), secret)
			assertGone(t, URL("https://example.com/x#"+secret), secret)
			assertGone(t, URL("https://example.com/x%3Fk="+secret), secret)
			assertGone(t, Text("see https://user:"+secret+"@example.com/?q="+secret), secret)
		})
	}
}

// assertGone looks for a secret and for the longer pieces of one that has slashes.
func assertGone(t *testing.T, got, secret string) {
	t.Helper()
	for _, piece := range strings.Split(secret, "/") {
		assert.NotContains(t, got, piece)
	}
	assert.Equal(t, got, URL(got), "masking twice changes nothing")
}

func TestSecretPathsOfHosts(t *testing.T) {
	for in, want := range map[string]string{
		"https://hooks.slack.com/services/T0/B0/short":               "https://hooks.slack.com/services/[masked]/[masked]/[masked]",
		"https://HOOKS.slack.com.:443/services/T0/B0/short":          "https://HOOKS.slack.com.:443/services/[masked]/[masked]/[masked]",
		"https://u:p@hooks.slack.com/services/T0/B0/short?x=1":       "https://hooks.slack.com/services/[masked]/[masked]/[masked]",
		"https://api.telegram.org/bot1:x/sendMessage":                "https://api.telegram.org/[masked]/[masked]",
		"https://discord.com/api/webhooks/1/x":                       "https://discord.com/api/webhooks/[masked]/[masked]",
		"https://hooks.slack.com/services%2FT0%2FB0%2Fshort":         "https://hooks.slack.com/[masked]",
		"https://hooks.slack.com\\services\\T0\\B0\\short":           "https://hooks.slack.com\\[masked]",
		"https://discord.com/api%2Fwebhooks/1%2Fx":                   "https://discord.com/[masked]/[masked]",
		"https://contoso.webhook.office.com/webhookb2/a/IncomingWeb": "https://contoso.webhook.office.com/webhookb2/[masked]/[masked]",
		"https://hook.eu1.make.com/short":                            "https://hook.eu1.make.com/[masked]",
		"https://hook.us2.make.com/short":                            "https://hook.us2.make.com/[masked]",
		"https://canary.discord.com/api/webhooks/1234/short":         "https://canary.discord.com/api/webhooks/[masked]/[masked]",
		"https://ptb.discordapp.com/api/webhooks/1234/short":         "https://ptb.discordapp.com/api/webhooks/[masked]/[masked]",
		"https://notdiscord.com/api/webhooks/x":                      "https://notdiscord.com/api/webhooks/x",
		"https://ntfy.sh/topic":                                      "https://ntfy.sh/[masked]",
		"https://chat.googleapis.com/v1/spaces/AAAA/messages":        "https://chat.googleapis.com/v1/spaces/[masked]/[masked]",
		"https://prod-01.westeurope.logic.azure.com/workflows/ab/x":  "https://prod-01.westeurope.logic.azure.com/workflows/[masked]/[masked]",
	} {
		assert.Equal(t, want, URL(in))
	}
	assert.False(t, Entry("- http: https://hooks.slack.com/services/T0/B0/short\n"))
	assert.False(t, Entry("- http: https://hooks.slack.com/services/*/*/*\n"), "it would open everybody's")
}

// A dial is shown by its "host:port". A malformed host may hold what is never shown of a URL.
func TestMalformedHosts(t *testing.T) {
	for in, want := range map[string]string{
		"db.internal:5432":                "db.internal:5432",
		"[fe80::1%25eth0]:443":            "[fe80::1%25eth0]:443",
		"u:secret@db.internal:5432":       "db.internal:5432",
		"u:se/cret@db.internal:5432":      "db.internal:5432",
		"evil.example?token=secret:443":   "evil.example",
		"evil.example/secret:443":         "evil.example",
		`evil.example\secret:443`:         "evil.example",
		"evil.example#secret:443":         "evil.example",
		"evil.example%3Ftoken=secret:443": "evil.example",
	} {
		assert.Equal(t, want, Host(in))
		assert.Equal(t, want, Host(want))
	}
}

// What a person needs to see stays. An alert in which everything is masked does not help.
func TestNamesStay(t *testing.T) {
	for _, s := range []string{
		"https://api.stripe.com/v1/payment_intents", "https://www.google.com/", "http://localhost:4566/", "https://[::1]:8080/x",
		"https://sqs.eu-west-1.amazonaws.com/111122223333/orders-prod.fifo",
		"https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders/2026-11-24",
		"https://d111111abcdef8.cloudfront.net/assets/app.js",
		"https://vpce-0123456789abcdef0-abcd1234.execute-api.eu-west-1.vpce.amazonaws.com/x",
		"https://example.com/api/v2.1/customers/search/ReportGenerator/monthly-report-2026-11",
		"https://example.com/2026/11/24/index.html", "https://example.com/orders/1234567890",
		"https://graph.microsoft.com/v1.0/me/messages", "https://packages.example.org/@aws-sdk/client-s3",
		"https://example.com/GetOrdersByCustomerIdentifier", "https://example.com/prod-orders-v2-handler-eu-west-1",
		"https://example.com/this-is-a-very-long-slug-of-an-article-about-nothing",
	} {
		assert.Equal(t, s, URL(s))
		assert.Equal(t, "GET "+s+" was refused", Text("GET "+s+" was refused"))
	}
	for _, s := range []string{
		"arn:aws:s3:::receipts/2026/11/24/receipt.pdf", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-customer",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:sns:eu-west-1:111122223333:security-alerts.fifo",
		"arn:aws:lambda:eu-west-1:111122223333:function:checkout-prod-OrderHandlerFunction:live",
		"arn:aws:iam::111122223333:role/service-role/AWSLambdaBasicExecutionRole", "receipts/monthly-report-2026-11.csv",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbCdEf",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/checkout-prod-OrdersTable-1A2B3C4D5E6F7",
	} {
		assert.Equal(t, s, Resource(s))
	}
	for _, s := range []string{
		"host matched line 14, method DELETE is not in [GET, POST]", `policy.yaml:12:5: unknown key "whitelsit"; did you mean "whitelist"?`,
		"example.com/checkout/pay.(*Desk).poll desk.go:88", "- aws: dynamodb:PutItem\n  resources: table/orders\n",
		"[masked] twice is [masked]",
	} {
		assert.Equal(t, s, Text(s))
	}
}

// A short secret does not look like one, but its name says so.
func TestWhatIsNamedASecretIsMasked(t *testing.T) {
	for _, name := range []string{"password", "pwd", "token", "access_token", "client_secret", "X-Api-Key", "apikey", "JSESSIONID", "sig", "%74oken"} {
		assertGone(t, URL("https://example.com/a;"+name+"=h0nter/b"), "h0nter")
		assertGone(t, Text("refused: "+name+"=h0nter"), "h0nter")
		assertGone(t, Resource("receipts/"+name+"=h0nter"), "h0nter")
	}
	for _, s := range []string{"https://example.com/a;v=1/dt=2026-11-24", "https://example.com/design=x/token=", "https://example.com/token/x=y"} {
		assert.Equal(t, s, URL(s))
	}
}

func TestEveryFieldOfAnARNIsLookedAt(t *testing.T) {
	secret := secrets["hex 32"]
	for i := range 4 {
		fields := []string{"aws", "s3", "eu-west-1", "111122223333", "receipts/x"}
		fields[i] = secret
		assertGone(t, Resource("arn:"+strings.Join(fields, ":")), secret)
		assertGone(t, Text("no rule allows arn:"+strings.Join(fields, ":")), secret)
	}
}

// What is escaped more often than names ever are, or longer than they are, is masked.
func TestEscapedSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"https://h.example/a%20b/%25/100%":                 "https://h.example/a%20b/%25/100%",
		"https://h.example/%252e/%25252e/x":                "https://h.example/%252e/%25252e/x",
		"https://h.example/%2525252e/x":                    "https://h.example/[masked]/x",
		"https://h.example/%" + strings.Repeat("25", 9000): "https://h.example/[masked]",
		"https://h.example/u/jane.doe%2540mail.example":    "https://h.example/u/[masked]",
		"https://h.example/u/%256aane.doe%25%34%30m.test":  "https://h.example/u/[masked]",
		`https://h.example/a\b@hunter2`:                    `https://h.example/[masked]`,
		"https://h.example/u/jane@mail.example":            "https://h.example/u/[masked]@mail.example",
		"https://h.example/%zz%70assword=x":                "https://h.example/[masked]",
		"https://h.example/a%253Ftoken%253Dhunter2":        "https://h.example/[masked]",
		"https://h.example/" + strings.Repeat("a", 1024):   "https://h.example/" + strings.Repeat("a", 1024),
		"https://h.example/" + strings.Repeat("a", 1025):   "https://h.example/[masked]",
	} {
		assert.Equal(t, want, URL(in), "%.80s", in)
	}
}

// A prefix counts wherever a word begins with it.
func TestPrefixesAnywhere(t *testing.T) {
	assert.True(t, Token("x-sk_live_abcdefgh"))
	assert.True(t, Token("risk_live_ab-sk_live_abcdefgh"))
	assert.False(t, Token("risk_live_abcdefgh"))
	assert.False(t, Token("key-management"))
	assert.True(t, Token("x/key-1abcdefgh"))
}

func TestUUIDs(t *testing.T) {
	const id = "1234abcd-12AB-34cd-56ef-1234567890ab"
	for s, want := range map[string]bool{
		id: true, "x-" + id: true, id + "-x": true, "/" + id + "/": true, "a-b-" + id: true, "12345678-" + id: true,
		"0" + id: false, id + "0": false, "_" + id: false, id[1:]: false, "g" + id[1:]: false, id[:35]: false, id[:8] + "x" + id[9:]: false,
	} {
		assert.Equal(t, want, findUUID(s, 0) >= 0, s)
	}
	assert.Equal(t, "volume/-x/", withoutUUIDs("volume/"+id+"-x/"+id))
}

// Work that grows with the square of the text would not end in the time that a test has.
func TestLongTextsEnd(t *testing.T) {
	for _, c := range []struct {
		before string
		mask   func(string) string
	}{{"https://x.example/", URL}, {"https://x.example/%", text}, {"arn:aws:s3:::b/", Resource}, {"", Host}, {"/%", URL}, {"- aws: s3:x\n  resources: b/", entry}, {"https://h/http:/", URL}} {
		for _, unit := range corpustest.Units {
			c.mask(corpustest.Long(c.before, unit, corpustest.Times(corpustest.Sample(8<<10, 32<<10), 256<<10)))
		}
	}
}

func text(s string) string { return Text(s) }

func entry(s string) string {
	Entry(s)
	return s
}

// FuzzMask holds that masking ends, changes nothing the second time, and never lengthens without
// bound.
func FuzzMask(f *testing.F) {
	for _, s := range secrets {
		f.Add("https://u:p@example.com/a/" + s + "?q=" + s)
		f.Add("arn:aws:s3:::bucket/" + s)
	}
	f.Add("0000000000001000000AAAAA00a0A0A000A0000/000000000A000000") // 40 characters with the slash
	f.Add(`//\@00.`)
	f.Add("http:/@/00000000#")
	f.Add("a:b@http://x.example/?q")
	f.Fuzz(func(t *testing.T, s string) {
		for name, mask := range map[string]func(string) string{"URL": URL, "Text": text, "Resource": Resource, "Host": Host} {
			once := mask(s)
			if twice := mask(once); twice != once {
				t.Errorf("%s(%q) is %q, and then %q", name, s, once, twice)
			}
		}
	})
}
