package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
)

// everything renders alerts in every form, as text without the escapes of JSON and Slack.
func everything(t *testing.T, alerts []Alert) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, (&Log{W: &out}).Notify(t.Context(), alerts))
	clean := cleanAll(alerts)
	put := func(v any) {
		b, err := marshal(v)
		require.NoError(t, err)
		out.Write(b)
	}
	m, _ := slackMessage(clean)
	put(m)
	for _, topic := range []string{"arn:aws:sns:eu-west-1:1:a", "arn:aws:sns:eu-west-1:1:a.fifo"} {
		for _, m := range (&SNS{Topic: topic}).messages(clean) {
			var forms map[string]string
			require.NoError(t, json.Unmarshal([]byte(m.body), &forms))
			fmt.Fprintln(&out, m.subject, m.group, m.id, forms)
			for _, a := range m.attributes() {
				fmt.Fprintln(&out, a.name, a.value)
			}
		}
	}
	put(envelope(clean))
	for _, a := range alerts {
		put(a.OCSF())
		put(a.ASFF())
	}
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`, "&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(out.String())
}

// TestNoOutputTellsASecret puts random secrets of every kind into every field that text from
// outside reaches. Whether a text looks like a token is a guess: of 20,000 random ones of 43
// characters, about one is taken for a name. The seed makes them the same 3,000 in each run.
func TestNoOutputTellsASecret(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(alphabet string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	const hex, alnum, b64 = "0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	kinds := map[string]func() string{
		"hex 32": func() string { return pick(hex, 32) },
		"hex 40": func() string { return pick(hex, 40) },
		"hex 64": func() string { return pick(hex, 64) },
		"base64": func() string { return pick(b64, 43) },
		"base62": func() string { return pick(alnum, 32) },
		"jwt":    func() string { return "eyJ" + pick(b64, 30) + "." + pick(b64, 60) + "." + pick(b64, 43) },
		"slack": func() string {
			return "xoxb-" + pick("0123456789", 11) + "-" + pick("0123456789", 11) + "-" + pick(alnum, 24)
		},
		"aws key":  func() string { return "AKIA" + pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16) },
		"telegram": func() string { return "bot" + pick("0123456789", 10) + ":" + pick(b64, 35) },
		"card":     func() string { return card(r) },
	}
	places := map[string]func(a *Alert, s string){
		"path":        func(a *Alert, s string) { a.Call.URL = "https://api.example.com/v1/" + s + "/items" },
		"end of path": func(a *Alert, s string) { a.Call.URL = "https://api.example.com/" + s },
		"query":       func(a *Alert, s string) { a.Call.URL = "https://api.example.com/x?key=" + s },
		"fragment":    func(a *Alert, s string) { a.Call.URL = "https://api.example.com/x#" + s },
		"user":        func(a *Alert, s string) { a.Call.URL = "https://" + s + "@api.example.com/x" },
		"password":    func(a *Alert, s string) { a.Call.URL = "https://u:" + s + "@api.example.com/x" },
		"S3 key":      func(a *Alert, s string) { a.Call.Resources = []string{"arn:aws:s3:::receipts/2026/" + s} },
		"name": func(a *Alert, s string) {
			a.Call.Resources = []string{"arn:aws:dynamodb:eu-west-1:111122223333:table/" + s}
		},
		"method":       func(a *Alert, s string) { a.Call.Method = s },
		"operation":    func(a *Alert, s string) { a.Call.Service, a.Call.Operation = "s3", s },
		"reason":       func(a *Alert, s string) { a.Reason = "path /v1/" + s + " does not match /v2/**" },
		"URL in words": func(a *Alert, s string) { a.Reason = "GET https://u:" + s + "@h.example/" + s + "?k=" + s + " refused" },
		"quoted":       func(a *Alert, s string) { a.Reason = fmt.Sprintf("path %q is closest", "/v1/"+s) },
		"allow":        func(a *Alert, s string) { a.Allow = "- http: https://api.example.com/v1/" + s + "\n  methods: [GET]\n" },
		"allow S3":     func(a *Alert, s string) { a.Allow = "- aws: s3:PutObject\n  resources: receipts/" + s + "\n" },
	}
	names := map[string]bool{"name": true, "operation": true}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, place := range slices.Sorted(maps.Keys(places)) {
			if guessed := map[string]bool{"hex 32": true, "hex 40": true, "hex 64": true, "base64": true, "base62": true, "card": true}; guessed[kind] && names[place] {
				continue // nobody can know it from a name that a tool has generated
			}
			secret, put := kinds[kind], places[place]
			for range corpustest.Sample(4, 20) {
				s := secret()
				a := from(Alert{Verdict: "block", List: "whitelist", Place: "policy.yaml:14", Call: Call{Kind: "http", Method: "GET"}, Caller: "main.main main.go:1"})
				put(&a, s)
				out := everything(t, []Alert{a})
				assert.NotContains(t, out, s, "%s in %s", kind, place)
				// nor half of it
				assert.NotContains(t, out, s[:len(s)/2], "half of %s in %s", kind, place)
			}
		}
	}
}

func card(r *rand.Rand) string {
	digits := []byte("4")
	for len(digits) < 15 {
		digits = append(digits, byte('0'+r.IntN(10)))
	}
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return string(digits) + string(rune('0'+(10-sum%10)%10))
}

// FuzzOneLine checks that whatever an alert holds, its log line is one line of JSON below 32 KB,
// SNS takes its subject, and it starts neither a header line in the e-mail nor markup in Slack.
func FuzzOneLine(f *testing.F) {
	for _, alerts := range examples {
		for _, a := range alerts {
			f.Add(a.Function, a.Call.URL, a.Reason, a.Allow)
		}
	}
	f.Add("f\n", "https://x/\r\n\x85\u2028", "<!channel>```", "- a: b\n\n\x00")
	f.Fuzz(func(t *testing.T, function, url, reason, allow string) {
		a := Alert{Verdict: "block", Function: function, Reason: reason, Allow: allow, Call: Call{Kind: "http", URL: url, Resources: []string{url, reason}}}
		var log bytes.Buffer
		require.NoError(t, (&Log{W: &log}).Notify(t.Context(), []Alert{a}))
		assert.Less(t, log.Len(), maxLine)
		assert.Equal(t, 1, bytes.Count(log.Bytes(), []byte("\n")))
		assert.True(t, json.Valid(log.Bytes()))
		c := a.Clean()
		assert.Equal(t, c, c.Clean(), "cleaning twice changes nothing")
		s := subject([]Alert{c})
		assert.Regexp(t, `^[!-~][ -~]{0,99}$`, s)
		for l := range strings.Lines(plainText([]Alert{c})) {
			assert.NotRegexp(t, `^(Bcc|Subject|Cc|To):`, l)
		}
		m, _ := slackMessage([]Alert{c})
		for _, b := range m.Blocks {
			if b.Text != nil && b.Text.Type == "mrkdwn" {
				assert.NotContains(t, b.Text.Text, "<")
			}
		}
	})
}
