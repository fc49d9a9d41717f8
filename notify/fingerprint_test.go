package notify

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// The fingerprint is what alert.schema.json defines it to be: here it is made from that text alone.
func TestTheFingerprintIsAsTheSchemaDefinesIt(t *testing.T) {
	base := Alert{
		Time: time.Unix(1, 0), Verdict: "alert", Function: "checkout", Stage: "prod", Region: "eu-west-1", Account: "111122223333",
		List: "whitelist", Rule: "r", Reason: "no rule; none at all", Caller: "example.com/app/pay.(*C).Charge pay.go:12",
	}
	for name, c := range map[string]struct {
		call         Call
		list, rule   string
		caller       string   // in the definition
		fault        string   // likewise; "": none
		destinations []string // likewise: the URL, then resources
	}{
		"http":          {Call{Kind: "http", Method: "GET", URL: "https://a.example/customers/17"}, "whitelist", "r", "example.com/app/pay", "", []string{"https://a.example/customers/*"}},
		"net":           {Call{Kind: "net", Net: "db.example:5432"}, "whitelist", "r", "example.com/app/pay", "", []string{""}},
		"unguarded":     {Call{Kind: "net", Net: "db.example:5432"}, "unguarded", "r", base.Caller, "", []string{""}},
		"malformed":     {Call{Kind: "http", Method: "GET"}, "builtin", "malformed", "example.com/app/pay", "no rule", []string{""}},
		"two resources": {Call{Kind: "aws", Service: "s3", Operation: "CopyObject", Region: "eu-west-1", Resources: []string{"arn:aws:s3:::a/17", "arn:aws:s3:::a/18", "arn:aws:s3:::b/x"}}, "whitelist", "r", "example.com/app/pay", "", []string{"", "arn:aws:s3:::a/*", "arn:aws:s3:::b/x"}},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			a := base
			a.Call, a.List, a.Rule = c.call, c.list, c.rule
			texts := []string{
				a.Function, a.Stage, a.Account, a.Region, a.Verdict, a.Rule, c.call.Kind, c.call.Method, c.call.Service, c.call.Operation,
				c.call.Region, c.call.Net, c.caller,
			}
			if c.fault != "" {
				texts = append(texts, c.fault)
			}
			texts = append(texts, c.destinations...)
			sum := sha256.Sum256([]byte(strings.Join(texts, "\x00") + "\x00"))
			assert.Equal(t, fmt.Sprintf("%x", sum[:16]), a.Clean().Fingerprint)
		})
	}
}
