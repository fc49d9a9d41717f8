package policy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// signed is a request with a signature of account 111122223333, or of the account whose key is
// given.
func signed(t testing.TB, method, target, service string, body string, key ...string) *http.Request {
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	require.NoError(t, err)
	id := "AKIARTX3GSDSQAABCDEF"
	if len(key) > 0 {
		id = key[0]
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+id+"/20261124/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=00")
	return r
}

func with(r *http.Request, header, value string) *http.Request {
	r.Header.Set(header, value)
	return r
}

const otherKey = "ASIAQNZGKIQY56JQ7WML" // of account 029608264753

func TestHTTPThatIsAWS(t *testing.T) {
	white := func(subject string, resources ...string) rule.Rule {
		return awsRuleOf(t, pattern.Narrow, subject, resources...)
	}
	black := func(subject string, resources ...string) rule.Rule {
		return awsRuleOf(t, pattern.Wide, subject, resources...)
	}
	named := func(text string) rule.Rule {
		p, err := pattern.ParseHTTP(text, pattern.Narrow)
		require.NoError(t, err)
		return rule.Rule{Mode: pattern.Narrow, Kind: rule.HTTP, Subject: []pattern.Pattern{&p}}
	}
	get := func(target string) *http.Request { return signed(t, "GET", target, "s3", "") }
	plain := func(r *http.Request) *http.Request { r.Header.Del("Authorization"); return r }
	post := func(target, service, body string) *http.Request { return signed(t, "POST", target, service, body) }
	form := func(target, service, body string) *http.Request {
		return with(post(target, service, body), "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	read := func(target, service string) *http.Request { return signed(t, "GET", target, service, "") }
	once := func(r *http.Request) *http.Request { r.GetBody = nil; return r }
	spelled := func(r *http.Request) *http.Request {
		r.Header["authorization"] = r.Header["Authorization"]
		delete(r.Header, "Authorization")
		return r
	}
	twice := func(r *http.Request) *http.Request {
		r.Header.Add("Authorization", strings.Replace(r.Header.Get("Authorization"), "AKIARTX3GSDSQAABCDEF", otherKey, 1))
		return r
	}
	at := func(r *http.Request, host string) *http.Request { r.Host = host; return r }
	presigned := func(method, target string) *http.Request {
		r := signed(t, method, target+"?X-Amz-Credential="+url.QueryEscape("AKIARTX3GSDSQAABCDEF/20261124/eu-west-1/s3/aws4_request")+"&X-Amz-Signature=00", "s3", "")
		return plain(r)
	}
	tests := []struct {
		name string
		rule rule.Rule
		req  *http.Request
		want bool
	}{
		{"JSON", white("sqs:SendMessage"), with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage"), true},
		{"JSON, another operation", white("sqs:SendMessage"), with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.ReceiveMessage"), false},
		{"a resource that is not known", white("sqs:SendMessage", "orders"), with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage"), false},
		{"a blacklist on it", black("sqs:SendMessage", "orders"), with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage"), false},
		{"a blacklist", black("sqs:Receive*"), with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.ReceiveMessage"), false},
		{"an http: rule that names the host", named("https://sqs.eu-west-1.amazonaws.com"), with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage"), true},
		{"an http: rule that does not", named("https://*.amazonaws.com"), with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage"), false},
		{"query", white("sts:GetCallerIdentity"), form("https://sts.eu-west-1.amazonaws.com/", "sts", "Action=GetCallerIdentity&Version=2011-06-15"), true},
		{"query that says two things", white("sts:GetCallerIdentity"), form("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity", "sts", "Action=AssumeRole"), false},
		{"an unknown operation is any", black("sts:AssumeRole"), form("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity", "sts", "Action=AssumeRole"), false},
		{"and the whole service allows it", white("sts:*"), form("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity", "sts", "Action=AssumeRole"), true},
		{"RPC", white("arc-region-switch:GetPlan"), post("https://arc-region-switch.eu-west-1.api.aws/service/ArcRegionSwitch/operation/GetPlan", "arc-region-switch", ""), true},
		{"virtual host", white("s3:GetObject", "receipts/*"), get("https://receipts.s3.eu-west-1.amazonaws.com/2026/1.pdf"), true},
		{"another virtual host", white("s3:GetObject", "receipts/*"), get("https://other.s3.eu-west-1.amazonaws.com/2026/1.pdf"), false},
		{"path style", white("s3:GetObject", "receipts/*"), get("https://s3.eu-west-1.amazonaws.com/receipts/2026/1.pdf"), true},
		{"dots in path style", white("s3:GetObject", "receipts/*"), get("https://s3.eu-west-1.amazonaws.com/receipts/../other/1.pdf"), false},
		{"an empty bucket", white("s3:*", "receipts/*"), get("https://s3.eu-west-1.amazonaws.com//receipts/1.pdf"), false},
		{"the Host header chooses", white("s3:GetObject", "receipts/*"), at(get("https://receipts.s3.eu-west-1.amazonaws.com/k"), "other.s3.eu-west-1.amazonaws.com"), false},
		{"a list", white("s3:GetObject", "receipts/*"), get("https://receipts.s3.eu-west-1.amazonaws.com/?list-type=2"), false},
		{"a list by name", white("s3:ListBucket", "receipts"), get("https://receipts.s3.eu-west-1.amazonaws.com/?list-type=2"), true},
		{"a copy", white("s3:*", "receipts/*"), with(signed(t, "PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", "s3", ""), "x-amz-copy-source", "/other/k"), false},
		{"presigned", white("s3:PutObject", "receipts/*"), presigned("PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k"), true},
		{"presigned elsewhere", white("s3:PutObject", "receipts/*"), presigned("PUT", "https://loot.s3.eu-west-1.amazonaws.com/k"), false},
		{"an access point", white("s3:GetObject", "receipts/*"), get("https://ap-999988887777.s3-accesspoint.eu-west-1.amazonaws.com/k"), false},
		{"a key of another account", white("s3:PutObject", "receipts/*"), signed(t, "PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", "s3", "", otherKey), false},
		{"a key of another account, without a whitelist", black("sqs:*"), signed(t, "PUT", "https://receipts.s3.eu-west-1.amazonaws.com/k", "s3", "", otherKey), false},
		{"unsigned is HTTP", white("s3:*"), plain(get("https://receipts.s3.eu-west-1.amazonaws.com/k")), false},
		{"but for a blacklist", black("s3:*", "secrets/*"), plain(get("https://secrets.s3.eu-west-1.amazonaws.com/k")), false},
		{"unsigned elsewhere", black("cognito-idp:*"), plain(get("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x/.well-known/jwks.json")), true},
		{"a REST API of another account", black("execute-api:*"), get("https://x.execute-api.eu-west-1.amazonaws.com/prod"), true},
		{"a header that its protocol ignores", white("lambda:GetFunction"), with(post("https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/pay/invocations", "lambda", "{}"), "X-Amz-Target", "AWSLambda.GetFunction"), false},
		{"a parameter that its protocol ignores", white("lambda:GetFunction"), post("https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/pay/invocations?Action=GetFunction", "lambda", "{}"), false},
		{"Lambda by its path", white("lambda:InvokeFunction"), post("https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/pay/invocations", "lambda", "{}"), true},
		{"that path elsewhere", white("events:InvokeFunction"), post("https://events.eu-west-1.amazonaws.com/2015-03-31/functions/pay/invocations", "events", "{}"), false},
		{"a target beside a form", white("iam:GetUser"), with(form("https://iam.amazonaws.com/", "iam", "Action=DeleteUser"), "X-Amz-Target", "IAM.GetUser"), false},
		{"a form that is not called one", white("iam:GetUser"), with(post("https://iam.amazonaws.com/?Action=GetUser", "iam", "Action=DeleteUser"), "Content-Type", "text/plain"), false},
		{"a form that is called nothing", white("iam:GetUser"), post("https://iam.amazonaws.com/?Action=GetUser", "iam", "Action=DeleteUser"), false},
		{"a form in capitals", white("iam:DeleteUser"), with(post("https://iam.amazonaws.com/", "iam", "Action=DeleteUser"), "Content-Type", "Application/X-WWW-Form-URLEncoded"), true},
		{"a compressed form", white("iam:GetUser"), with(form("https://iam.amazonaws.com/?Action=GetUser", "iam", "\x1f\x8b"), "Content-Encoding", "gzip"), false},
		{"a form that cannot be read again", white("iam:GetUser"), once(form("https://iam.amazonaws.com/", "iam", "Action=GetUser")), false},
		{"and the whole service", white("iam:*"), once(form("https://iam.amazonaws.com/", "iam", "Action=GetUser")), true},
		{"to the URL of a queue", white("sqs:SendMessage"), form("https://sqs.eu-west-1.amazonaws.com/111122223333/orders", "sqs", "Action=SendMessage"), true},
		{"a signature under another spelling", black("sqs:*"), spelled(with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage")), false},
		{"and it is as good", white("sqs:SendMessage"), spelled(with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage")), true},
		{"two signatures", white("sqs:*"), twice(with(post("https://sqs.eu-west-1.amazonaws.com/", "sqs", "{}"), "X-Amz-Target", "AmazonSQS.SendMessage")), false},
		{"an operation without a signature", black("cognito-idp:SignUp"), plain(with(post("https://cognito-idp.eu-west-1.amazonaws.com/", "cognito-idp", "{}"), "X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")), false},
		{"which no whitelist vouches for", white("cognito-idp:SignUp"), plain(with(post("https://cognito-idp.eu-west-1.amazonaws.com/", "cognito-idp", "{}"), "X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")), false},
		{"a bus in several regions", black("events:PutEvents"), with(post("https://abc.veo.endpoint.events.amazonaws.com/", "events", "{}"), "X-Amz-Target", "AWSEvents.PutEvents"), false},
		{"which may be of any account", white("events:PutEvents"), with(post("https://abc.veo.endpoint.events.amazonaws.com/", "events", "{}"), "X-Amz-Target", "AWSEvents.PutEvents"), false},
		{"an endpoint of one account", black("mediaconvert:*"), read("https://abcd1234.mediaconvert.eu-west-1.amazonaws.com/2017-08-29/jobs", "mediaconvert"), false},
		{"a REST API that is signed for", black("execute-api:*"), read("https://x.execute-api.eu-west-1.amazonaws.com/prod", "execute-api"), false},
		{"a host that services share", white("geo:*"), read("https://places.geo.eu-west-1.amazonaws.com/x", "geo"), true},
		{"and the other", white("geo:*"), read("https://places.geo.eu-west-1.amazonaws.com/v2/geocode", "geo-places"), false},
		{"a key of Bedrock", black("bedrock:*"), with(post("https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse", "x", "{}"), "Authorization", "Bearer ABSK"), false},
		{"a token for somebody else", black("sso:*"), with(get("https://scim.eu-west-1.amazonaws.com/x/scim/v2/Users"), "Authorization", "Bearer t"), true},
		{"a subresource of S3 that is not known", white("s3:ListBucket", "receipts"), get("https://receipts.s3.eu-west-1.amazonaws.com/?secrets"), false},
		{"on a public object it says nothing", black("s3:DeleteObject"), plain(get("https://assets.s3.eu-west-1.amazonaws.com/a.js?v=3")), true},
		{"but for a signed request", black("s3:DeleteObject"), get("https://assets.s3.eu-west-1.amazonaws.com/a.js?v=3"), false},
		{"and of a bucket of it all", white("s3:*", "receipts"), get("https://receipts.s3.eu-west-1.amazonaws.com/?secrets"), true},
		{"a bucket that the body names", white("s3:*", "receipts"), signed(t, "PUT", "https://receipts.s3.eu-west-1.amazonaws.com/?logging", "s3", ""), false},
		{"a configuration", white("s3:GetAnalyticsConfiguration", "receipts"), get("https://receipts.s3.eu-west-1.amazonaws.com/?analytics&id=1"), true},
		{"an outpost", white("s3:GetObject", "arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-1/accesspoint/ap/object/*"), get("https://ap-111122223333.op-1.s3-outposts.eu-west-1.amazonaws.com/k"), true},
		{"what runs outposts", white("s3:*"), read("https://s3-outposts.eu-west-1.amazonaws.com/v20180820/bucket/b", "s3-outposts"), false},
		{"a directory bucket", white("s3:GetObject", "arn:aws:s3express:*:*:bucket/b--euw1-az1--x-s3"), get("https://b--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com/k"), true},
		{"a blacklist of those", black("s3express:*"), get("https://b--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com/k?what"), false},
		{"a name that only looks like one of S3", white("s3:*"), get("https://evils3.eu-west-1.amazonaws.com/k"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := awsPolicy(t, tt.rule).Decide(Call{HTTP: tt.req})
			assert.Equal(t, tt.want, d.Allowed(), "%s", d.Reason)
		})
	}
}

func TestWire(t *testing.T) {
	p := awsPolicy(t, awsRuleOf(t, pattern.Narrow, "sqs:*"))
	wire := func(target string, key ...string) Decision {
		return p.Decide(Call{Via: ViaWire, AWS: AWSCall{Service: "SQS", Operation: "ListQueues"}, HTTP: signed(t, "POST", target, "sqs", "", key...)})
	}
	assert.True(t, wire("https://sqs.eu-west-1.amazonaws.com/").Allowed())
	assert.True(t, wire("https://vpce-0a1b-2c3d.sqs.eu-west-1.vpce.amazonaws.com/").Allowed())
	for _, target := range []string{"https://evil.com/", "http://sqs.eu-west-1.amazonaws.com/", "https://sns.eu-west-1.amazonaws.com/", "https://x.execute-api.eu-west-1.amazonaws.com/", "http://:9001/"} {
		d := wire(target)
		assert.False(t, d.Allowed(), target)
		assert.NotEmpty(t, d.Reason)
	}
	d := wire("https://sqs.eu-west-1.amazonaws.com/", otherKey)
	assert.Equal(t, "foreign-credentials", d.Rule.ID)
	assert.Contains(t, d.Reason, "029608264753")

	listed := awsRuleOf(t, pattern.Narrow, "sqs:*")
	listed.Accounts = []string{"self", "029608264753"}
	p = awsPolicy(t, listed)
	assert.True(t, wire("https://sqs.eu-west-1.amazonaws.com/", otherKey).Allowed())
}

// Each attempt of an SDK call is judged on the wire, where its endpoint is not taken apart anew. A
// key's account is a text that is made.
func TestWireDecisionsAllocateTheAccountAlone(t *testing.T) {
	p := awsPolicy(t, awsRuleOf(t, pattern.Narrow, "sqs:*"), awsRuleOf(t, pattern.Narrow, "s3:PutObject", "receipts/*"), awsRuleOf(t, pattern.Narrow, "apigateway:*"))
	for service, host := range map[string]string{"SQS": "sqs", "S3": "receipts.s3", "API Gateway": "apigateway"} {
		c := Call{Via: ViaWire, HTTP: signed(t, "PUT", "https://"+host+".eu-west-1.amazonaws.com/1.pdf", "any", "")}
		c.AWS = AWSCall{Service: service, Operation: "PutObject", Region: "eu-west-1", Input: &objectInput{Bucket: str("receipts"), Key: str("1.pdf")}}
		require.True(t, p.Decide(c).Allowed(), p.Decide(c).Reason)
		alloctest.AtMost(t, 1, func() { p.Decide(c) }, service)
	}
}

// The website of a bucket is plain HTTP, and yet the bucket's objects: a blacklist holds, a
// whitelist does not vouch.
func TestWebsitesOfBuckets(t *testing.T) {
	for _, tt := range []struct {
		list          pattern.Mode
		aws, resource string
		url           string
		want          bool
	}{
		{pattern.Wide, "s3:*", "secrets", "http://secrets.s3-website-eu-west-1.amazonaws.com/k", false},
		{pattern.Wide, "s3:*", "secrets", "http://secrets.s3-website.eu-central-1.amazonaws.com/k", false},
		{pattern.Wide, "s3:*", "secrets", "http://secrets.s3-website.cn-north-1.amazonaws.com.cn/k", false},
		{pattern.Wide, "s3:*", "secrets", "http://secrets.s3-website-eu-west-1.amazonaws.com", false},
		{pattern.Wide, "s3:*", "a.secrets", "http://a.secrets.s3-website-eu-west-1.amazonaws.com/", false},
		{pattern.Wide, "s3:GetObject", "secrets/private/*", "http://secrets.s3-website-eu-west-1.amazonaws.com/", false}, // nothing more is known of it
		{pattern.Wide, "s3:GetObject", "secrets/private/*", "http://secrets.s3-website-eu-west-1.amazonaws.com/public/", true},
		{pattern.Wide, "s3:GetObject", "secrets/private/*", "http://secrets.s3-website-eu-west-1.amazonaws.com/priv%61te/k", false},
		{pattern.Wide, "s3:GetObject", "secrets/private/*", "http://secrets.s3-website-eu-west-1.amazonaws.com/x/../private/k", false},
		{pattern.Wide, "s3:PutObject", "secrets/*", "http://secrets.s3-website-eu-west-1.amazonaws.com/k", true},
		{pattern.Wide, "s3:*", "secrets", "http://public.s3-website-eu-west-1.amazonaws.com/k", true},
		{pattern.Wide, "sqs:*", "secrets", "http://secrets.s3-website-eu-west-1.amazonaws.com/k", true},
		{pattern.Narrow, "s3:*", "public/*", "http://public.s3-website-eu-west-1.amazonaws.com/k", false},
	} {
		r, err := http.NewRequest("GET", tt.url, nil)
		require.NoError(t, err)
		d := awsPolicy(t, awsRuleOf(t, tt.list, tt.aws, tt.resource)).Decide(Call{HTTP: r, Via: ViaTransport})
		assert.Equal(t, tt.want, d.Allowed(), "%v %s %s: %s: %s", tt.list, tt.aws, tt.resource, tt.url, d.Reason)
	}
	p, err := pattern.ParseHTTP("http://public.s3-website-eu-west-1.amazonaws.com", pattern.Narrow)
	require.NoError(t, err)
	r, err := http.NewRequest("GET", "http://public.s3-website-eu-west-1.amazonaws.com/k", nil)
	require.NoError(t, err)
	assert.True(t, awsPolicy(t, rule.Rule{Mode: pattern.Narrow, Kind: rule.HTTP, Subject: []pattern.Pattern{&p}}).Decide(Call{HTTP: r, Via: ViaTransport}).Allowed())
}
