package foldids_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/policy"
)

// pieces make texts in which ids, words, separators and what folds already left stand side by side.
var pieces = []string{
	"17", "2026", "11", "orders", "v1", "cus", "tenant", "ledger", "a1", "vX9", "x86", "64", "utf", "8", "us", "east", "1", "1a", "deadbeef", "cafe",
	"5d41402abc4b2a76b9719d911017c592", "NffrFeUfNV2Hib", "NffrFeUfNVXHib", "GetOrdersByCustomer", "550e8400-e29b-41d4-a716-446655440000",
	"q7Rk2-vX9_bTz41LmNpQwE8sYcUa5HdG", "order12345", "HandlerV2", "jane@mail.example", "Report2026", "2024-11-01", "1.0", "sha256", "größe",
	"-", "-", "_", ".", "+", "~", "/", "/", "/", ":", "=", "==", ";", ",", "@", "%20", "%40", "%2F", "*", "[masked]", "**", "[", "]", "(", "…",
}

func random(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(8) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range corpustest.Times(corpustest.Sample(10_000, 40_000), 200_000) {
		s := random(r)
		for _, f := range []func(string, func(string)){foldids.URL, foldids.Resource} {
			once := foldids.String(f, s)
			if twice := foldids.String(f, once); once != twice {
				require.Equal(t, once, twice, "of %q", s)
			}
		}
	}
}

// A rule that is proposed for one call allows each call that folds into the same form.
func TestARuleAllowsTogetherWhatFoldsTogether(t *testing.T) {
	env := policy.Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333"}
	deny, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist: []\n"), env)
	require.NoError(t, err)
	web := func(path string) policy.Call {
		r, err := http.NewRequest(http.MethodGet, "https://api.example.com"+path, nil)
		require.NoError(t, err)
		return policy.Call{HTTP: r, Via: policy.ViaTransport}
	}
	object := func(key string) policy.Call {
		return policy.Call{AWS: policy.AWSCall{Service: "s3", Operation: "PutObject", Region: "eu-west-1", Resources: []string{"arn:aws:s3:::receipts/" + key}}}
	}
	ids := [][]string{
		{"17", "18", "2026"}, {"cus_NffrFeUfNV2Hib", "cus_OxxrGeUfNV3Hib"}, {"tenant-17-ledger", "tenant-a1b2c3-ledger"},
		{"2026-11-24", "2025-01-02"}, {"550e8400-e29b-41d4-a716-446655440000", "5d41402abc4b2a76b9719d911017c592"},
		{"q7Rk2-vX9_bTz41LmNpQwE8sYcUa5HdG", "dGhpcyBpcyBhIHNlY3JldA"}, {"jane@mail.example", "17"}, {"order12345", "order777"},
		{"part-00001-of-00010.csv", "part-2-of-3.csv"},
	}
	together := 0
	for _, pair := range ids {
		for _, form := range []string{"v1/%s", "%s", "orders/%s/items", "%s/x/%s", "2024-11-01/%s"} {
			for _, make := range []func(string) policy.Call{func(s string) policy.Call { return web("/" + s) }, object} {
				text := func(id string) string { return strings.ReplaceAll(form, "%s", id) }
				d := deny.Decide(make(text(pair[0])))
				require.NotEmpty(t, d.Allow)
				entry := foldids.Entry(d.Allow)
				allow, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist:\n"+indent(entry)), env)
				require.NoError(t, err, entry)
				for _, id := range pair {
					if foldids.String(foldids.URL, "/"+text(pair[0])) == foldids.String(foldids.URL, "/"+text(id)) {
						together++
						assert.True(t, allow.Decide(make(text(id))).Allowed(), "%s does not allow %s", entry, text(id))
					}
				}
				assert.False(t, allow.Decide(web("/another/words/than/these")).Allowed(), entry)
				assert.False(t, allow.Decide(policy.Call{AWS: policy.AWSCall{Service: "s3", Operation: "PutObject", Region: "eu-west-1",
					Resources: []string{"arn:aws:s3:::another/" + text(pair[0])}}}).Allowed(), entry)
			}
		}
	}
	assert.Greater(t, together, 180)
}

// Texts that chance makes alike: the entry for one allows each other that folds into the same form.
func TestARuleAllowsWhatChanceMakesAlike(t *testing.T) {
	env := policy.Env{Function: "checkout", Region: "eu-west-1", Account: "111122223333"}
	deny, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist: []\n"), env)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(3, 4))
	another := func(s string) string { // of the same kinds of characters
		b := []byte(s)
		for i, c := range b {
			for _, kind := range []string{"0123456789", "abcdef", "ABCDEF", "ghijklmnopqrstuvwxyz", "GHIJKLMNOPQRSTUVWXYZ"} {
				if strings.IndexByte(kind, c) >= 0 && r.IntN(2) == 0 {
					b[i] = kind[r.IntN(len(kind))]
				}
			}
		}
		return string(b)
	}
	segments := []string{
		"orders", "v1", "17", "2026-11-24", "550e8400-e29b-41d4-a716-446655440000", "cus_NffrFeUfNV2Hib", "tenant-17-ledger", "order12345",
		"jane.doe@mail.example", "shardId-000000000001", "web-6b7f6db7f8-2xv9k", "+15551234567", "SKU-12345-RED", "part-00000-5e1b3a5c.snappy.parquet",
		"24h", "python3.12", "IPv4Address", "GB29NWBK60161331926819", "00-1a-2b-3c-4d-5e", "q7Rk2-vX9_bTz41LmNpQwE8sYcUa5HdG", "x;id=17", "2026-11-24T09:30:00Z",
	}
	alike := 0
	for range corpustest.Times(4_000, 40_000) {
		one, other := "", ""
		for range 1 + r.IntN(3) {
			s := segments[r.IntN(len(segments))]
			one, other = one+"/"+s, other+"/"+another(s)
		}
		if foldids.String(foldids.URL, one) != foldids.String(foldids.URL, other) {
			continue
		}
		alike++
		calls := make([]policy.Call, 2)
		for i, path := range []string{one, other} {
			request, err := http.NewRequest(http.MethodGet, "https://api.example.com"+path, nil)
			require.NoError(t, err, path)
			calls[i] = policy.Call{HTTP: request, Via: policy.ViaTransport}
		}
		entry := foldids.Entry(deny.Decide(calls[0]).Allow)
		allow, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist:\n"+indent(entry)), env)
		require.NoError(t, err, entry)
		for i := range calls {
			require.True(t, allow.Decide(calls[i]).Allowed(), "%s does not allow %s", entry, []string{one, other}[i])
		}
	}
	assert.Greater(t, alike, 300)
}

func indent(entry string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(entry, "\n"), "\n", "\n  ") + "\n"
}

func Example() {
	for _, path := range []string{"/v1/customers/17/cards", "/v1/customers/18/cards", "/v1/tenant-17-ledger"} {
		fmt.Println(foldids.String(foldids.URL, "https://api.example.com"+path))
	}
	// Output:
	// https://api.example.com/v1/customers/*/cards
	// https://api.example.com/v1/customers/*/cards
	// https://api.example.com/v1/tenant-*-ledger
}
