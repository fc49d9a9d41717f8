package services

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

var update = flag.Bool("update", false, "write golden files")

// A corpusCase is one line of testdata/aws.jsonl.
type corpusCase struct {
	ID, Category, Why, Expected string
	Advisory                    bool
	Accept                      []string
	Policy                      struct {
		Whitelist, Blacklist []struct{ Service, Action, Resource string }
	}
	Request struct {
		Service, Operation string
		Input              map[string]any
		Config             struct {
			Region        string
			AccountID     string            `json:"account_id"`
			EndpointURL   string            `json:"endpoint_url"`
			UsePathStyle  bool              `json:"use_path_style"`
			UseARNRegion  bool              `json:"use_arn_region"`
			UseFIPS       bool              `json:"use_fips"`
			UseDualStack  bool              `json:"use_dualstack"`
			UseAccelerate bool              `json:"use_accelerate"`
			Presign       bool              `json:"presign"`
			Env           map[string]string `json:"env"`
		}
		HTTP *struct {
			Method, URL, Host, Body string
			Header                  map[string][]string
		}
	}
}

// policyOf writes the policy of a case, for a function of account 111122223333 in us-east-1.
func (c *corpusCase) policyOf(t *testing.T) *policy.Policy {
	var b strings.Builder
	b.WriteString("version: 1\non_violation: block\n")
	for name, rules := range map[string][]struct{ Service, Action, Resource string }{"whitelist": c.Policy.Whitelist, "blacklist": c.Policy.Blacklist} {
		if len(rules) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s:\n", name)
		for _, r := range rules {
			fmt.Fprintf(&b, "  - aws: %q\n    resources: %q\n", r.Service+":"+r.Action, r.Resource)
		}
	}
	p, err := policy.Parse("policy.yaml", []byte(b.String()), policy.Env{Function: "f", Region: "us-east-1", Account: "111122223333"})
	require.NoError(t, err, b.String())
	return p
}

// A judge is a guard that refuses what a policy does not allow.
type judge struct{ policy *policy.Policy }

// violation is a judge's error.
type violation struct{ policy.Decision }

func (v *violation) Error() string        { return "violation: " + v.Reason }
func (v *violation) RetryableError() bool { return false }

func (j judge) Check(_ context.Context, c policy.Call) error {
	if d := j.policy.Decide(c); !d.Allowed() {
		return &violation{d}
	}
	return nil
}

// nowhere is an HTTP client that sends nothing and is answered with nothing.
type nowhere struct {
	mu   sync.Mutex
	sent []*http.Request
}

func (n *nowhere) Do(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent = append(n.sent, r)
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	body := ""
	if r.URL.Query().Has("session") { // of S3 Express
		body = "<CreateSessionResult><Credentials><AccessKeyId>AKIDEXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>"
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// verdict runs a case, and says what came of it and why.
func (c *corpusCase) verdict(t *testing.T) (verdict, why string) {
	p := c.policyOf(t)
	if c.Request.HTTP != nil {
		h := c.Request.HTTP
		r, err := http.NewRequest(h.Method, h.URL, strings.NewReader(h.Body))
		require.NoError(t, err)
		for k, v := range h.Header {
			r.Header[k] = v
		}
		if h.Host != "" {
			r.Host = h.Host
		}
		if d := p.Decide(policy.Call{HTTP: r, Via: policy.ViaTransport}); !d.Allowed() {
			return "violation", d.Reason
		}
		return "allowed", ""
	}
	err := c.call(t, judge{p})
	var v *violation
	switch {
	case errors.As(err, &v):
		return "violation", v.Reason
	case err != nil && !strings.Contains(err.Error(), "deserialization failed") && !strings.Contains(err.Error(), "https response error"):
		return "reject-as-malformed", err.Error()
	}
	return "allowed", ""
}

// call makes the call of a case with a real client.
func (c *corpusCase) call(t *testing.T, g awsmiddleware.Guard) error {
	set := c.Request.Config
	for k, v := range set.Env {
		t.Setenv(k, v)
	}
	sent := &nowhere{}
	cfg, err := config.LoadDefaultConfig(context.Background(),
		config.WithRegion(set.Region), config.WithAPIOptions([]func(*middleware.Stack) error{awsmiddleware.New(g)}),
		config.WithCredentialsProvider(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "s", AccountID: set.AccountID}, nil
		})))
	require.NoError(t, err)
	cfg.HTTPClient = sent
	if set.EndpointURL != "" {
		cfg.BaseEndpoint = aws.String(set.EndpointURL)
	}
	client := clients[c.Request.Service](cfg)
	options := reflect.ValueOf(client).MethodByName("Options").Call(nil)[0].Type()
	change := reflect.MakeFunc(reflect.FuncOf([]reflect.Type{reflect.PointerTo(options)}, nil, false), func(args []reflect.Value) []reflect.Value {
		o := args[0].Elem()
		enable := func(name string, on bool) {
			if f := o.FieldByName(name); on && f.IsValid() {
				f.SetBool(true)
			}
		}
		enable("UsePathStyle", set.UsePathStyle)
		enable("UseARNRegion", set.UseARNRegion)
		enable("UseAccelerate", set.UseAccelerate)
		if e := o.FieldByName("EndpointOptions"); set.UseFIPS {
			e.FieldByName("UseFIPSEndpoint").Set(reflect.ValueOf(aws.FIPSEndpointStateEnabled))
		}
		if e := o.FieldByName("EndpointOptions"); set.UseDualStack {
			e.FieldByName("UseDualStackEndpoint").Set(reflect.ValueOf(aws.DualStackEndpointStateEnabled))
		}
		return nil
	})
	op, ok := operations(client)[c.Request.Operation]
	require.True(t, ok, "%s has no %s", c.Request.Service, c.Request.Operation)
	input := reflect.New(op.Type().In(1).Elem())
	fill(t, input.Elem(), c.Request.Input)
	var out []reflect.Value
	if set.Presign {
		presigner := reflect.ValueOf(s3.NewPresignClient(client.(*s3.Client))).MethodByName("Presign" + c.Request.Operation)
		out = presigner.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	} else {
		out = op.Call([]reflect.Value{reflect.ValueOf(context.Background()), input, change})
	}
	err, _ = out[1].Interface().(error)
	return err
}

// fill sets v to a JSON value that names the fields of Go's types.
func fill(t *testing.T, v reflect.Value, from any) {
	if v.Type() == reflect.TypeFor[types.AttributeValue]() {
		for kind, x := range from.(map[string]any) {
			switch kind {
			case "S":
				v.Set(reflect.ValueOf(&types.AttributeValueMemberS{Value: x.(string)}))
			case "N":
				v.Set(reflect.ValueOf(&types.AttributeValueMemberN{Value: x.(string)}))
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), from)
	case reflect.Struct:
		for name, x := range from.(map[string]any) {
			f := v.FieldByName(name)
			require.True(t, f.IsValid(), "%s has no %s", v.Type(), name)
			fill(t, f, x)
		}
	case reflect.Slice:
		if s, ok := from.(string); ok && v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(s))
			return
		}
		list := from.([]any)
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, x := range list {
			fill(t, v.Index(i), x)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for k, x := range from.(map[string]any) {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(t, e, x)
			v.SetMapIndex(reflect.ValueOf(k).Convert(v.Type().Key()), e)
		}
	case reflect.String:
		v.SetString(from.(string))
	case reflect.Bool:
		v.SetBool(from.(bool))
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(from.(float64)))
	case reflect.Interface:
		v.Set(reflect.ValueOf(strings.NewReader(from.(string)))) // a body
	default:
		t.Fatalf("%s cannot be filled", v.Type())
	}
}

func TestCorpus(t *testing.T) {
	f, err := os.Open("testdata/aws.jsonl")
	require.NoError(t, err)
	defer f.Close()
	var advisory strings.Builder
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		var c corpusCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		t.Run(c.ID, func(t *testing.T) {
			got, why := c.verdict(t)
			if c.Advisory {
				fmt.Fprintf(&advisory, "%s %s, expected %s\n", c.ID, got, c.Expected)
				return
			}
			assert.True(t, slices.Contains(c.Accept, got), "%s\nis %s, expected %s\n%s", c.Why, got, c.Expected, why)
			if c.Expected == "violation" && c.Request.HTTP == nil {
				assert.NotEqual(t, "allowed", got)
			}
		})
	}
	assert.Equal(t, 148, n)
	const golden = "testdata/aws_advisory.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(advisory.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), advisory.String(), "run go test ./services -run Corpus -update")
}

// More cases of the same kinds, of what the service really does with a call, and of honest calls
// that no guard may refuse.
func TestMoreCases(t *testing.T) {
	f, err := os.Open("testdata/more.jsonl")
	require.NoError(t, err)
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		var c corpusCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		t.Run(c.ID, func(t *testing.T) {
			got, why := c.verdict(t)
			assert.True(t, slices.Contains(c.Accept, got), "%s\nis %s, expected %s\n%s", c.Why, got, c.Expected, why)
		})
	}
	assert.Greater(t, n, 600)
}

// The same calls as the command line gives them, by the ARNs that they touch: where a case is about
// what an input means, only that is lost.
func TestCorpusByARNs(t *testing.T) {
	f, err := os.Open("testdata/aws.jsonl")
	require.NoError(t, err)
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c struct {
			corpusCase
			Touches []struct{ Action, Resource string }
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		if c.Request.HTTP != nil || strings.HasPrefix(c.ID, "aws-endpoint") || (len(c.Touches) == 0 && c.Expected == "reject-as-malformed") {
			continue
		}
		var arns []string
		for _, touch := range c.Touches {
			arns = append(arns, touch.Resource)
		}
		call := policy.AWSCall{Service: c.Request.Service, Operation: c.Request.Operation, Region: c.Request.Config.Region, Account: c.Request.Config.AccountID, Resources: arns}
		t.Run(c.ID, func(t *testing.T) {
			got, d := "allowed", c.policyOf(t).Decide(policy.Call{AWS: call})
			if !d.Allowed() {
				got = "violation"
			}
			if c.Advisory && got != c.Expected {
				t.Logf("%s, expected %s: %s", got, c.Expected, d.Reason)
				return
			}
			assert.True(t, slices.Contains(c.Accept, got), "%s\nis %s, expected %s\n%s", c.Why, got, c.Expected, d.Reason)
		})
	}
}

// Stolen data usually leaves through S3, with the thief's keys: the bucket may even be called like
// one that is allowed, and the endpoint is AWS's own.
func TestDataDoesNotLeaveWithAnotherAccountsKey(t *testing.T) {
	const own, thief = "AKIARTX3GSDSQAABCDEF", "ASIAQNZGKIQY56JQ7WML" // of 111122223333 and 029608264753
	put := func(yaml, key string) error {
		p, err := policy.Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+yaml), policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err)
		sent := &nowhere{}
		client := s3.NewFromConfig(aws.Config{Region: "eu-west-1", HTTPClient: sent, APIOptions: []func(*middleware.Stack) error{awsmiddleware.New(judge{p})},
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: key, SecretAccessKey: "s"}, nil
			})})
		_, err = client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String("k"), Body: strings.NewReader("x")})
		assert.Equal(t, err == nil, len(sent.sent) == 1)
		return err
	}
	rule := func(yaml, key string) string {
		var v *violation
		if !errors.As(put(yaml, key), &v) {
			return ""
		}
		return v.Rule.ID
	}
	const white = "whitelist: [{aws: \"s3:PutObject\", resources: \"receipts/*\"}]\n"
	assert.Empty(t, rule(white, own))
	assert.Equal(t, "foreign-credentials", rule(white, thief))
	assert.Equal(t, "foreign-credentials", rule("blacklist: [{aws: \"sqs:*\"}]\n", thief), "without a whitelist, too")
	assert.Empty(t, rule("whitelist: [{aws: \"s3:PutObject\", resources: \"receipts/*\", accounts: [self, \"029608264753\"]}]\n", thief))
}
