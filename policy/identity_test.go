package policy

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// identities returns the exact and the folded identity of a call, with a bar for the end of a text.
func identities(p *Policy, c Call) (exact, folded string) {
	var e, f strings.Builder
	p.Identity(c, func(s string) { e.WriteString(s) }, func(s string) { f.WriteString(s) })
	return strings.ReplaceAll(e.String(), "\x00", "|"), strings.ReplaceAll(f.String(), "\x00", "|")
}

func TestIdentity(t *testing.T) {
	p, err := Parse("policy.yaml", []byte("version: 1\nwhitelist: []\n"), Env{Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err)
	get := func(url string) Call {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		require.NoError(t, err)
		return Call{HTTP: r, Via: ViaTransport}
	}
	op := func(service, operation string, resources ...string) Call {
		return Call{AWS: AWSCall{Service: service, Operation: operation, Resources: resources}, Via: ViaSDK}
	}
	tests := []struct {
		name          string
		call          Call
		exact, folded string
	}{
		{"http", get("https://A.example./v1/charges/17?key=x"), "http|GET|https|a.example|344|/v1/charges/17", "http|GET|https|a.example|344|/v1/charges/*"},
		{"http to an address", get("http://10.0.0.1:8080/"), "http|GET|http||10.0.0.1:8080|0808|/", "http|GET|http||10.0.0.1:8080|0808|/"},
		{"unreadable", get("http://:80/"), "", ""},
		{"net", Call{Net: "db.internal:5432"}, "net|db.internal:5432|", "net|db.internal:5432|"},
		{"aws", op("s3", "PutObject", "arn:aws:s3:::receipts/17.pdf"), "aws|s3|PutObject|eu-west-1|receipts/17.pdf|", "aws|s3|PutObject|eu-west-1|receipts/*.pdf|"},
		{"aws without a resource", op("sts", "GetCallerIdentity"), "aws|sts|GetCallerIdentity|eu-west-1|", "aws|sts|GetCallerIdentity|eu-west-1|"},
		{"resources in a row that differ in ids", op("s3", "DeleteObjects", "arn:aws:s3:::receipts/17", "arn:aws:s3:::receipts/18"),
			"aws|s3|DeleteObjects|eu-west-1|receipts/17|receipts/18|", "aws|s3|DeleteObjects|eu-west-1|receipts/*|"},
		{"in another account", op("sqs", "SendMessage", "arn:aws:sqs:us-east-1:444455556666:orders"),
			"aws|sqs|SendMessage|eu-west-1|444455556666us-east-1orders|", "aws|sqs|SendMessage|eu-west-1|444455556666us-east-1orders|"},
		{"nothing", Call{}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			exact, folded := identities(p, tt.call)
			assert.Equal(t, tt.exact, exact)
			assert.Equal(t, tt.folded, folded)
		})
	}
	exact, _ := identities(Join(p, p), get("https://a.example/"))
	assert.NotEmpty(t, exact)
	exact, _ = identities(nil, get("https://a.example/"))
	assert.Empty(t, exact)
}
