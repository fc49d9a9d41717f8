package services

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/policy"
)

// A wire is an HTTP client that keeps the first request it is given, and sends nothing.
type wire struct {
	sent     *http.Request
	body     []byte
	discover string // what DescribeEndpoints answers
}

var errWire = errors.New("nothing is sent")

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeEndpoints") && w.discover != "" {
		response := `{"Endpoints": [{"Address": "` + w.discover + `", "CachePeriodInMinutes": 1}]}`
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(response)), Request: r}, nil
	}
	if w.sent == nil {
		w.sent, w.body = r, nil
		if r.Body != nil && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/vnd.amazon.eventstream") { // that one is written to later
			w.body, _ = io.ReadAll(r.Body)
		}
	}
	return nil, errWire
}

// request is what a program would have made of the request that was sent: one whose body can be
// read again.
func (w *wire) request(t *testing.T) *http.Request {
	r := w.sent.Clone(context.Background())
	r.Body, r.GetBody = nil, nil
	if len(w.body) > 0 {
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(w.body)), nil }
		var err error
		r.Body, err = r.GetBody()
		require.NoError(t, err)
	}
	return r
}

func (w *wire) config(region string, options ...func(*middleware.Stack) error) aws.Config {
	return aws.Config{
		Region: region, Credentials: credentials.NewStaticCredentialsProvider(ownKey, "s", ""), HTTPClient: w,
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }, APIOptions: append(options, unvalidated),
	}
}

func classify(r *http.Request) (q awscall.Request, ok bool) {
	var e *awscall.Endpoint
	if p, ok := awscall.ParseEndpoint(r.URL.Hostname()); ok {
		e = &p
	}
	ok = q.FromHTTP(r, []*awscall.Endpoint{e}, true)
	return q, ok
}

// named reports whether a request says in the way of some protocol which operation it is.
func named(r *http.Request) bool {
	return r.Header.Get("X-Amz-Target") != "" || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") ||
		strings.HasPrefix(r.URL.Path, "/service/")
}

func parse(t *testing.T, rules string, args ...any) *policy.Policy {
	text := fmt.Sprintf("version: 1\non_violation: block\n"+rules, args...)
	p, err := policy.Parse("policy.yaml", []byte(text), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
	require.NoError(t, err, text)
	return p
}

// discovered are the endpoints that services name for their further operations, one of a cell each.
var discovered = map[string]string{"timestreamwrite": "ingest-cell2.timestream.eu-west-1.amazonaws.com"}

// namesInBody are the operations of S3's that name further buckets, in their bodies.
var namesInBody = map[string]bool{
	"PutBucketAnalyticsConfiguration": true, "PutBucketInventoryConfiguration": true, "PutBucketLogging": true, "PutBucketReplication": true,
}

// Every operation of every client is made, and the request that the SDK would send is judged as if
// a program had made it by itself.
func TestEveryOperationByHTTP(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	var all, identified int
	for _, service := range slices.Sorted(maps.Keys(clients)) {
		prefix, ok := awsops.Service(service)
		require.True(t, ok, service)
		policies := httpPolicies(t, prefix)
		for _, name := range slices.Sorted(maps.Keys(operations(clients[service](aws.Config{})))) {
			w := &wire{discover: discovered[service]}
			if name == "DescribeEndpoints" {
				w.discover = ""
			}
			op := operations(clients[service](w.config("eu-west-1")))[name]
			input := reflect.New(op.Type().In(1).Elem())
			filled(input.Elem(), prefix, "", 0)
			out := op.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
			if !assert.NotNil(t, w.sent, "%s:%s: %v", service, name, out[1]) {
				continue
			}
			all++
			if strings.Contains(w.sent.Header.Get("Content-Type"), "json") && len(w.body) > 0 && !json.Valid(w.body) {
				continue // the SDK writes no JSON for a union without a member
			}
			r := w.request(t)
			what := service + ":" + name + " " + r.Method + " " + r.URL.String()
			q, ok := classify(r)
			if !ok {
				t.Error("plain", what)
				continue
			}
			got, _ := awsops.Service(q.Service)
			assert.Equal(t, prefix, got, what)
			assert.Equal(t, r.Header.Get("Authorization") != "", q.Key == ownKey, what)
			sdk := policy.AWSCall{Service: service, Operation: name, Region: "eu-west-1"}
			if service == "s3" || q.Body != nil {
				sdk.Input = input.Interface() // the resources are known, as they are of the SDK's call
			}
			if named(r) || service == "s3" {
				assert.Equal(t, name, q.Operation, what)
			}
			if q.Operation != "" {
				identified++
				assert.Equal(t, awscall.NewOp(service, name, input.Type()).Level, awscall.NewOp(q.Service, q.Operation, nil).Level, what)
			}
			for rules, p := range policies {
				byHTTP, bySDK := p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport}), p.Decide(policy.Call{AWS: sdk, Via: policy.ViaSDK})
				known := q.Operation != "" || rules == "whitelist: [aws: "+prefix+":*]"
				switch {
				case service == "s3control" && strings.HasPrefix(r.URL.Path, "/v20180820/bucket/"):
					// Only outposts have those: what is sent elsewhere is not one of theirs.
				case !bySDK.Allowed():
					assert.False(t, byHTTP.Allowed(), "%s: %s: %s", rules, what, bySDK.Reason)
				case q.Adds != 0:
					// Members add actions, which a call by its name does not show.
				case strings.Contains(rules, "resources") && namesInBody[name]:
					assert.False(t, byHTTP.Allowed(), "%s: %s", rules, what)
				case known && !q.Doubtful && !q.Resource:
					assert.True(t, byHTTP.Allowed(), "%s: %s: %s", rules, what, byHTTP.Reason)
				case strings.HasPrefix(rules, "whitelist"):
					assert.False(t, byHTTP.Allowed(), "%s: %s", rules, what)
				}
			}
		}
	}
	t.Logf("%d operations; the request names %d of them", all, identified)
	assert.Greater(t, all, 3400)
	assert.Greater(t, identified, 2090)
}

// httpPolicies are policies about a service, by what they say.
func httpPolicies(t *testing.T, prefix string) map[string]*policy.Policy {
	policies := map[string]*policy.Policy{}
	for _, list := range []string{"whitelist", "blacklist"} {
		add := func(format string, args ...any) {
			rules := list + ": [" + fmt.Sprintf(format, args...) + "]"
			policies[rules] = parse(t, "%s", rules)
		}
		add("aws: %s:*", prefix)
		add(`{aws: "%s:*", access: read}`, prefix)
		add(`{aws: "%s:*", access: write}`, prefix)
		add(`{aws: "%s:Get*"}`, prefix)
		add(`{aws: "%s:*", except: "%s:Get*"}`, prefix, prefix)
		if list == "blacklist" {
			add(`{aws: "%s:*", access: tagging}`, prefix)
			add(`{aws: "%s:*", access: permissions}`, prefix)
		}
		if list == "blacklist" || awsops.Resources(prefix) != "" {
			add(`{aws: "%s:*", resources: "*name-1*"}`, prefix)
		}
	}
	return policies
}
