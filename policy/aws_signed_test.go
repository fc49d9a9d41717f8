package policy

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
)

const ownKey = "AKIARTX3GSDSQAABCDEF" // of account 111122223333

func signedEnv() Env {
	return Env{Function: "f", Region: "eu-west-1", Account: "111122223333", Getenv: func(name string) string {
		return map[string]string{"DOMAIN_HOST": "search-logs-abc.eu-west-1.es.amazonaws.com"}[name]
	}}
}

// parsed compiles the text of a policy whose violations block.
func parsed(t testing.TB, text string) *Policy {
	p, err := Parse("policy.yaml", []byte("on_violation: block\n"+text), signedEnv())
	require.NoError(t, err, text)
	return p
}

// signedBy is a request with a signature in its header.
func signedBy(t testing.TB, key, service, method, target string) *http.Request {
	r, err := http.NewRequest(method, target, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261127/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=00")
	return r
}

// linkBy is a request to a presigned URL.
func linkBy(t testing.TB, key, service, method, target string) *http.Request {
	credential := url.QueryEscape(key + "/20261127/eu-west-1/" + service + "/aws4_request")
	r, err := http.NewRequest(method, target+"?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="+credential+"&X-Amz-Signature=00", nil)
	require.NoError(t, err)
	return r
}

// formBy is a form that a browser would send to S3.
func formBy(t testing.TB, key, target string) *http.Request {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, field := range [][2]string{{"key", "a.txt"}, {"X-Amz-Credential", key + "/20261127/eu-west-1/s3/aws4_request"}, {"X-Amz-Signature", "00"}} {
		require.NoError(t, w.WriteField(field[0], field[1]))
	}
	file, err := w.CreateFormFile("file", "a.txt")
	require.NoError(t, err)
	_, err = file.Write(bytes.Repeat([]byte("x"), 400<<10)) // more than is read
	require.NoError(t, err)
	require.NoError(t, w.Close())
	r, err := http.NewRequest(http.MethodPost, target, bytes.NewReader(body.Bytes()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

const (
	domain      = "https://search-logs-abc.eu-west-1.es.amazonaws.com/_search"
	functionURL = "https://abcdef.lambda-url.eu-west-1.on.aws/"
	graph       = "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"
	things      = "https://a1b2c3-ats.iot.eu-west-1.amazonaws.com:8443/topics/orders"
)

// A signature makes a request an AWS call, whatever its host.
func TestSignatureMakesItAnAWSCall(t *testing.T) {
	with := func(r *http.Request, header, value string) *http.Request {
		r.Header[header] = append(r.Header[header], value)
		return r
	}
	plainGet := func(target string) *http.Request {
		r, err := http.NewRequest(http.MethodGet, target, nil)
		require.NoError(t, err)
		return r
	}
	es := func(key, method string) *http.Request { return signedBy(t, key, "es", method, domain) }
	const allHTTP = "whitelist:\n  - http: any\n    reason: tests\n"
	const byDomain, wildcard = "whitelist:\n  - http: https://${DOMAIN_HOST}/**\n", "whitelist:\n  - http: https://*.eu-west-1.es.amazonaws.com/**\n"
	for _, tt := range []struct {
		name, policy string
		req          *http.Request
		want         string // the rule or list that forbids it; "" if none does
	}{
		{"any", "blacklist:\n  - aws: any\n", es(ownKey, "GET"), "blacklist"},
		{"the service", "blacklist:\n  - aws: es:*\n", es(ownKey, "GET"), "blacklist"},
		{"the action of the method", "blacklist:\n  - aws: es:ESHttpDelete\n", es(ownKey, "DELETE"), "blacklist"},
		{"the action of another method", "blacklist:\n  - aws: es:ESHttpDelete\n", es(ownKey, "GET"), ""},
		{"a method without an action may be any", "blacklist:\n  - aws: es:ESHttpDelete\n", es(ownKey, "BREW"), "blacklist"},
		{"its level", "blacklist:\n  - aws: es:*\n    access: write\n", es(ownKey, "PUT"), "blacklist"},
		{"another level", "blacklist:\n  - aws: es:*\n    access: write\n", es(ownKey, "GET"), ""},
		{"another service", "blacklist:\n  - aws: s3:*\n", es(ownKey, "GET"), ""},
		{"another region", "blacklist:\n  - aws: es:*\n    regions: [us-east-1]\n", es(ownKey, "GET"), ""},
		{"unsigned", "blacklist:\n  - aws: any\n", plainGet(domain), ""},
		{"aoss", "blacklist:\n  - aws: aoss:APIAccessAll\n", signedBy(t, ownKey, "aoss", "GET", "https://x.eu-west-1.aoss.amazonaws.com/"), "blacklist"},
		{"the URL of a function", "blacklist:\n  - aws: lambda:InvokeFunctionUrl\n", signedBy(t, ownKey, "lambda", "GET", functionURL), "blacklist"},
		{"which invokes it", "blacklist:\n  - aws: lambda:InvokeFunction\n", signedBy(t, ownKey, "lambda", "GET", functionURL), "blacklist"},
		{"and deletes nothing", "blacklist:\n  - aws: lambda:DeleteFunction\n", signedBy(t, ownKey, "lambda", "DELETE", functionURL), ""},
		{"AppSync", "blacklist:\n  - aws: appsync:GraphQL\n", signedBy(t, ownKey, "appsync", "POST", graph), "blacklist"},
		{"Lattice", "blacklist:\n  - aws: vpc-lattice-svcs:Invoke\n", signedBy(t, ownKey, "vpc-lattice-svcs", "GET", "https://s-1.7d67968.vpc-lattice-svcs.eu-west-1.on.aws/"), "blacklist"},
		{"Neptune", "blacklist:\n  - aws: neptune-db:*\n", signedBy(t, ownKey, "neptune-db", "POST", "https://c.cluster-x.eu-west-1.neptune.amazonaws.com:8182/sparql"), "blacklist"},
		{"things", "blacklist:\n  - aws: iot:Publish\n", signedBy(t, ownKey, "iotdata", "POST", things), "blacklist"},
		{"Prometheus", "blacklist:\n  - aws: aps:RemoteWrite\n", signedBy(t, ownKey, "aps", "POST", "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write"), "blacklist"},
		{"an API", "blacklist:\n  - aws: execute-api:Invoke\n", signedBy(t, ownKey, "execute-api", "GET", "https://x.execute-api.eu-west-1.amazonaws.com/prod"), "blacklist"},
		{"its connections", "blacklist:\n  - aws: execute-api:ManageConnections\n", signedBy(t, ownKey, "execute-api", "POST", "https://x.execute-api.eu-west-1.amazonaws.com/prod/@connections/1"), "blacklist"},
		{"AgentCore", "blacklist:\n  - aws: bedrock-agentcore:InvokeGateway\n", signedBy(t, ownKey, "bedrock-agentcore", "POST", "https://g.gateway.bedrock-agentcore.eu-west-1.amazonaws.com/mcp"), "blacklist"},
		{"the name of somebody", "blacklist:\n  - aws: execute-api:*\n", signedBy(t, ownKey, "execute-api", "GET", "https://api.example.com/v1"), "blacklist"},
		{"in the query", "blacklist:\n  - aws: lambda:*\n", linkBy(t, ownKey, "lambda", "GET", functionURL), "blacklist"},
		{"in the query, spelled otherwise", "blacklist:\n  - aws: lambda:*\n", plainGet(functionURL + "?x%2Damz-credential=" + ownKey + "%2F20261127%2Feu-west-1%2Flambda%2Faws4_request"), "blacklist"},
		{"in a header, spelled otherwise", "blacklist:\n  - aws: lambda:*\n", with(plainGet(functionURL), "authorization", " aws4-hmac-sha256 Credential="+ownKey+"/20261127/eu-west-1/lambda/aws4_request"), "blacklist"},
		{"of SigV4a", "blacklist:\n  - aws: lambda:*\n", with(plainGet(functionURL), "Authorization", "AWS4-ECDSA-P256-SHA256 Credential="+ownKey+"/20261127/lambda/aws4_request"), "blacklist"},
		{"in a form", "blacklist:\n  - aws: s3:PutObject\n", formBy(t, ownKey, "https://receipts.s3.eu-west-1.amazonaws.com/"), "blacklist"},
		{"in a form to the name of somebody", "blacklist:\n  - aws: s3:PutObject\n", formBy(t, ownKey, "https://uploads.example.com/"), "blacklist"},
		{"for two services", "blacklist:\n  - aws: sqs:*\n", with(es(ownKey, "GET"), "authorization", "AWS4-HMAC-SHA256 Credential="+ownKey+"/20261127/eu-west-1/s3/aws4_request"), "malformed"},

		{"the key of another account", "blacklist:\n  - aws: sqs:*\n", es(otherKey, "GET"), "foreign-credentials"},
		{"at the name of somebody", "blacklist:\n  - aws: sqs:*\n", signedBy(t, otherKey, "execute-api", "GET", "https://api.example.com/v1"), "foreign-credentials"},
		{"of two keys", "blacklist:\n  - aws: sqs:*\n", with(es(ownKey, "GET"), "Authorization", "AWS4-HMAC-SHA256 Credential="+otherKey+"/20261127/eu-west-1/es/aws4_request"), "foreign-credentials"},
		{"the other way round", "blacklist:\n  - aws: sqs:*\n", with(es(otherKey, "GET"), "Authorization", "AWS4-HMAC-SHA256 Credential="+ownKey+"/20261127/eu-west-1/es/aws4_request"), "foreign-credentials"},
		{"of two keys at an endpoint", "blacklist:\n  - aws: sns:*\n", with(signedBy(t, ownKey, "sqs", "POST", "https://sqs.eu-west-1.amazonaws.com/"), "Authorization", "AWS4-HMAC-SHA256 Credential="+otherKey+"/20261127/eu-west-1/sqs/aws4_request"), "foreign-credentials"},
		{"and in the query", "blacklist:\n  - aws: sns:*\n", with(linkBy(t, otherKey, "lambda", "GET", functionURL), "Authorization", "AWS4-HMAC-SHA256 Credential="+ownKey+"/20261127/eu-west-1/lambda/aws4_request"), "foreign-credentials"},
		{"in a form", "blacklist:\n  - aws: sns:*\n", formBy(t, otherKey, "https://uploads.example.com/"), "foreign-credentials"},

		{"aws: rules vouch for the API alone", "whitelist:\n  - aws: \"lambda:*\"\n", signedBy(t, ownKey, "lambda", "GET", functionURL), "whitelist"},
		{"not even any", "whitelist:\n  - aws: any\n    reason: tests\n", es(ownKey, "GET"), "whitelist"},
		{"an http: rule", byDomain, es(ownKey, "GET"), ""},
		{"with a wildcard", wildcard, es(ownKey, "GET"), ""},
		{"or any", allHTTP, es(ownKey, "GET"), ""},
		{"for a stranger, in full", byDomain, es(otherKey, "GET"), ""},
		{"for a stranger, no wildcard", wildcard, es(otherKey, "GET"), "foreign-credentials"},
		{"for a stranger, not any", allHTTP, es(otherKey, "GET"), "foreign-credentials"},
		{"but for a link", allHTTP, linkBy(t, otherKey, "lambda", "GET", functionURL), ""},
		{"and no wildcard", "whitelist:\n  - http: https://*.lambda-url.eu-west-1.on.aws/**\n", linkBy(t, otherKey, "lambda", "GET", functionURL), "foreign-credentials"},

		{"a key of another provider", "blacklist:\n  - aws: any\n", signedBy(t, "0123456789abcdef0123456789abcdef", "s3", "PUT", "https://acc.r2.cloudflarestorage.com/b/k"), ""},
		{"GCS", "blacklist:\n  - aws: any\n", signedBy(t, "GOOG1EXAMPLE", "s3", "PUT", "https://storage.googleapis.com/b/k"), ""},
		{"an emulator", "blacklist:\n  - aws: any\n", signedBy(t, "minioadmin", "s3", "PUT", "http://minio.internal:9000/b/k"), ""},
		{"one that begins as those of AWS do", "blacklist:\n  - aws: any\n", signedBy(t, "AKIA0123456789012345", "s3", "PUT", "https://s3.example.com/b/k"), ""},
		{"an emulator with a key of the form of AWS", "blacklist:\n  - aws: s3:PutObject\n", signedBy(t, ownKey, "s3", "PUT", "http://minio.internal:9000/b/k"), "blacklist"},
		{"any key counts at hosts of AWS", "blacklist:\n  - aws: any\n", es("test", "GET"), "blacklist"},

		{"a target of three names", "whitelist:\n  - aws: dynamodb:GetItem\n", with(signedBy(t, ownKey, "dynamodb", "POST", "https://dynamodb.eu-west-1.amazonaws.com/"), "X-Amz-Target", "DynamoDB_20120810.DeleteTable.GetItem"), "whitelist"},
		{"which may be either", "blacklist:\n  - aws: dynamodb:DeleteTable\n", with(signedBy(t, ownKey, "dynamodb", "POST", "https://dynamodb.eu-west-1.amazonaws.com/"), "X-Amz-Target", "DynamoDB_20120810.DeleteTable.GetItem"), "blacklist"},
		{"a package before the name", "whitelist:\n  - aws: cloudtrail:LookupEvents\n", with(signedBy(t, ownKey, "cloudtrail", "POST", "https://cloudtrail.eu-west-1.amazonaws.com/"), "X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := parsed(t, tt.policy)
			d := p.Decide(Call{HTTP: tt.req, Via: ViaTransport})
			got := ""
			if !d.Allowed() {
				if got = d.List.String(); d.List == Builtin {
					got = d.Rule.ID
				}
			}
			assert.Equal(t, tt.want, got, d.Reason)
			assert.Equal(t, d.Verdict, p.Explain(Call{HTTP: tt.req, Via: ViaTransport}).Decision.Verdict)
		})
	}
}

// An alert about a signed request describes the AWS call that it is.
func TestSignedRequestIsDescribedAsAnAWSCall(t *testing.T) {
	for _, text := range []string{"whitelist:\n  - http: https://other.example/**\n", "blacklist:\n  - aws: es:*\n", "blacklist:\n  - http: \"*.es.amazonaws.com\"\n"} {
		e := parsed(t, text).Explain(Call{HTTP: signedBy(t, ownKey, "es", "GET", domain), Via: ViaTransport})
		assert.False(t, e.Decision.Allowed())
		assert.Equal(t, "aws", e.Call.Kind, text)
		assert.Equal(t, "es:ESHttpGet eu-west-1 "+domain, e.Call.Service+":"+e.Call.Operation+" "+e.Call.Region+" "+e.Call.URL)
	}
	e := parsed(t, "whitelist:\n  - http: https://${DOMAIN_HOST}/**\n").Explain(Call{HTTP: signedBy(t, ownKey, "es", "GET", domain)})
	assert.True(t, e.Decision.Allowed())
	assert.Equal(t, "aws", e.Call.Kind)
}

// What is signed for another provider stays plain HTTP, and the reason shows what it is signed for.
func TestAnotherProvidersSignatureIsShown(t *testing.T) {
	d := parsed(t, "whitelist:\n  - http: https://x.example/**\n").
		Decide(Call{HTTP: signedBy(t, "0123456789abcdef0123456789abcdef", "s3", "PUT", "https://acc.r2.cloudflarestorage.com/b/k")})
	assert.False(t, d.Allowed())
	assert.Equal(t, "http", d.Call.Kind)
	assert.Contains(t, d.Reason, "signed for s3 in region eu-west-1")
}

// The entry that a refusal prints allows the call.
func TestPrintedEntryForSignedRequestsHolds(t *testing.T) {
	const response = "https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/stack/1"
	for _, tt := range []struct {
		name, policy string
		req          *http.Request
		entry        string
	}{
		{"the own host of a resource", "aws: sqs:ListQueues", signedBy(t, ownKey, "es", "GET", domain), "- http: https://search-logs-abc.eu-west-1.es.amazonaws.com/_search\n  methods: [GET]"},
		{"the key of a stranger there", "aws: sqs:ListQueues", signedBy(t, otherKey, "es", "GET", domain), "- http: https://search-logs-abc.eu-west-1.es.amazonaws.com/_search\n  methods: [GET]"},
		{"the link of a stranger", "aws: sqs:ListQueues", linkBy(t, otherKey, "s3", "PUT", response), "- http: https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/stack/1\n  methods: [PUT]"},
		{"the link of a stranger beside a wildcard", "http: https://cloudformation-custom-resource-response-*.s3.*.amazonaws.com/**", linkBy(t, otherKey, "s3", "PUT", response), "- http: https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/stack/1\n  methods: [PUT]"},
		{"the key of a stranger at an endpoint", "aws: sqs:ListQueues", signedBy(t, otherKey, "s3", "PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k"), "- aws: s3:PutObject\n  resources: receipts/k\n  accounts: [\"029608264753\"]"},
		{"but for the key", "aws: s3:PutObject", signedBy(t, otherKey, "s3", "PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k"), "- aws: s3:PutObject\n  resources: receipts/k\n  accounts: [\"029608264753\"]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := "whitelist:\n  - " + tt.policy + "\n"
			d := parsed(t, text).Decide(Call{HTTP: tt.req})
			assert.False(t, d.Allowed())
			assert.Equal(t, tt.entry, d.Allow, d.Reason)
			d = parsed(t, text+"  "+strings.ReplaceAll(d.Allow, "\n", "\n  ")+"\n").Decide(Call{HTTP: tt.req})
			assert.True(t, d.Allowed(), d.Reason)
		})
	}
}

// Reading signatures costs nothing that the garbage collector has to see.
func TestSignaturesAreReadWithoutAllocation(t *testing.T) {
	p := parsed(t, "whitelist:\n  - http: https://${DOMAIN_HOST}/**\n  - http: https://a.example/**\nblacklist:\n  - aws: sqs:*\n")
	plain, err := http.NewRequest(http.MethodGet, "https://a.example/v1?a=b&c=d", nil)
	require.NoError(t, err)
	plain.Header.Set("Authorization", "Bearer x")
	for name, r := range map[string]*http.Request{"signed": signedBy(t, ownKey, "es", "GET", domain), "plain": plain} {
		c := Call{HTTP: r, Via: ViaTransport}
		require.True(t, p.Decide(c).Allowed(), name)
		alloctest.AtMost(t, 0, func() { p.Decide(c) }, name)
	}
}
