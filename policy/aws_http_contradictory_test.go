package policy

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A request that names two operations, or names one in an unusual way, is still the same call.
func TestHTTPThatIsAWSByOtherSpellings(t *testing.T) {
	white := func(subject string, resources ...string) rule.Rule {
		return awsRuleOf(t, pattern.Narrow, subject, resources...)
	}
	black := func(subject string, resources ...string) rule.Rule {
		return awsRuleOf(t, pattern.Wide, subject, resources...)
	}
	const sqs, key = "https://sqs.eu-west-1.amazonaws.com/", "AKIARTX3GSDSQAABCDEF"
	scope := func(key, service string) string { return key + "/20261124/eu-west-1/" + service + "/aws4_request" }
	by := func(method, target, authorization string) *http.Request {
		r, err := http.NewRequest(method, target, nil)
		require.NoError(t, err)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		return r
	}
	post := func(target, contentType, body string) *http.Request {
		r, err := http.NewRequest("POST", target, strings.NewReader(body))
		require.NoError(t, err)
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		return r
	}
	own := func(r *http.Request, service string) *http.Request {
		return with(r, "Authorization", "AWS4-HMAC-SHA256 Credential="+scope(key, service)+", SignedHeaders=host, Signature=00")
	}
	opaque := func(r *http.Request, opaque string) *http.Request { r.URL.Opaque = opaque; return r }
	once := func(r *http.Request) *http.Request { r.GetBody = nil; return r }
	at := func(r *http.Request, host string) *http.Request { r.Host = host; return r }
	long := func(r *http.Request, n int64) *http.Request { r.ContentLength = n; return r }
	get := func(target string) *http.Request { return own(by("GET", target, ""), "s3") }
	const form, invoke = "application/x-www-form-urlencoded", "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/pay/invocations"
	for _, tt := range []struct {
		name string
		rule rule.Rule
		req  *http.Request
		want bool
	}{
		{"a blank that net/http takes away", black("apigateway:*"), by("GET", "https://apigateway.eu-west-1.amazonaws.com/restapis", " AWS4-HMAC-SHA256 Credential="+scope(key, "apigateway")+", SignedHeaders=host, Signature=00"), false},
		{"a scheme in lower case", black("apigateway:*"), by("GET", "https://apigateway.eu-west-1.amazonaws.com/restapis", "aws4-hmac-sha256 Credential="+scope(key, "apigateway")+", SignedHeaders=host, Signature=00"), false},
		{"a signature of version 3", black("route53:*"), by("GET", "https://route53.amazonaws.com/2013-04-01/hostedzone", "AWS3-HTTPS AWSAccessKeyId="+key+",Algorithm=HmacSHA256,Signature=x"), false},
		{"or in its own header", black("route53:*"), with(by("GET", "https://route53.amazonaws.com/2013-04-01/hostedzone", ""), "X-Amzn-Authorization", "AWS3-HTTPS AWSAccessKeyId="+key+",Algorithm=HmacSHA256,Signature=x"), false},
		{"two credentials in one header", white("s3:*"), by("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", "AWS4-HMAC-SHA256 XCredential="+scope(key, "s3")+", Credential="+scope(otherKey, "s3")+", SignedHeaders=host, Signature=00"), false},
		{"no credential that can be read", white("s3:*"), by("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", "AWS4-HMAC-SHA256 credential="+scope(otherKey, "s3")+", SignedHeaders=host, Signature=00"), false},
		{"a second signature in the query", white("s3:*"), get("https://receipts.s3.eu-west-1.amazonaws.com/k?X-Amz-Credential=" + url.QueryEscape(scope(otherKey, "s3")) + "&X-Amz-Signature=00"), false},
		{"a key of another account without TLS", black("sqs:*"), signed(t, "PUT", "http://loot.s3.eu-west-1.amazonaws.com/k", "s3", "", otherKey), false},
		{"a key of another account at another port", black("sqs:*"), signed(t, "PUT", "https://loot.s3.eu-west-1.amazonaws.com:8443/k", "s3", "", otherKey), false},
		{"the path is elsewhere", white("lambda:InvokeFunction"), opaque(own(post(invoke, "", ""), "lambda"), "//lambda.eu-west-1.amazonaws.com/2015-03-31/functions/pay/policy"), false},
		{"and no root", white("apigateway:GetRestApis"), with(opaque(own(by("DELETE", "https://apigateway.eu-west-1.amazonaws.com", ""), "apigateway"), "//apigateway.eu-west-1.amazonaws.com/restapis/x"), "X-Amz-Target", "APIGateway.GetRestApis"), false},
		{"the query is elsewhere", black("sqs:*"), opaque(by("GET", sqs, ""), "//sqs.eu-west-1.amazonaws.com/?Action=DeleteQueue&X-Amz-Credential="+url.QueryEscape(scope(key, "sqs"))), false},
		{"a name for a bucket that only Host names", black("s3:*", "images.example.com/*"), at(get("https://s3.eu-west-1.amazonaws.com/public/k"), "images.example.com"), false},
		{"a plus that S3 may take for a blank", black("s3:*", "secrets/my file"), get("https://secrets.s3.eu-west-1.amazonaws.com/my+file"), false},
		{"or for itself", black("s3:*", "secrets/my+file"), get("https://secrets.s3.eu-west-1.amazonaws.com/my+file"), false},
		{"both are allowed", white("s3:*", "receipts/*"), get("https://receipts.s3.eu-west-1.amazonaws.com/my+file"), true},
		{"both are not", white("s3:*", "receipts/my+file"), get("https://receipts.s3.eu-west-1.amazonaws.com/my+file"), false},
		{"a plus that is escaped", white("s3:*", "receipts/my+file"), get("https://receipts.s3.eu-west-1.amazonaws.com/my%2Bfile"), true},
		{"a plus in the source of a copy", black("s3:*", "secrets/my file"), with(own(by("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", ""), "s3"), "X-Amz-Copy-Source", "secrets/my+file"), false},
		{"a source in a directory bucket", white("s3:*", "receipts/*"), with(own(by("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", ""), "s3"), "X-Amz-Copy-Source", "loot--euw1-az1--x-s3/k"), false},
		{"and a blacklist on those", black("s3express:*"), with(own(by("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", ""), "s3"), "X-Amz-Copy-Source", "loot--euw1-az1--x-s3/k?versionId=3"), false},
		{"a source behind another service", black("s3-object-lambda:*"), with(own(by("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", ""), "s3"), "X-Amz-Copy-Source", "arn:aws:s3-object-lambda:eu-west-1:222233334444:accesspoint/ap/object/b"), false},
		{"two sources", white("s3:*", "receipts/*"), with(own(by("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k?x-amz-copy-source=other/k", ""), "s3"), "X-Amz-Copy-Source", "receipts/j"), false},
		{"a subresource and a part", white("s3:PutObjectAcl"), own(by("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k?acl&uploadId=x&partNumber=1", ""), "s3"), false},
		{"a bucket that looks like a VPC endpoint", black("s3:*", "a.vpce-b"), get("https://a.vpce-b.bucket.vpce-0a1b-2c3d.s3.eu-west-1.vpce.amazonaws.com/k"), false},
		{"a form that is longer than what is sent of it", white("iam:DeleteUser2"), long(own(post("https://iam.amazonaws.com/", form, "Action=DeleteUser2"), "iam"), int64(len("Action=DeleteUser"))), false},
		{"a form without a signature that cannot be read", black("sts:AssumeRoleWithWebIdentity"), once(post("https://sts.eu-west-1.amazonaws.com/", form, "Action=AssumeRoleWithWebIdentity")), false},
		{"or is called something else", black("sts:AssumeRoleWithWebIdentity"), post("https://sts.eu-west-1.amazonaws.com/", "text/plain", "Action=AssumeRoleWithWebIdentity"), false},
		{"two targets without a signature", black("cognito-idp:SignUp"), func() *http.Request {
			r := post("https://cognito-idp.eu-west-1.amazonaws.com/", "application/x-amz-json-1.1", "{}")
			r.Header["X-Amz-Target"] = []string{"A.SignUp", "A.ListUsers"}
			return r
		}(), false},
		{"what is posted below a path is its own", black("sso:*"), post("https://scim.eu-west-1.amazonaws.com/x/scim/v2/Users", "application/scim+json", "{}"), true},
		{"a partition of its own", black("sqs:*"), own(by("GET", "https://sqs.us-isob-east-1.api.aws.scloud/1/q", ""), "sqs"), false},
		{"two regions", white("sqs:*"), at(own(with(post(sqs, "application/x-amz-json-1.0", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage"), "sqs"), "sqs.us-east-1.amazonaws.com"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := awsPolicy(t, tt.rule).Decide(Call{HTTP: tt.req})
			assert.Equal(t, tt.want, d.Allowed(), "%s", d.Reason)
		})
	}
}

// A header that is given twice leaves the operation open, and not who signs: aws: rules decide on
// the request, and not an http: rule for any host.
func TestHeadersThatContradictEachOtherDoNotLeadToHTTPRules(t *testing.T) {
	p := parse(t, "whitelist:\n  - http: any\n    reason: reports are fetched from wherever\n  - aws: dynamodb:GetItem\n")
	for _, twice := range []http.Header{
		nil,
		{"X-Amz-Copy-Source": {"a/b", "a/c"}},
		{"X-Amz-Copy-Source": {"a/b"}, "x-amz-copy-source": {"a/c"}},
		{"X-Amz-Expected-Bucket-Owner": {"", "111122223333"}},
		{"Content-Type": {"application/x-amz-json-1.0"}, "content-type": {""}},
		{"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": {"a", "b"}},
	} {
		r, err := http.NewRequest("POST", "https://dynamodb.eu-west-1.amazonaws.com/", strings.NewReader(`{"TableName":"orders"}`))
		require.NoError(t, err)
		r.Header = http.Header{
			"Authorization": {"AWS4-HMAC-SHA256 Credential=" + ownKey + "/20261128/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00"},
			"Content-Type":  {"application/x-amz-json-1.0"}, "X-Amz-Target": {"DynamoDB_20120810.DeleteTable"},
		}
		maps.Copy(r.Header, twice)
		d := p.Decide(Call{HTTP: r, Via: ViaTransport})
		assert.False(t, d.Allowed(), "%v", twice)
	}
}
