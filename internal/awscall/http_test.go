package awscall

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testKey is an access key id of account 111122223333.
const testKey = "AKIARTX3GSDSQAABCDEF"

// An httpCase is a request and the call that it is, as describeRequest writes it. The request is
// "METHOD URL" and perhaps more fields, each "Name:value". Of these, sign:SERVICE signs it,
// body:TEXT and stream:TEXT are its body, with and without a way to read it twice, and also:HOST is
// another host that it goes to.
type httpCase struct{ request, call string }

func readCase(t *testing.T, text string) (r *http.Request, endpoints []*Endpoint) {
	t.Helper()
	words := strings.Split(text, " | ")
	method, url, _ := strings.Cut(words[0], " ")
	r, err := http.NewRequest(method, url, nil)
	require.NoError(t, err, text)
	hosts := []string{r.URL.Host}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, ":")
		switch name {
		case "sign":
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+testKey+"/20261127/eu-west-1/"+value+"/aws4_request, SignedHeaders=host, Signature=ab")
		case "body":
			b, err := http.NewRequest(method, url, strings.NewReader(value))
			require.NoError(t, err)
			r.Body, r.GetBody, r.ContentLength = b.Body, b.GetBody, b.ContentLength
		case "stream":
			r.Body = io.NopCloser(strings.NewReader(value))
		case "opaque":
			r.URL.Opaque = value
		case "also":
			hosts = append(hosts, value)
		default:
			r.Header[name] = append(r.Header[name], value)
		}
	}
	for _, host := range hosts {
		e, ok := ParseEndpoint(host)
		if !ok {
			endpoints = append(endpoints, nil)
			continue
		}
		endpoints = append(endpoints, &e)
	}
	return r, endpoints
}

// describeRequest writes "service:Operation region resources version @owner key doubtful". "?"
// stands for an operation, or resources of S3, that are not known. It writes "plain" for a request
// that is not an AWS call.
func describeRequest(q Request, ok bool) string {
	if !ok {
		return "plain"
	}
	operation := q.Operation
	if operation == "" {
		operation = "?"
	}
	words := []string{q.Service + ":" + operation}
	if q.Region != "" {
		words = append(words, q.Region)
	}
	for _, arn := range q.Resources {
		words = append(words, strings.TrimPrefix(arn, "arn:aws:"))
	}
	if q.Service == "s3" && q.Resources == nil {
		words = append(words, "?")
	}
	if q.Version {
		words = append(words, "version")
	}
	if q.Owner != "" {
		words = append(words, "@"+q.Owner)
	}
	if q.Key == testKey {
		words = append(words, "key")
	} else if q.Key != "" {
		words = append(words, "key "+q.Key)
	}
	if q.Resource {
		words = append(words, "resource")
	}
	for _, key := range q.Others {
		if key != "" {
			words = append(words, "and "+key)
		}
	}
	if q.Doubtful {
		words = append(words, "doubtful")
	}
	return strings.Join(words, " ")
}

const (
	sqs    = "https://sqs.eu-west-1.amazonaws.com/"
	ddb    = "https://dynamodb.eu-west-1.amazonaws.com/"
	s3Host = "https://receipts.s3.eu-west-1.amazonaws.com/"
	s3Path = "https://s3.eu-west-1.amazonaws.com/"
	json10 = "Content-Type:application/x-amz-json-1.0"
	form   = "Content-Type:application/x-www-form-urlencoded"
)

var httpCases = []httpCase{
	// who signs
	{"POST " + ddb + " | sign:dynamodb | X-Amz-Target:DynamoDB_20120810.GetItem | " + json10 + " | body:{}", "dynamodb:GetItem eu-west-1 key"},
	{"POST " + ddb + " | X-Amz-Target:DynamoDB_20120810.GetItem | " + json10 + " | body:{}", "dynamodb:GetItem eu-west-1 doubtful"},
	{"GET " + ddb, "plain"},
	{"GET " + ddb + " | Authorization:AWS " + testKey + ":sig", "dynamodb:? eu-west-1 key"},
	{"GET " + ddb + " | Authorization:AWS3-HTTPS AWSAccessKeyId=x", "dynamodb:? eu-west-1 doubtful"},
	{"GET " + ddb + " | x-amzn-authorization:AWS3-HTTPS x", "dynamodb:? eu-west-1 doubtful"},
	{"GET " + ddb + " | authorization:aws4-HMAC-SHA256 Credential=/20261127/eu-west-1/dynamodb/aws4_request", "dynamodb:? eu-west-1 doubtful"},
	{"GET " + ddb + " | Authorization:AWS4-ECDSA-P256-SHA256 Credential=" + testKey + "/20261127/dynamodb/aws4_request, x", "dynamodb:? eu-west-1 key"},
	{"GET " + ddb + " | Authorization:aws4-hmac-sha256 signature=x, credential=" + testKey + "/20261127/eu-west-1/dynamodb/aws4_request", "dynamodb:? eu-west-1 key"},
	{"GET " + ddb + " | X-Amzn-Authorization:AWS4-HMAC-SHA256 Credential=" + testKey + "/20261127/eu-west-1/dynamodb/aws4_request", "dynamodb:? eu-west-1 key"},
	{"GET " + ddb + " | Authorization:AWS4-HMAC-SHA256 Credential=A/1/r/s/aws4_request, credential=B/1/r/s/aws4_request", "dynamodb:? eu-west-1 key A and B doubtful"},
	{"GET " + ddb + " | Authorization:AWS4-HMAC-SHA256 Credential=A/1/r/s/aws4_request, Credential=B/1/r/s/aws4_request", "dynamodb:? eu-west-1 key A and B doubtful"},
	{"GET " + ddb + " | sign:dynamodb | authorization:AWS4-HMAC-SHA256 Credential=B/1/r/s/aws4_request", "dynamodb:? eu-west-1 key B and AKIARTX3GSDSQAABCDEF doubtful"},
	{"GET " + ddb + "?X-Amz-Credential=" + testKey + "%2F20261127%2Feu-west-1%2Fdynamodb%2Faws4_request", "dynamodb:? eu-west-1 key"},
	{"GET " + ddb + "?X-Amz-Signature=1", "dynamodb:? eu-west-1 doubtful"},
	{"GET " + ddb + "?X-Amz-Credential=A&X-Amz-Credential=B", "dynamodb:? eu-west-1 doubtful"},
	{"GET " + ddb + "?X-Amz-Credential=B | sign:dynamodb", "dynamodb:? eu-west-1 key and B doubtful"},
	{"GET " + ddb + " | Authorization:Bearer x", "plain"},
	{"POST https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/invoke | Authorization:Bearer x", "bedrock-runtime:InvokeModel eu-west-1 doubtful"},
	// where it goes
	{"GET https://example.com/ | sign:sqs", "sqs:? eu-west-1 key resource"},
	{"GET https://id.execute-api.eu-west-1.amazonaws.com/ | sign:execute-api", "execute-api:Invoke eu-west-1 key resource"},
	{"GET https://id.execute-api.eu-west-1.amazonaws.com/prod/@connections/x | sign:execute-api", "execute-api:GetConnection eu-west-1 key resource"},
	{"POST https://id.execute-api.eu-west-1.amazonaws.com/prod/%40connections/x | sign:execute-api", "execute-api:PostToConnection eu-west-1 key resource"},
	{"DELETE https://id.execute-api.eu-west-1.amazonaws.com/prod/@connections/x | sign:execute-api", "execute-api:DeleteConnection eu-west-1 key resource"},
	{"PUT https://id.execute-api.eu-west-1.amazonaws.com/prod/@connections/x | sign:execute-api", "execute-api:? eu-west-1 key resource"},
	{"GET https://id.mediaconvert.eu-west-1.amazonaws.com/ | sign:mediaconvert", "mediaconvert:? eu-west-1 key resource"},
	{"GET https://abc.endpoint.events.amazonaws.com/ | sign:events", "events:? eu-west-1 key resource"},
	{"GET https://id.endpoint.events.eu-west-1.amazonaws.com/ | sign:sqs", "sqs:? eu-west-1 key resource"},
	{"GET https://newservice.eu-west-1.amazonaws.com/ | sign:newservice", "newservice:? eu-west-1 key"},
	{"GET https://newservice.eu-west-1.amazonaws.com/ | sign:other", "other:? eu-west-1 key resource"},
	{"GET https://email.eu-west-1.amazonaws.com/ | sign:ses", "ses:? eu-west-1 key"},
	{"GET https://iam.amazonaws.com/ | sign:iam", "iam:? eu-west-1 key"},
	{"GET https://sqs.eusc-de-east-1.api.amazonwebservices.eu/ | sign:sqs", "sqs:? eusc-de-east-1 key"},
	{"GET https://sqs-fips.us-gov-west-1.api.aws/ | sign:sqs", "sqs:? us-gov-west-1 key"},
	{"GET " + sqs + " | sign:sqs | also:sns.eu-west-1.amazonaws.com", "sqs:? eu-west-1 key doubtful"},
	{"GET " + sqs + " | sign:sqs | also:sqs.us-east-1.amazonaws.com", "sqs:? eu-west-1 key doubtful"},
	{"GET " + sqs + " | sign:sqs | also:example.com", "sqs:? eu-west-1 key doubtful"},
	{"GET " + s3Host + "a | sign:s3 | also:example.com", "s3:? eu-west-1 ? key doubtful"},
	{"GET " + s3Host + "a | sign:s3 | also:receipts.s3.eu-west-1.amazonaws.com", "s3:GetObject eu-west-1 s3:::receipts/a s3:::receipts/a key"},
	{"GET " + s3Host + "a | sign:s3 | also:other.s3.eu-west-1.amazonaws.com", "s3:GetObject eu-west-1 s3:::receipts/a s3:::other/a key"},
	{"GET https://id.endpoint.events.eu-west-1.amazonaws.com/ | sign:events", "events:? eu-west-1 key resource"},
	{"GET https://id.x.endpoint.events.amazonaws.com/ | sign:events", "events:? eu-west-1 key resource"},
	{"GET https://id.endpoints.events.amazonaws.com/ | sign:events", "events:? eu-west-1 key resource"},
	{"GET " + ddb + " | opaque://dynamodb.eu-west-1.amazonaws.com/?Action=x", "dynamodb:? eu-west-1 doubtful"},
	{"GET " + ddb + " | opaque://dynamodb.eu-west-1.amazonaws.com/", "plain"},
	{"GET " + s3Host + "a | opaque://receipts.s3.eu-west-1.amazonaws.com/b", "s3:? eu-west-1 ? doubtful"},
	// which operation
	{"POST " + sqs + " | sign:sqs | " + form + " | body:Action=SendMessage&QueueUrl=x", "sqs:SendMessage eu-west-1 key"},
	{"POST " + sqs + "111122223333/orders | sign:sqs | " + form + " | body:Action=SendMessage", "sqs:SendMessage eu-west-1 key"},
	{"GET " + sqs + "?Action=ListQueues | sign:sqs", "sqs:ListQueues eu-west-1 key"},
	{"GET " + sqs + "?action=ListQueues | sign:sqs", "sqs:ListQueues eu-west-1 key"},
	{"GET " + sqs + "?Action=ListQueues&Action=PurgeQueue | sign:sqs", "sqs:? eu-west-1 key"},
	{"POST " + sqs + "?Action=ListQueues | sign:sqs | " + form + " | body:Action=PurgeQueue", "sqs:? eu-west-1 key"},
	{"POST " + sqs + " | sign:sqs | body:Action=ListQueues", "sqs:ListQueues eu-west-1 key"},
	{"POST " + sqs + " | sign:sqs | " + form + " | stream:Action=ListQueues", "sqs:? eu-west-1 key"},
	{"POST " + sqs + " | sign:sqs | " + form + " | Content-Encoding:gzip | body:Action=ListQueues", "sqs:? eu-west-1 key"},
	{"POST " + sqs + " | " + form + " | body:Action=ListQueues&AWSAccessKeyId=" + testKey, "sqs:ListQueues eu-west-1 key"},
	{"POST https://iam.amazonaws.com/ | sign:iam | " + form + " | body:Action=Get-Role", "iam:? eu-west-1 key"},
	{"POST " + sqs + " | sign:sqs | X-Amz-Target:AmazonSQS.SendMessage | " + form + " | body:Action=SendMessage", "sqs:SendMessage eu-west-1 key"},
	{"POST " + sqs + " | sign:sqs | X-Amz-Target:AmazonSQS.SendMessage | " + form + " | body:Action=PurgeQueue", "sqs:? eu-west-1 key"},
	{"POST " + sqs + " | sign:sqs | X-Amz-Target:SendMessage | Content-Type:application/json | body:{}", "sqs:SendMessage eu-west-1 key"},
	{"POST " + sqs + " | sign:sqs | X-Amz-Target:AmazonSQS. | " + json10 + " | body:{}", "sqs:? eu-west-1 key"},
	{"POST " + ddb + " | " + json10 + " | body:{}", "dynamodb:? eu-west-1 doubtful"},
	{"POST https://iam.amazonaws.com/x | sign:iam | " + form + " | body:Action=GetRole", "iam:? eu-west-1 key"},
	{"POST " + ddb + " | sign:dynamodb | X-Amz-Target:DynamoDB_20120810.GetItem | Content-Type:text/plain | body:{}", "dynamodb:? eu-west-1 key"},
	{"POST " + ddb + " | sign:dynamodb | X-Amz-Target:A.GetItem | x-amz-target:A.PutItem | " + json10 + " | body:{}", "dynamodb:? eu-west-1 key"},
	{"POST " + ddb + " | sign:dynamodb | X-Amz-Target:A.GetItem | X-Amz-Copy-Source:a/b | x-amz-copy-source:a/c | " + json10 + " | body:{}", "dynamodb:? eu-west-1 key"},
	{"POST " + ddb + "x | sign:dynamodb | X-Amz-Target:A.GetItem | " + json10 + " | body:{}", "dynamodb:? eu-west-1 key"},
	{"POST " + ddb + " | sign:dynamodb | " + json10 + " | body:{}", "dynamodb:? eu-west-1 key"},
	{"POST https://monitoring.eu-west-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/PutMetricData | sign:monitoring | Content-Type:application/cbor | body:x", "cloudwatch:PutMetricData eu-west-1 key"},
	{"GET https://monitoring.eu-west-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/PutMetricData | sign:monitoring", "cloudwatch:? eu-west-1 key"},
	{"POST https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/orders/invocations | sign:lambda | body:{}", "lambda:Invoke eu-west-1 key"},
	{"POST https://lambda.eu-west-1.amazonaws.com/2014-11-13/functions/orders/invoke-async/ | sign:lambda", "lambda:InvokeAsync eu-west-1 key"},
	{"POST https://lambda.eu-west-1.amazonaws.com/2021-11-15/functions/orders/response-streaming-invocations | sign:lambda", "lambda:InvokeWithResponseStream eu-west-1 key"},
	{"GET https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/orders/invocations | sign:lambda", "lambda:? eu-west-1 key"},
	{"POST https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions//invocations | sign:lambda", "lambda:? eu-west-1 key"},
	// S3: which bucket and object
	{"GET " + s3Host + "2026/a.pdf | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/2026/a.pdf key"},
	{"GET " + s3Path + "receipts/2026/a.pdf | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/2026/a.pdf key"},
	{"GET " + s3Path + " | sign:s3", "s3:ListBuckets eu-west-1 ? key"},
	{"POST " + s3Path + " | sign:s3", "s3:? eu-west-1 ? key"},
	{"GET " + s3Path + "/receipts/a | sign:s3", "s3:? eu-west-1 ? key"},
	{"GET " + s3Host + "a+b | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/a+b s3:::receipts/a b key"},
	{"GET " + s3Host + "a%20b | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/a b key"},
	{"GET " + s3Host + "a/../b | sign:s3", "s3:? eu-west-1 ? key"},
	{"GET " + s3Host + "a/%2e%2e/b | sign:s3", "s3:? eu-west-1 ? key"},
	{"GET " + s3Host + "/a | sign:s3", "s3:? eu-west-1 ? key"},
	{"GET " + s3Path + "rec%2Fx/a | sign:s3", "s3:? eu-west-1 ? key"},
	{"GET " + s3Path + "re/a | sign:s3", "s3:GetObject eu-west-1 ? key"},
	{"GET " + s3Host + "a", "s3:GetObject eu-west-1 s3:::receipts/a doubtful"},
	{"GET " + s3Host + "a?versionId=7 | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/a version key"},
	{"GET " + s3Host + "a | sign:s3 | x-amz-expected-bucket-owner:222233334444", "s3:GetObject eu-west-1 s3:::receipts/a @222233334444 key"},
	{"GET " + s3Host + "a?X-Amz-Expected-Bucket-Owner=222233334444 | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/a @222233334444 key"},
	{"GET " + s3Host + "a?X-Amz-Expected-Bucket-Owner=222233334444 | sign:s3 | x-amz-expected-bucket-owner:333344445555", "s3:? eu-west-1 ? @333344445555 key"},
	{"PUT " + s3Host + "a | sign:s3 | X-Amz-Copy-Source:/other/b?versionId=3", "s3:CopyObject eu-west-1 s3:::receipts/a s3:::other/b version key"},
	{"PUT " + s3Host + "a | sign:s3 | X-Amz-Copy-Source:other", "s3:CopyObject eu-west-1 ? key"},
	{"PUT " + s3Host + "a | sign:s3 | X-Amz-Copy-Source:/loot--euw1-az1--x-s3/b", "s3:CopyObject eu-west-1 s3:::receipts/a s3express:eu-west-1::bucket/loot--euw1-az1--x-s3 key"},
	{"PUT " + s3Host + "a | sign:s3 | X-Amz-Copy-Source:loot--euw1-az1--x-s3/b?versionId=3", "s3:CopyObject eu-west-1 s3:::receipts/a s3express:eu-west-1::bucket/loot--euw1-az1--x-s3 version key"},
	{"PUT " + s3Host + "a | sign:s3 | X-Amz-Copy-Source:arn:aws:s3-object-lambda:eu-west-1:222233334444:accesspoint/ap/object/b", "s3:CopyObject eu-west-1 s3:::receipts/a s3-object-lambda:eu-west-1:222233334444:accesspoint/ap/object/b key"},
	{"PUT " + s3Host + "a | sign:s3 | X-Amz-Copy-Source:arn:aws:dynamodb:eu-west-1:222233334444:table/orders", "s3:CopyObject eu-west-1 s3:::receipts/a dynamodb:eu-west-1:222233334444:table/orders key"},
	{"PUT " + s3Host + "a?X-Amz-Copy-Source=other%2Fb | sign:s3", "s3:CopyObject eu-west-1 s3:::receipts/a s3:::other/b key"},
	{"PUT " + s3Host + "a?X-Amz-Copy-Source= | sign:s3", "s3:? eu-west-1 ? key"},
	{"GET https://ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com/a | sign:s3", "s3:GetObject eu-west-1 s3:eu-west-1:111122223333:accesspoint/ap/object/a key"},
	{"GET https://ap-1111.s3-accesspoint.eu-west-1.amazonaws.com/a | sign:s3", "s3:GetObject eu-west-1 ? key"},
	{"GET https://ap-111122223333.op-1.s3-accesspoint.eu-west-1.amazonaws.com/a | sign:s3", "s3:GetObject eu-west-1 ? key"},
	{"GET https://ol-111122223333.s3-object-lambda.eu-west-1.amazonaws.com/a | sign:s3-object-lambda", "s3:GetObject eu-west-1 s3-object-lambda:eu-west-1:111122223333:accesspoint/ol key"},
	{"POST https://r.s3-object-lambda.eu-west-1.amazonaws.com/WriteGetObjectResponse | sign:s3-object-lambda", "s3:WriteGetObjectResponse eu-west-1 ? key"},
	{"GET https://ap-111122223333.op-1.s3-outposts.eu-west-1.amazonaws.com/a | sign:s3-outposts", "s3:GetObject eu-west-1 s3-outposts:eu-west-1:111122223333:outpost/op-1/accesspoint/ap/object/a key"},
	{"GET https://s3-outposts.eu-west-1.amazonaws.com/S3Outposts/ListEndpoints | sign:s3-outposts", "s3-outposts:? eu-west-1 key"},
	{"GET https://s3-outposts.eu-west-1.amazonaws.com/x | sign:s3-outposts", "s3:? eu-west-1 ? key doubtful"},
	{"GET https://b--use1-az4--x-s3.s3express-use1-az4.eu-west-1.amazonaws.com/a | sign:s3express", "s3:GetObject eu-west-1 s3express:eu-west-1:111122223333:bucket/b--use1-az4--x-s3 key"},
	{"GET https://s3express-control.eu-west-1.amazonaws.com/ | sign:s3express", "s3:ListDirectoryBuckets eu-west-1 ? key"},
	{"PUT https://s3express-control.eu-west-1.amazonaws.com/b--use1-az4--x-s3 | sign:s3express", "s3:CreateBucket eu-west-1 s3express:eu-west-1:111122223333:bucket/b--use1-az4--x-s3 key"},
	{"PUT https://s3express-control.eu-west-1.amazonaws.com/b | sign:s3express", "s3:? eu-west-1 ? key doubtful"},
	{"GET https://x.mrap.accesspoint.s3-global.amazonaws.com/a | sign:s3", "s3:GetObject eu-west-1 ? key"},
	{"GET https://receipts.bucket.vpce-1-2.s3.eu-west-1.vpce.amazonaws.com/a | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/a key"},
	{"GET https://ap-111122223333.accesspoint.vpce-1-2.s3.eu-west-1.vpce.amazonaws.com/a | sign:s3", "s3:GetObject eu-west-1 s3:eu-west-1:111122223333:accesspoint/ap/object/a key"},
	{"GET https://receipts.s3-accelerate.amazonaws.com/a | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/a key"},
	{"GET https://receipts.s3-website-eu-west-1.amazonaws.com/a", "s3:GetObject eu-west-1 s3:::receipts/a doubtful"},
	{"GET https://receipts.s3-website.eu-central-1.amazonaws.com/a/", "s3:GetObject eu-central-1 s3:::receipts/a/* doubtful"},
	{"GET https://receipts.s3-website.eu-central-1.amazonaws.com/a/../b", "s3:GetObject eu-central-1 ? doubtful"},
	{"GET https://s3-website.eu-central-1.amazonaws.com/a", "plain"},
	{"PUT https://receipts.s3.eu-central-1.amazonaws.com/a | sign:s3 | also:receipts.s3-website.eu-central-1.amazonaws.com", "s3:? eu-central-1 ? key doubtful"},
	{"GET https://sqs.eu-central-1.amazonaws.com/ | sign:sqs | also:receipts.s3-website.eu-central-1.amazonaws.com", "sqs:? eu-central-1 key doubtful"},
	{"GET https://s3.eu-central-1.amazonaws.com/re/a | sign:s3 | also:receipts.s3-website.eu-central-1.amazonaws.com", "s3:GetObject eu-central-1 ? key doubtful"},
	{"GET https://receipts.s3-website.eu-central-1.amazonaws.com/a | also:receipts.s3.eu-central-1.amazonaws.com", "s3:GetObject eu-central-1 s3:::receipts/a s3:::receipts/a doubtful"},
	// S3: which operation
	{"HEAD " + s3Host + "a | sign:s3", "s3:HeadObject eu-west-1 s3:::receipts/a key"},
	{"HEAD " + s3Host + " | sign:s3", "s3:HeadBucket eu-west-1 s3:::receipts key"},
	{"GET " + s3Host + " | sign:s3", "s3:ListObjects eu-west-1 s3:::receipts key"},
	{"GET " + s3Host + "?list-type=2&prefix=a | sign:s3", "s3:ListObjectsV2 eu-west-1 s3:::receipts key"},
	{"PUT " + s3Host + " | sign:s3", "s3:CreateBucket eu-west-1 s3:::receipts key"},
	{"DELETE " + s3Host + " | sign:s3", "s3:DeleteBucket eu-west-1 s3:::receipts key"},
	{"POST " + s3Host + " | sign:s3", "s3:PutObject eu-west-1 s3:::receipts/* key"},
	{"PATCH " + s3Host + " | sign:s3", "s3:? eu-west-1 s3:::receipts key"},
	{"PUT " + s3Host + "a | sign:s3", "s3:PutObject eu-west-1 s3:::receipts/a key"},
	{"DELETE " + s3Host + "a | sign:s3", "s3:DeleteObject eu-west-1 s3:::receipts/a key"},
	{"POST " + s3Host + "a | sign:s3", "s3:? eu-west-1 s3:::receipts/a key"},
	{"PUT " + s3Host + "a?partNumber=1&uploadId=x | sign:s3", "s3:UploadPart eu-west-1 s3:::receipts/a key"},
	{"PUT " + s3Host + "a?partNumber=1&uploadId=x | sign:s3 | X-Amz-Copy-Source:other/b", "s3:UploadPartCopy eu-west-1 s3:::receipts/a s3:::other/b key"},
	{"PUT " + s3Host + "a?partNumber=1 | sign:s3", "s3:? eu-west-1 s3:::receipts/a key"},
	{"PUT " + s3Host + "a?uploadId=1 | sign:s3", "s3:? eu-west-1 s3:::receipts/a key"},
	{"POST " + s3Host + "a?uploadId=x | sign:s3", "s3:CompleteMultipartUpload eu-west-1 s3:::receipts/a key"},
	{"POST " + s3Host + "a?uploads | sign:s3", "s3:CreateMultipartUpload eu-west-1 s3:::receipts/a key"},
	{"DELETE " + s3Host + "a?uploadId=x | sign:s3", "s3:AbortMultipartUpload eu-west-1 s3:::receipts/a key"},
	{"GET " + s3Host + "a?uploadId=x | sign:s3", "s3:ListParts eu-west-1 s3:::receipts/a key"},
	{"GET " + s3Host + "a?acl | sign:s3", "s3:GetObjectAcl eu-west-1 s3:::receipts/a key"},
	{"PUT " + s3Host + "a?tagging | sign:s3", "s3:PutObjectTagging eu-west-1 s3:::receipts/a key"},
	{"DELETE " + s3Host + "a?tagging | sign:s3", "s3:DeleteObjectTagging eu-west-1 s3:::receipts/a key"},
	{"GET " + s3Host + "?acl | sign:s3", "s3:GetBucketAcl eu-west-1 s3:::receipts key"},
	{"GET " + s3Host + "?inventory | sign:s3", "s3:ListBucketInventoryConfigurations eu-west-1 s3:::receipts key"},
	{"GET " + s3Host + "?inventory&id=1 | sign:s3", "s3:GetBucketInventoryConfiguration eu-west-1 s3:::receipts key"},
	{"PUT " + s3Host + "?inventory&id=1 | sign:s3", "s3:PutBucketInventoryConfiguration eu-west-1 ? key"},
	{"PUT " + s3Host + "?logging | sign:s3", "s3:PutBucketLogging eu-west-1 ? key"},
	{"POST " + s3Host + "?delete | sign:s3", "s3:DeleteObjects eu-west-1 s3:::receipts/* key"},
	{"GET " + s3Host + "?delete | sign:s3", "s3:? eu-west-1 s3:::receipts key"},
	{"GET " + s3Host + "?lifecycle | sign:s3", "s3:GetBucketLifecycleConfiguration eu-west-1 s3:::receipts key"},
	{"DELETE " + s3Host + "?lifecycle | sign:s3", "s3:DeleteBucketLifecycle eu-west-1 s3:::receipts key"},
	{"GET " + s3Host + "a?attributes | sign:s3", "s3:GetObjectAttributes eu-west-1 s3:::receipts/a key"},
	{"GET " + s3Host + "a?acl&tagging | sign:s3", "s3:? eu-west-1 s3:::receipts/a key"},
	{"GET " + s3Host + "a?acl&uploadId=1 | sign:s3", "s3:? eu-west-1 s3:::receipts/a key"},
	{"GET " + s3Host + "a?frobnicate | sign:s3", "s3:? eu-west-1 s3:::receipts/a key"},
	{"GET " + s3Host + "a?frobnicate", "s3:GetObject eu-west-1 s3:::receipts/a doubtful"},
	{"PUT " + s3Host + "a?frobnicate", "s3:? eu-west-1 s3:::receipts/a doubtful"},
	{"GET " + s3Host + "a?response-content-type=x&x-id=GetObject | sign:s3", "s3:GetObject eu-west-1 s3:::receipts/a key"},
	{"GET " + s3Path + "?acl | sign:s3", "s3:? eu-west-1 ? key"},
}

func TestOperationNames(t *testing.T) {
	for name, want := range map[string]bool{
		"GetItem": true, "azAZ09": true, "": false, "Get-Item": false, "Get_Item": false, "Get/Item": false, "Get:": false, "Get@": false, "Get[": false,
		"Get`": false, "Get{": false, strings.Repeat("a", 128): true, strings.Repeat("a", 129): false,
	} {
		assert.Equal(t, want, isOperation(name), name)
	}
}

// A form that is not read to its end may ask for anything.
func TestPeekReadsTheWholeForm(t *testing.T) {
	for size, want := range map[int]bool{0: true, 100: true, MostForm: true, MostForm + 1: false} {
		r, err := http.NewRequest(http.MethodPost, sqs, strings.NewReader(strings.Repeat("a", size)))
		require.NoError(t, err)
		text, ok := peek(r)
		assert.Equal(t, want, ok, size)
		assert.Equal(t, !want, len(text) != size || size > MostForm)
		r.ContentLength = -1
		_, ok = peek(r)
		assert.Equal(t, want, ok, "a length that is not known")
		r.ContentLength = int64(size + 1)
		_, ok = peek(r)
		assert.False(t, ok, "shorter than the header has it")
	}
}

func TestFromHTTP(t *testing.T) {
	for _, tt := range httpCases {
		r, endpoints := readCase(t, tt.request)
		var q Request
		ok := q.FromHTTP(r, endpoints, true)
		assert.Equal(t, tt.call, describeRequest(q, ok), tt.request)
	}
}

// A link is one that all its signatures make: a request that is signed in its header too is not.
func TestPresigned(t *testing.T) {
	const query = "?X-Amz-Credential=" + testKey + "%2F20261127%2Feu-west-1%2Fs3%2Faws4_request"
	formOf := func(field string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + testKey + "/20261127/eu-west-1/s3/aws4_request\r\n--b--"
	}
	for request, want := range map[string]bool{
		"GET " + s3Host + "a" + query:                     true,
		"GET " + s3Host + "a?X-Amz-Signature=1":           true,
		"GET " + s3Host + "a?AWSAccessKeyId=" + testKey:   true,
		"GET " + s3Host + "a | sign:s3":                   false,
		"GET " + s3Host + "a" + query + " | sign:s3":      false,
		"GET " + s3Host + "a?X-Amz-Signature=1 | sign:s3": false,
		"GET " + s3Host + "a?versionId=1 | sign:s3":       false,
		"POST " + s3Host + " | Content-Type:multipart/form-data; boundary=b | body:" + formOf("X-Amz-Credential"):    true,
		"POST " + s3Host + " | Content-Type:multipart/form-data; boundary=b | body:" + formOf("AWSAccessKeyId"):      true,
		"POST " + s3Host + " | Content-Type:multipart/form-data; boundary=b | body:" + formOf("key"):                 false,
		"POST " + s3Host + " | Content-Type:multipart/form-data | body:" + formOf("X-Amz-Credential"):                false,
		"POST " + s3Host + " | Content-Type:multipart/form-data; boundary=b; b | body:" + formOf("X-Amz-Credential"): false,
		"POST " + s3Host + " | Content-Type:multipart/mixed; boundary=b | body:" + formOf("X-Amz-Credential"):        false,
	} {
		r, endpoints := readCase(t, request)
		var q Request
		q.FromHTTP(r, endpoints, true)
		assert.Equal(t, want, q.Presigned, request)
	}
}

func TestQueryValue(t *testing.T) {
	for _, c := range []struct {
		query, name, want string
		ok                bool
	}{
		{"", "Action", "", false},
		{"Action=a", "Action", "a", true},
		{"Action", "Action", "", true},
		{"x=1&&=2&action=%61%20b+c&y", "Action", "a b c", true},
		{"Action=a=b&Action=a%3db", "Action", "a=b", true},
		{"Action=a&ACTION=b", "Action", "", true},
		{"%41%63%74%69%6f%6e=a", "Action", "a", true},
		{"X-Amz-Credential%3da=b", "X-Amz-Credential", "", false},
		{"A%E2%84%AAey=1", "AKey", "1", true}, // the Kelvin sign folds to k
		{"Actio%6=a", "Action", "", false},
		{"Action&", "Action", "", true},
	} {
		value, ok := queryValue(c.query, c.name)
		assert.Equal(t, c.want, value, c.query)
		assert.Equal(t, c.ok, ok, c.query)
	}
}
