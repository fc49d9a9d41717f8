package services

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/policy"
)

// arns returns the ARNs of what a call of S3's touches, by its input or by what is said of a
// request; nil: not all is known.
func arns(op *awscall.Op, input any, list []string) (arns []string) {
	var ts awscall.Touches
	ts.Of(op, input, list, &awscall.Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"})
	for _, touch := range ts.List {
		if touch.State == awscall.Unknown {
			return nil
		}
		if arn := touch.ARN(); arn != "" && !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return arns
}

// However a bucket is addressed, what a request touches is what the SDK's call of it touches.
func TestFormsOfS3(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	forms := map[string]struct {
		bucket string
		change func(*s3.Options)
		host   string
	}{
		"virtual host": {"receipts", func(*s3.Options) {}, "receipts.s3.eu-west-1.amazonaws.com"},
		"path style":   {"receipts", func(o *s3.Options) { o.UsePathStyle = true }, "s3.eu-west-1.amazonaws.com"},
		"a dot":        {"old.receipts", func(*s3.Options) {}, "s3.eu-west-1.amazonaws.com"},
		"us-east-1":    {"receipts", func(o *s3.Options) { o.Region = "us-east-1" }, "receipts.s3.us-east-1.amazonaws.com"},
		"global":       {"receipts", func(o *s3.Options) { o.Region = "aws-global" }, "receipts.s3.amazonaws.com"},
		"accelerate":   {"receipts", func(o *s3.Options) { o.UseAccelerate = true }, "receipts.s3-accelerate.amazonaws.com"},
		"accelerate, dual-stack": {"receipts", func(o *s3.Options) {
			o.UseAccelerate = true
			o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
		}, "receipts.s3-accelerate.dualstack.amazonaws.com"},
		"dual-stack": {"receipts", func(o *s3.Options) { o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled }, "receipts.s3.dualstack.eu-west-1.amazonaws.com"},
		"FIPS, dual-stack, path style": {"receipts", func(o *s3.Options) {
			o.UsePathStyle, o.Region = true, "us-east-1"
			o.EndpointOptions.UseDualStackEndpoint, o.EndpointOptions.UseFIPSEndpoint = aws.DualStackEndpointStateEnabled, aws.FIPSEndpointStateEnabled
		}, "s3-fips.dualstack.us-east-1.amazonaws.com"},
		"access point":     {"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap", func(*s3.Options) {}, "ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com"},
		"object lambda":    {"arn:aws:s3-object-lambda:eu-west-1:111122223333:accesspoint/ol", func(*s3.Options) {}, "ol-111122223333.s3-object-lambda.eu-west-1.amazonaws.com"},
		"outposts":         {"arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-01ac/accesspoint/ap", func(*s3.Options) {}, "ap-111122223333.op-01ac.s3-outposts.eu-west-1.amazonaws.com"},
		"several regions":  {"arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap", func(*s3.Options) {}, "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com"},
		"express":          {"r--euw1-az1--x-s3", func(o *s3.Options) { o.DisableS3ExpressSessionAuth = aws.Bool(true) }, "r--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com"},
		"a service's name": {"sqs", func(*s3.Options) {}, "sqs.s3.eu-west-1.amazonaws.com"},
	}
	for form, c := range forms {
		bucket, key := aws.String(c.bucket), aws.String("2026/1 ü+%.pdf")
		for name, call := range map[string]func(*s3.Client) (any, error){
			"GetObject": func(s *s3.Client) (any, error) {
				in := &s3.GetObjectInput{Bucket: bucket, Key: key}
				_, err := s.GetObject(context.Background(), in, c.change)
				return in, err
			},
			"PutObject": func(s *s3.Client) (any, error) {
				in := &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x")}
				_, err := s.PutObject(context.Background(), in, c.change)
				return in, err
			},
			"CopyObject": func(s *s3.Client) (any, error) {
				in := &s3.CopyObjectInput{Bucket: bucket, Key: key, CopySource: aws.String("stock/2025/1%20a.pdf?versionId=7")}
				_, err := s.CopyObject(context.Background(), in, c.change)
				return in, err
			},
			"ListObjectsV2": func(s *s3.Client) (any, error) {
				in := &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String("2026/")}
				_, err := s.ListObjectsV2(context.Background(), in, c.change)
				return in, err
			},
		} {
			w := &wire{}
			in, err := call(s3.NewFromConfig(w.config("eu-west-1")))
			require.NotNil(t, w.sent, "%s, %s: %v", form, name, err)
			r := w.request(t)
			what := form + ", " + name + ": " + r.URL.String()
			assert.Equal(t, c.host, r.URL.Host, what)
			q, ok := classify(r)
			require.True(t, ok, what)
			assert.Equal(t, "s3", q.Service, what)
			assert.Equal(t, name, q.Operation, what)
			assert.False(t, q.Doubtful, what)
			want, got := arns(awscall.NewOp("S3", name, nil), nil, nil), arns(awscall.NewOp(q.Service, q.Operation, nil), nil, q.Resources)
			if form != "several regions" { // the host does not name the account
				want = arns(opOf("S3", name, in), in, nil)
				require.NotEmpty(t, want, what)
			}
			assert.Equal(t, want, got, what)
		}
	}
}

func opOf(service, name string, input any) *awscall.Op {
	return awscall.NewOp(service, name, reflect.TypeOf(input))
}

// A presigned URL is the call that it was signed for, in whoever's hands, and so is a form.
func TestPresignedForms(t *testing.T) {
	ctx, w := context.Background(), &wire{}
	objects, tokens := s3.NewPresignClient(s3.NewFromConfig(w.config("eu-west-1"))), sts.NewPresignClient(sts.NewFromConfig(w.config("eu-west-1")))
	bucket, key := aws.String("receipts"), aws.String("2026/1.pdf")
	sign := func(method, url string, err error) *http.Request {
		require.NoError(t, err)
		r, err := http.NewRequest(method, url, nil)
		require.NoError(t, err)
		return r
	}
	get, err := objects.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	requests := map[string]*http.Request{"s3:GetObject": sign(http.MethodGet, get.URL, err)}
	put, err := objects.PresignPutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key})
	requests["s3:PutObject"] = sign(http.MethodPut, put.URL, err)
	head, err := objects.PresignHeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key})
	requests["s3:HeadObject"] = sign(http.MethodHead, head.URL, err)
	del, err := objects.PresignDeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: key})
	requests["s3:DeleteObject"] = sign(http.MethodDelete, del.URL, err)
	part, err := objects.PresignUploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: key, PartNumber: aws.Int32(1)})
	requests["s3:UploadPart"] = sign(http.MethodPut, part.URL, err)
	who, err := tokens.PresignGetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	requests["sts:GetCallerIdentity"] = sign(http.MethodGet, who.URL, err)
	role, err := tokens.PresignAssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/r"), RoleSessionName: key})
	requests["sts:AssumeRole"] = sign(http.MethodGet, role.URL, err)
	for want, r := range requests {
		q, ok := classify(r)
		require.True(t, ok, want)
		assert.Equal(t, want, q.Service+":"+q.Operation)
		assert.False(t, q.Doubtful, want)
		assert.Equal(t, ownKey, q.Key, want)
		if q.Service == "s3" {
			assert.Equal(t, []string{"arn:aws:s3:::receipts/2026/1.pdf"}, q.Resources, want)
		}
		for _, service := range []string{"s3", "sts"} {
			r := policy.Call{HTTP: r, Via: policy.ViaTransport}
			assert.Equal(t, service == q.Service, parse(t, "whitelist: [aws: %s]", want).Decide(r).Allowed() && service == q.Service, want)
			assert.Equal(t, service != q.Service, parse(t, "blacklist: [aws: %s:*]", service).Decide(r).Allowed(), want)
		}
	}

	// The form's fields, signature and key among them, are in the body: it may be anybody's, so a
	// whitelist needs an http: rule.
	form, err := objects.PresignPostObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	fields := url.Values{}
	for name, value := range form.Values {
		fields.Set(name, value)
	}
	r, err := http.NewRequest(http.MethodPost, form.URL, strings.NewReader(fields.Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	posted := policy.Call{HTTP: r, Via: policy.ViaTransport}
	assert.False(t, parse(t, "blacklist: [{aws: s3:PutObject, resources: receipts/2026/*}]").Decide(posted).Allowed())
	assert.True(t, parse(t, "blacklist: [{aws: s3:PutObject, resources: loot/*}]").Decide(posted).Allowed())
	assert.False(t, parse(t, "whitelist: [aws: s3:PutObject]").Decide(posted).Allowed())
	assert.True(t, parse(t, "whitelist: [http: receipts.s3.eu-west-1.amazonaws.com]").Decide(posted).Allowed())
}

// Endpoints of an account say whose table it is.
func TestAccountEndpoints(t *testing.T) {
	w := &wire{}
	cfg := w.config("eu-west-1")
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: ownKey, SecretAccessKey: "s", AccountID: "111122223333"}, nil
	})
	_, err := dynamodb.NewFromConfig(cfg).GetItem(context.Background(), &dynamodb.GetItemInput{TableName: aws.String("orders")})
	require.Error(t, err)
	require.Equal(t, "111122223333.ddb.eu-west-1.amazonaws.com", w.sent.URL.Host)
	q, ok := classify(w.request(t))
	assert.True(t, ok && !q.Doubtful)
	assert.Equal(t, "GetItem", q.Operation)
	assert.True(t, parse(t, "whitelist: [aws: dynamodb:GetItem]").Decide(policy.Call{HTTP: w.request(t)}).Allowed())
}
