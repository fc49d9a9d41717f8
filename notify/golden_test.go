package notify

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "%s; run with -update if this is meant", file)
}

func goldenJSON(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(v))
	golden(t, name, b.Bytes())
}

var at = time.Date(2026, 11, 24, 9, 30, 12, 345_000_000, time.UTC)

func from(a Alert) Alert {
	a.Time, a.Function, a.Version, a.Region, a.Account = at, "checkout", "7", "eu-west-1", "111122223333"
	a.RequestID, a.TraceID = "5d8c1f0e-7a53-4a53-9f0a-2f1f5f0c9b11", "Root=1-69242f14-6f2c1b7a5d3e4f5061728394"
	a.Policy, a.Owner = "0c1d2e3f405162738495a6b7c8d9eaf0b1c2d3e4f5061728394a5b6c7d8e9f00", "security@example.com"
	if a.Count == 0 {
		a.Count = 1
	}
	return a
}

// examples are the alerts whose every rendering is a golden file.
var examples = map[string][]Alert{
	"blocked_sqs_read": {from(Alert{
		Verdict: "block", Stage: "dev", ColdStart: true, List: "blacklist", Rule: "no-queue-reads", Place: "policy.yaml:31",
		Call: Call{Kind: "aws", Service: "sqs", Operation: "ReceiveMessage", Access: "read", Region: "eu-west-1", Via: "sdk",
			Resources: []string{"arn:aws:sqs:eu-west-1:111122223333:orders"}},
		Reason: "checkout publishes to queues, it never reads them", Caller: "example.com/checkout/pay.(*Desk).poll desk.go:88",
	})},
	"seen_http": {from(Alert{
		Verdict: "alert", Stage: "prod", List: "whitelist", Place: "policy.yaml:14",
		Call:   Call{Kind: "http", Method: "POST", URL: "https://api.stripe.com/v2/charges?key=sk_live_51H8sT2eZvKYlo2C", Via: "transport"},
		Reason: `host matches policy.yaml:14, path "/v2/charges" does not match /v1/**`,
		Allow:  "- http: https://api.stripe.com/v2/charges\n  methods: [POST]\n",
		Caller: "main.handle main.go:42",
	})},
	"storm_of_one": {from(Alert{
		Verdict: "alert", Stage: "prod", List: "whitelist", Since: at.Add(-90 * time.Second), Count: 99_999,
		Call:   Call{Kind: "net", Net: "db.internal:5432", Via: "dial"},
		Reason: "no whitelist entry names it", Allow: "- net: db.internal:5432\n", Caller: "main.connect db.go:9",
	})},
	"hostile": {from(Alert{
		Verdict: "block", Stage: "prod", List: "whitelist",
		Call:   Call{Kind: "http", Method: "GET", URL: "https://evil.example/<!channel>`*b*`/%0aSubject:x\r\nBcc: a@b\u202e", Via: "transport"},
		Reason: "host \"evil.example\" <https://phish.example|click>\n{\"level\":\"INFO\"}", Caller: "main.handle main.go:42",
		Allow: "- http: \"https://evil.example/```x\"\n",
	})},
	"broken_policy": {from(Alert{
		Verdict: "block", Call: Call{Kind: "policy"}, Place: "policy.yaml:12",
		Reason: `policy.yaml:12:5: unknown key "whitelsit"; did you mean "whitelist"?`,
	})},
	"three_at_once": nil,
	"a_dozen":       nil,
}

func init() {
	for _, name := range []string{"blocked_sqs_read", "seen_http", "storm_of_one"} {
		examples["three_at_once"] = append(examples["three_at_once"], examples[name]...)
	}
	for i := range 12 {
		a := examples["seen_http"][0]
		a.Call.URL = "https://host-" + number(i) + ".example/"
		a.Time = at.Add(time.Duration(i) * time.Millisecond)
		a.Allow = "- http: host-" + number(i) + ".example\n"
		examples["a_dozen"] = append(examples["a_dozen"], a)
	}
}

func TestGoldenFiles(t *testing.T) {
	for name, alerts := range examples {
		t.Run(name, func(t *testing.T) {
			clean := cleanAll(alerts)
			var log bytes.Buffer
			require.NoError(t, (&Log{W: &log}).Notify(t.Context(), alerts))
			golden(t, name+".log", log.Bytes())
			m, _ := slackMessage(clean)
			goldenJSON(t, name+".slack.json", m)
			golden(t, name+".email.txt", []byte("Subject: "+subject(clean)+"\n\n"+plainText(clean)))
			if len(alerts) == 1 {
				goldenJSON(t, name+".ocsf.json", alerts[0].OCSF())
				goldenJSON(t, name+".asff.json", alerts[0].ASFF())
			}
		})
	}
}
