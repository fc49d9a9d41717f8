package policy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// A blacklist rule milder than the policy does not open what the whitelist or a built-in rule
// forbids, in any kind of call.
func TestTheStrictestVerdictHolds(t *testing.T) {
	const whitelist = "whitelist: [{http: good.test}, {aws: sqs:SendMessage}, {net: good.test:25}]\n"
	const logs = "blacklist:\n- {http: [evil.test, good.test, s3.eu-west-1.amazonaws.com], on_violation: log}\n- {aws: sqs:*, on_violation: log}\n" +
		"- {ip: loopback, on_violation: log}\n"
	at := Env{Account: "111122223333", Region: "eu-west-1"}
	p, err := Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+whitelist+logs), at)
	require.NoError(t, err)
	get := func(url string, header ...string) *http.Request {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		require.NoError(t, err)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return r
	}
	const scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=00"
	raw := func(op string) Call {
		return Call{HTTP: get("https://sqs.eu-west-1.amazonaws.com/", "Authorization", scope, "X-Amz-Target", "AmazonSQS."+op)}
	}
	sqs := AWSCall{Service: "SQS", Operation: "SendMessage"}
	for name, c := range map[string]struct {
		call Call
		want Verdict
	}{
		"http, not whitelisted":             {Call{HTTP: get("https://evil.test/")}, Block},
		"http, whitelisted":                 {Call{HTTP: get("https://good.test/")}, Log},
		"aws, not whitelisted":              {Call{AWS: AWSCall{Service: "sqs", Operation: "ReceiveMessage"}}, Block},
		"aws, whitelisted":                  {Call{AWS: sqs}, Log},
		"aws by http, not whitelisted":      {raw("ReceiveMessage"), Block},
		"aws by http, whitelisted":          {raw("SendMessage"), Log},
		"wire, an endpoint that is not AWS": {Call{AWS: sqs, HTTP: get("https://evil.test/"), Via: ViaWire}, Block},
		"wire, an endpoint allowed as http": {Call{AWS: sqs, HTTP: get("https://good.test/"), Via: ViaWire}, Log},
		"net, not whitelisted":              {Call{Net: "evil.test:25"}, Block},
		"net, whitelisted":                  {Call{Net: "good.test:25"}, Log},
		"dial, a name that turns local":     {Call{Net: "good.test:443", Addr: "127.0.0.1:443", Via: ViaAddr}, Block},
	} {
		d := p.Decide(c.call)
		require.Equal(t, c.want, d.Verdict, "%s: %s %s", name, d.List, d.Reason)
	}

	// And the other way round: an aws: rule stricter than the policy, behind an http: rule that is
	// milder.
	p, err = Parse("policy.yaml", []byte("version: 1\non_violation: log\nblacklist:\n- http: sqs.eu-west-1.amazonaws.com\n- {aws: sqs:*, on_violation: block}\n"), at)
	require.NoError(t, err)
	require.Equal(t, Block, p.Decide(raw("ReceiveMessage")).Verdict)
}
