package foldids

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/corpustest"
	"github.com/stretchr/testify/assert"
)

func TestPaths(t *testing.T) {
	for in, want := range map[string]string{
		// ids
		"/customers/17":                                     "/customers/*",
		"/customers/17/orders/18":                           "/customers/*/orders/*",
		"/v1/customers/cus_NffrFeUfNV2Hib":                  "/v1/customers/cus_*",
		"/v1/customers/cus_NffrFeUfNVXHib":                  "/v1/customers/cus_*",
		"/users/550e8400-e29b-41d4-a716-446655440000/photo": "/users/*/photo",
		"/users/abcdabcd-abcd-abcd-abcd-abcdabcdabcd":       "/users/*",
		"/o/01ARZ3NDEKTSV4RRFFQ69G5FAV":                     "/o/*",
		"/o/0ujsszwN8NRY24YaXiTIE2VWDTS":                    "/o/*",
		"/o/5d41402abc4b2a76b9719d911017c592":               "/o/*",
		"/o/deadbeefcafe":                                   "/o/*",
		"/o/q7Rk2-vX9_bTz41LmNpQwE8sYcUa5HdG":               "/o/*",
		"/o/dGhpcyBpcyBhIHNlY3JldA==":                       "/o/*",
		"/o/clh3am8hi0000356o0wm2w9pp":                      "/o/*",
		"/u/jane.doe@example.com/x":                         "/u/*/x",
		"/u/jane.doe%40example.com":                         "/u/*",
		"/u/[masked]@example.com":                           "/u/*",
		"/logs/2026-11-24":                                  "/logs/*",
		"/logs/2026/11/24/index.html":                       "/logs/*/*/*/index.html",
		"/logs/20261124T093000Z.json":                       "/logs/*.json",
		"/at/2026-11-24T09:30:00Z":                          "/at/*:*:*",
		"/trace/1-69242f14-6f2c1b7a5d3e4f5061728394":        "/trace/*",
		"/o/[masked]/x":                                     "/o/*/x",
		"/i/i-0123456789abcdef0":                            "/i/i-*",
		"/x;id=17;name=y":                                   "/x;id=*;name=y",
		// ids inside a segment
		"/tenant-17-ledger":          "/tenant-*-ledger",
		"/tenant-a1b2c3-ledger/x":    "/tenant-*-ledger/x",
		"/order12345":                "/order*",
		"/Invoice20261124":           "/Invoice*",
		"/invoice-2026-11-24.pdf":    "/invoice-*.pdf",
		"/part-00001-of-00010":       "/part-*-of-*",
		"/report_2026_q3_final.xlsx": "/report_*_final.xlsx",
		"/order%2012":                "/order%20*",
		// what stays
		"/":                                         "/",
		"":                                          "",
		"/v1/payment_intents":                       "/v1/payment_intents",
		"/v3/x/v12/v1beta1/v2alpha":                 "/v3/x/v12/v1beta1/v2alpha",
		"/v1.0/me/messages":                         "/v1.0/me/messages",
		"/api/2.1/x":                                "/api/2.1/x",
		"/2024-11-01/functions/x":                   "/2024-11-01/functions/x",
		"/api/2024-11-01/x":                         "/api/2024-11-01/x",
		"/2024-11-01-preview/x":                     "/2024-11-01-preview/x",
		"/x/utf8/utf-8/sha256/SHA-256":              "/x/utf8/utf-8/sha256/SHA-256",
		"/ipv4/s3/ec2/x86_64/arm64/amd64":           "/ipv4/s3/ec2/x86_64/arm64/amd64",
		"/us-east-1/ap-southeast-2a":                "/us-east-1/ap-southeast-2a",
		"/oauth2/token/k8s/i18n/base64":             "/oauth2/token/k8s/i18n/base64",
		"/GetOrdersByCustomerIdentifier":            "/GetOrdersByCustomerIdentifier",
		"/GetIdByOrgId/AWSLambdaBasicExecutionRole": "/GetIdByOrgId/AWSLambdaBasicExecutionRole",
		"/this-is-a-very-long-slug-of-an-article":   "/this-is-a-very-long-slug-of-an-article",
		"/@aws-sdk/client-s3":                       "/@aws-sdk/client-s3",
		"/orders2/page12/HandlerV2":                 "/orders2/page12/HandlerV2",
		"/bücher/größe":                             "/bücher/größe",
		"/iso-8859-1/iso8601/log4j2":                "/iso-8859-1/iso8601/log4j2",
		"/iso27001/rfc7519/iso3166-1/es2022/ES2015": "/iso27001/rfc7519/iso3166-1/es2022/ES2015",
		"/utf-16le/utf16be/http-2/h2c/crc32c":       "/utf-16le/utf16be/http-2/h2c/crc32c",
		"/aes256gcm/argon2id/nistp384/blake2b":      "/aes256gcm/argon2id/nistp384/blake2b",
		"/i686/ppc64le/s390x/arm64v8/al2023":        "/i686/ppc64le/s390x/arm64v8/al2023",
		"/python3.12/tls1.3/go1.22.4/ubuntu22.04":   "/python3.12/tls1.3/go1.22.4/ubuntu22.04",
		"/x/2024-11-01-preview/y":                   "/x/2024-11-01-preview/y",
		"/v1p1beta1/v2p3alpha/v1p2beta12":           "/v1p1beta1/v2p3alpha/v1p2beta12",
		"/24h/30d/5m/720p/1080p/64bit/2048bit/10x":  "/24h/30d/5m/720p/1080p/64bit/2048bit/10x",
		"/chart-24h/last_30d.png":                   "/chart-24h/last_30d.png",
		"/ListObjectsV2/GetItemsV12":                "/ListObjectsV2/GetItemsV12",
		"/IPv4Address/EC2InstanceId/Base64Encode":   "/IPv4Address/EC2InstanceId/Base64Encode",
		"/eastus2euap/westeurope/us-gov-west-1":     "/eastus2euap/westeurope/us-gov-west-1",
		"/2/tweets/1460323737035677698":             "/2/tweets/*",
		"/rest/api/3/issue/PROJ-12":                 "/rest/api/3/issue/PROJ-*",
		// what only looks like such words
		"/2":                            "/*",
		"/api/7":                        "/api/*",
		"/17/orders":                    "/*/orders",
		"/orders/2/items":               "/orders/*/items",
		"/12345d/1234h/a24h17":          "/*/*/*",
		"/x7Qk-24h/24h-550e8400":        "/*/*",
		"/report123.45/10.1000/1.2.3.4": "/report*/*/*",
		"/IPv4address9/EC2x9kQ":         "/*/*",
		"/iso123456/es1815/rfc12":       "/*/*/rfc12",
	} {
		assert.Equal(t, want, String(URL, in), in)
		for _, origin := range []string{"https://h.example", "https://h17.example:8443", "//h.example"} {
			assert.Equal(t, origin+want, String(URL, origin+in), in)
		}
	}
}

func TestResources(t *testing.T) {
	for in, want := range map[string]string{
		"arn:aws:s3:::receipts/2026/11/24/17.pdf":                                               "arn:aws:s3:::receipts/*/*/*/*.pdf",
		"arn:aws:s3:::receipts/2026-11-24/x":                                                    "arn:aws:s3:::receipts/*/x",
		"arn:aws:s3:::111122223333/2026-11-24/x":                                                "arn:aws:s3:::111122223333/*/x",
		"arn:aws:s3:::tenant-17-ledger/x":                                                       "arn:aws:s3:::tenant-*-ledger/x",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-customer":                "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-customer",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/tenant-17":                               "arn:aws:dynamodb:eu-west-1:111122223333:table/tenant-*",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab":           "arn:aws:kms:eu-west-1:111122223333:key/*",
		"arn:aws:lambda:eu-west-1:111122223333:function:checkout:17":                            "arn:aws:lambda:eu-west-1:111122223333:function:checkout:*",
		"arn:aws:sqs:eu-west-1:111122223333:orders":                                             "arn:aws:sqs:eu-west-1:111122223333:orders",
		"arn:aws:sqs:eu-west-1:111122223333:1234":                                               "arn:aws:sqs:eu-west-1:111122223333:1234",
		"arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0": "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0",
		"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-2-v1:0":        "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-2-v1:0",
		"arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3d4e5f6":     "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/*",
		"arn:aws:s3:::foundation-model/17":                                                      "arn:aws:s3:::foundation-model/*",
		// generated names
		"arn:aws:dynamodb:eu-west-1:111122223333:table/ShopStack-OrdersTable315BB997-1QW2E3R4T5Y6U":                  "arn:aws:dynamodb:eu-west-1:111122223333:table/ShopStack-OrdersTable*",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/ShopStack-CardsTable315BB997-1QW2E3R4T5Y6U/index/by-day":      "arn:aws:dynamodb:eu-west-1:111122223333:table/ShopStack-CardsTable*/index/by-day",
		"arn:aws:sqs:eu-west-1:111122223333:ShopStack-OrdersQueueB4D3F2A1-AbCdEf123456":                              "arn:aws:sqs:eu-west-1:111122223333:ShopStack-OrdersQueue*",
		"arn:aws:lambda:eu-west-1:111122223333:function:shop-PayFunction-aB3dE6gH9jK2":                               "arn:aws:lambda:eu-west-1:111122223333:function:shop-PayFunction-*",
		"arn:aws:lambda:eu-west-1:111122223333:function:S-LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a-aB3dE6gH9jK2": "arn:aws:lambda:eu-west-1:111122223333:function:S-LogRetention*",
		"arn:aws:lambda:eu-west-1:111122223333:function:Sh-F-aB3dE6gH9jK2xY":                                         "arn:aws:lambda:eu-west-1:111122223333:function:Sh-F-aB3dE6gH9jK2xY",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:DbSecret-aB3dE6gH9jK2-AbCdEf":                          "arn:aws:secretsmanager:eu-west-1:111122223333:secret:DbSecret-*-AbCdEf",
		"arn:aws:s3:::shopstack-receipts5d41402a-1qw2e3r4t5y6/AbC9-xY7Z_q1W2e3R4t5Y6":                                "arn:aws:s3:::shopstack-receipts*/*",
		"arn:aws:sqs:eu-west-1:111122223333:S3Events2Handler4Prod":                                                   "arn:aws:sqs:eu-west-1:111122223333:S3Events2Handler4Prod",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/CreateOrder2":                                                 "arn:aws:dynamodb:eu-west-1:111122223333:table/CreateOrder2",
		"table/ShopStack-OrdersTable315BB997-1QW2E3R4T5Y6U":                                                          "table/ShopStack-OrdersTable*",
		"table/orders":            "table/orders",
		"receipts/17":             "receipts/*",
		"[masked]":                "[masked]",
		"receipts/v1/17/utf8.txt": "receipts/v1/*/utf8.txt",
		"":                        "",
		"…":                       "…",
	} {
		assert.Equal(t, want, String(Resource, in), in)
	}
}

func TestEntries(t *testing.T) {
	for in, want := range map[string]string{
		"- http: https://h.example/customers/17\n  methods: [GET]\n":                    "- http: https://h.example/customers/*\n  methods: [GET]\n",
		"- http: \"https://h.example/c/17\"":                                            "- http: \"https://h.example/c/*\"",
		"- http: https://h17.example:8443/**":                                           "- http: https://h17.example:8443/**",
		"- aws: s3:PutObject\n  resources: receipts/2026/17.pdf\n":                      "- aws: s3:PutObject\n  resources: receipts/*/*.pdf\n",
		"- aws: s3:PutObject\n  resources: [receipts/17, receipts/18, other/x]":         "- aws: s3:PutObject\n  resources: [receipts/*, other/x]",
		"- aws: s3:PutObject\n  resources: [receipts/17, receipts/18]":                  "- aws: s3:PutObject\n  resources: receipts/*",
		"- aws: dynamodb:GetItem\n  resources: table/Shop-Orders315BB997-1QW2E3R4T5Y6U": "- aws: dynamodb:GetItem\n  resources: table/Shop-Orders*",
		"- aws: sqs:SendMessage\n  resources: 17-orders":                                "- aws: sqs:SendMessage\n  resources: \"*-orders\"",
		"- aws: sqs:SendMessage\n  resources: '17-orders'\n  accounts: [111122223333]":  "- aws: sqs:SendMessage\n  resources: '*-orders'\n  accounts: [111122223333]",
		"- net: db-17.internal:5432":                                                    "- net: db-17.internal:5432",
		"- aws: [ec2:RunInstances]":                                                     "- aws: [ec2:RunInstances]",
		"- http: https://h.example/*":                                                   "- http: https://h.example/*",
		"# cut: see v17\n":                                                              "# cut: see v17\n",
		"":                                                                              "",
	} {
		assert.Equal(t, want, Entry(in))
		assert.Equal(t, Paths(in), Paths(Paths(in)), "paths twice")
		assert.Equal(t, want, Entry(want), "twice")
	}
}

// Random ids of each kind fold into one form, but for a few: whether a text is an id is a guess.
func TestRandomIDsFold(t *testing.T) {
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = rand.Read(b)
		return b
	}
	letters := func(alphabet string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(alphabet[mathrand.IntN(len(alphabet))])
		}
		return b.String()
	}
	const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for name, c := range map[string]struct {
		make   func() string
		forms  int // at most, of 2,000
		prefix string
	}{
		"number": {func() string { return fmt.Sprint(mathrand.IntN(1e9)) }, 1, ""},
		"uuid": {func() string {
			b := read(16)
			return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		}, 1, ""},
		"hex 32":           {func() string { return hex.EncodeToString(read(16)) }, 1, ""},
		"hex 12":           {func() string { return hex.EncodeToString(read(6)) }, 1, ""},
		"object id":        {func() string { return hex.EncodeToString(read(12)) }, 1, ""},
		"ulid":             {func() string { return "01" + letters("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24) }, 1, ""},
		"ksuid":            {func() string { return letters(base62, 27) }, 12, ""},
		"base64 22":        {func() string { return base64.RawURLEncoding.EncodeToString(read(16)) }, 140, ""},
		"base64 43":        {func() string { return base64.RawURLEncoding.EncodeToString(read(32)) }, 60, ""},
		"base64 padded":    {func() string { return strings.ReplaceAll(base64.StdEncoding.EncodeToString(read(16)), "/", "_") }, 140, ""},
		"base32":           {func() string { return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(read(15)) }, 60, ""},
		"cus_":             {func() string { return "cus_" + letters(base62, 14) }, 80, "cus_"},
		"pi_":              {func() string { return "pi_3" + letters(base62, 23) }, 1, "pi_"},
		"i-":               {func() string { return "i-" + hex.EncodeToString(read(8)) + "0" }, 1, "i-"},
		"date":             {func() string { return time.Unix(mathrand.Int64N(2e9), 0).UTC().Format(time.DateOnly) }, 1, ""},
		"mail":             {func() string { return letters("abcdefgh.", 8) + "x@" + letters("abc", 5) + ".example" }, 1, ""},
		"number in a name": {func() string { return fmt.Sprintf("tenant-%d-ledger", mathrand.IntN(1e9)) }, 1, "tenant-"},
	} {
		t.Run(name, func(t *testing.T) {
			forms := map[string]int{}
			for range 2_000 {
				forms[String(URL, "/c/"+c.make())]++
			}
			assert.LessOrEqual(t, len(forms), c.forms)
			most := ""
			for f, n := range forms {
				if n > forms[most] {
					most = f
				}
			}
			assert.True(t, strings.HasPrefix(most, "/c/"+c.prefix+"*"), most)
		})
	}
}

func TestItDoesNotAllocate(t *testing.T) {
	n := 0
	for _, in := range []string{"https://h.example/v1/customers/cus_NffrFeUfNV2Hib/x-17", "https://h.example/x"} {
		alloctest.AtMost(t, 0, func() { URL(in, func(piece string) { n += len(piece) }) })
	}
	alloctest.AtMost(t, 0, func() {
		Resource("arn:aws:s3:::111122223333/2026/x-17.pdf", func(piece string) { n += len(piece) })
	})
}

// Work that grows with the square of the text would not end in the time that a test has.
func TestLongTextsEnd(t *testing.T) {
	for _, unit := range []string{"1", "a", "aB", "1-", "a-1", "%25", "@", "*", "[masked]", "[", "=", "1/", "a1B2", "x86_64-", "é", ".", "abcdabcd-"} {
		text := corpustest.Long("/", unit, corpustest.Times(128<<10, 1<<20))
		URL(text, func(string) {})
		Resource(text[1:], func(string) {})
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{
		"https://h.example/customers/17", "/v1/cus_NffrFeUfNV2Hib", "arn:aws:s3:::receipts/17", "/a1-b2-12345", "/x@y.example", "/[masked]x1*",
		"/x==", "/1==", "/2024-11-01/a", "/us-east-1", "/%40a.bc", "/order123order123", "- http: https://h.example/17\n  resources: [1, 2]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, fold := range map[string]func(string, func(string)){"URL": URL, "Resource": Resource} {
			once := String(fold, s)
			assert.Equal(t, once, String(fold, once), "%s twice changes nothing", name)
			assert.LessOrEqual(t, len(once), len(s))
			assert.True(t, covers(strings.ReplaceAll(once, masked, "*"), strings.ReplaceAll(s, masked, "*")), "%s of %q is %q, a pattern that does not cover it", name, s, once)
		}
		once := Entry(s)
		assert.Equal(t, once, Entry(once), "Entry twice")
	})
}

// covers reports whether a pattern, in which a * stands for anything, matches text.
func covers(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, p := range parts[1:last] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return strings.HasSuffix(rest, parts[last])
}

func BenchmarkURL(b *testing.B) {
	for _, s := range []string{"https://api.example.com/v1/payment-intents/confirm", "https://api.example.com/v1/customers/cus_NffrFeUfNV2Hib/cards"} {
		b.Run(s, func(b *testing.B) {
			n := 0
			for b.Loop() {
				URL(s, func(piece string) { n += len(piece) })
			}
		})
	}
}

func TestFunction(t *testing.T) {
	for name, want := range map[string]string{
		"shop-Checkout-1A2B3C4D5E6F":       "shop-Checkout-*",
		"shop-CheckoutFn8A1B2C3D-aB3dE6fG": "shop-CheckoutFn*-*",
		"checkout":                         "checkout",
		"checkout-v2":                      "checkout-v2",
		"shop-checkout-production":         "shop-checkout-production",
		"shop-20261127":                    "shop-20261127",
		"-1A2B3C4D5E6F":                    "-1A2B3C4D5E6F",
		"":                                 "",
	} {
		assert.Equal(t, want, Function(name), name)
	}
}

// What a caller chooses must not take longer than its length: with another look at the whole for
// each version, this text would take half an hour.
func TestManyVersionsInARow(t *testing.T) {
	s := "https://api.example/ListObjects" + strings.Repeat("v1", 500_000)
	assert.Equal(t, "https://api.example/*", String(URL, s))
}
