package v1

//lint:file-ignore SA1019 its requests are tested although it is deprecated

import (
	"cmp"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-sdk-go/service/ec2"
	"github.com/aws/aws-sdk-go/service/lambda"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/aws/aws-sdk-go/service/sns"
	"github.com/aws/aws-sdk-go/service/sqs"
	"github.com/aws/aws-sdk-go/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/policy"
)

// nothing is a transport that sends nothing, and answers that the request was wrong.
type nothing struct{ sent int }

func (n *nothing) RoundTrip(r *http.Request) (*http.Response, error) {
	n.sent++
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{StatusCode: 400, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

func newSession(t *testing.T, transport http.RoundTripper) *session.Session {
	t.Setenv("AWS_CA_BUNDLE", "")
	s, err := session.NewSession(&aws.Config{
		Region: aws.String("eu-west-1"), Credentials: credentials.NewStaticCredentials("AKIARTX3GSDSQAABCDEF", "s", ""), MaxRetries: aws.Int(0),
		HTTPClient: &http.Client{Transport: transport}, DisableParamValidation: aws.Bool(true), DisableComputeChecksums: aws.Bool(true),
	})
	require.NoError(t, err)
	return s
}

// requests returns the methods of a client that make the request of an operation:
// PutItemRequest(input) (request, output).
func requests(client any) map[string]reflect.Value {
	v, ops := reflect.ValueOf(client), map[string]reflect.Value{}
	for i := range v.NumMethod() {
		name, ok := strings.CutSuffix(v.Type().Method(i).Name, "Request")
		if t := v.Method(i).Type(); ok && t.NumIn() == 1 && t.NumOut() == 2 && t.Out(0) == reflect.TypeFor[*request.Request]() {
			ops[name] = v.Method(i)
		}
	}
	return ops
}

// fill sets every string and number of an input's own members.
func fill(input reflect.Value) {
	for i := range input.NumField() {
		f := input.Field(i)
		if f.Type() == reflect.TypeFor[*int64]() {
			f.Set(reflect.ValueOf(aws.Int64(1)))
		}
		if f.Type() != reflect.TypeFor[*string]() || !f.CanSet() {
			continue
		}
		text := "name-1"
		switch name := input.Type().Field(i).Name; {
		case name == "QueueUrl":
			text = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
		case name == "CopySource":
			text = "receipts/2026/1.pdf"
		case strings.HasSuffix(name, "Arn"), strings.HasSuffix(name, "ARN"):
			text = "arn:aws:thing:eu-west-1:111122223333:name-1"
		}
		f.Set(reflect.ValueOf(&text))
	}
}

// asNow are the names of today of S3's operations that v1 has twice, and of one that it sends to
// another's host.
var asNow = map[string]string{
	"GetBucketLifecycle": "GetBucketLifecycleConfiguration", "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
	"GetBucketNotification": "GetBucketNotificationConfiguration", "PutBucketNotification": "PutBucketNotificationConfiguration",
	"ListDirectoryBuckets": "ListBuckets",
}

// What clients of SDK v1 sign is judged as the operation that it is.
func TestEveryOperationOfClients(t *testing.T) {
	s := newSession(t, &nothing{})
	n := 0
	for prefix, client := range map[string]any{
		"sqs": sqs.New(s), "dynamodb": dynamodb.New(s), "s3": s3.New(s), "ec2": ec2.New(s), "sns": sns.New(s), "sts": sts.New(s), "lambda": lambda.New(s),
	} {
		ops := requests(client)
		require.NotEmpty(t, ops)
		for _, name := range slices.Sorted(maps.Keys(ops)) {
			input := reflect.New(ops[name].Type().In(0).Elem())
			fill(input.Elem())
			r := ops[name].Call([]reflect.Value{input})[0].Interface().(*request.Request)
			if !assert.NoError(t, r.Sign(), "%s:%s", prefix, name) {
				continue
			}
			n++
			what := prefix + ":" + name + " " + r.HTTPRequest.Method + " " + r.HTTPRequest.URL.String()
			var e *awscall.Endpoint
			if p, ok := awscall.ParseEndpoint(r.HTTPRequest.URL.Host); ok {
				e = &p
			}
			var q awscall.Request
			ok := q.FromHTTP(r.HTTPRequest, []*awscall.Endpoint{e}, true)
			if !assert.True(t, ok, what) {
				continue
			}
			got, _ := awsops.Service(q.Service)
			assert.Equal(t, prefix, got, what)
			switch {
			case prefix != "lambda":
				assert.Equal(t, cmp.Or(asNow[name], name), q.Operation, what)
			case q.Operation != "":
				assert.Equal(t, name, q.Operation, what)
			}
			if q.Operation != "" {
				assert.Equal(t, awscall.NewOp(prefix, name, nil).Level, awscall.NewOp(q.Service, q.Operation, nil).Level, what)
			}
		}
	}
	t.Logf("%d operations", n)
}

// guard judges by a policy.
type guard struct{ *policy.Policy }

func (g guard) Check(_ aws.Context, c policy.Call) error {
	if d := g.Decide(c); !d.Allowed() {
		return refused(d.Reason)
	}
	return nil
}

type refused string

func (e refused) Error() string { return string(e) }

// Behind a guarded transport they are allowed and refused like those of v2.
func TestClientsBehindAGuard(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(`version: 1
on_violation: block
whitelist:
- aws: [sqs:SendMessage, ec2:Describe*, sns:Publish, dynamodb:GetItem]
- {aws: s3:GetObject, resources: receipts/*}
`), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err)
	sent := &nothing{}
	s := newSession(t, &httpguard.Transport{Guard: guard{p}, Base: sent})
	queue, table := aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/orders"), aws.String("orders")
	for name, c := range map[string]struct {
		call func() error
		want bool
	}{
		"SQS": {func() error {
			_, err := sqs.New(s).SendMessage(&sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("x")})
			return err
		}, true},
		"SQS, another": {func() error {
			_, err := sqs.New(s).ReceiveMessage(&sqs.ReceiveMessageInput{QueueUrl: queue})
			return err
		}, false},
		"EC2":          {func() error { _, err := ec2.New(s).DescribeInstances(nil); return err }, true},
		"EC2, another": {func() error { _, err := ec2.New(s).TerminateInstances(&ec2.TerminateInstancesInput{}); return err }, false},
		"SNS": {func() error {
			_, err := sns.New(s).Publish(&sns.PublishInput{Message: aws.String("Action=DeleteTopic")})
			return err
		}, true},
		"SNS, another": {func() error { _, err := sns.New(s).DeleteTopic(&sns.DeleteTopicInput{}); return err }, false},
		"DynamoDB":     {func() error { _, err := dynamodb.New(s).GetItem(&dynamodb.GetItemInput{TableName: table}); return err }, true},
		"DynamoDB, another": {func() error {
			_, err := dynamodb.New(s).DeleteItem(&dynamodb.DeleteItemInput{TableName: table})
			return err
		}, false},
		"S3":          {func() error { return get(s, "receipts") }, true},
		"S3, another": {func() error { return get(s, "loot") }, false},
	} {
		sent.sent = 0
		err := c.call()
		require.Error(t, err, name)
		assert.Equal(t, c.want, sent.sent == 1, "%s: %v", name, err)
	}

	// A URL that one of them has signed is as good as a call.
	r, _ := s3.New(s).GetObjectRequest(&s3.GetObjectInput{Bucket: aws.String("loot"), Key: aws.String("k")})
	link, err := r.Presign(time.Minute)
	require.NoError(t, err)
	plain, err := http.NewRequest(http.MethodGet, link, nil)
	require.NoError(t, err)
	assert.False(t, p.Decide(policy.Call{HTTP: plain, Via: policy.ViaTransport}).Allowed())
}

func get(s *session.Session, bucket string) error {
	_, err := s3.New(s).GetObject(&s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("1.pdf")})
	return err
}
