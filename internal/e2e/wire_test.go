package e2e

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// wireHosts returns the hosts that were asked about on the wire.
func (g *fakeGuard) wireHosts() []string {
	var hosts []string
	for _, c := range g.seen(policy.ViaWire) {
		hosts = append(hosts, c.HTTP.URL.Host)
	}
	return hosts
}

func refuseHost(host string) func(policy.Call) bool {
	return func(c policy.Call) bool { return c.HTTP != nil && c.HTTP.URL.Host == host }
}

func TestTheWireShowsTheRealHostAndTheKey(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*s3.Options)
		host   string
	}{
		"as it comes":   {func(*s3.Options) {}, "receipts.s3.eu-west-1.amazonaws.com"},
		"base endpoint": {func(o *s3.Options) { o.BaseEndpoint = aws.String("https://evil.example:8443") }, "receipts.evil.example:8443"},
		"path style":    {func(o *s3.Options) { o.UsePathStyle = true }, "s3.eu-west-1.amazonaws.com"},
		"dual stack":    {func(o *s3.Options) { o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled }, "receipts.s3.dualstack.eu-west-1.amazonaws.com"},
		"FIPS elsewhere": {func(o *s3.Options) {
			o.Region = "us-east-1"
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
		}, "receipts.s3-fips.us-east-1.amazonaws.com"},
		"accelerate": {func(o *s3.Options) { o.UseAccelerate = true }, "receipts.s3-accelerate.amazonaws.com"},
		"anonymous":  {func(o *s3.Options) { o.Credentials = aws.AnonymousCredentials{} }, "receipts.s3.eu-west-1.amazonaws.com"},
	} {
		g, sent := &fakeGuard{}, &recorder{}
		client := s3.NewFromConfig(config("", awsmiddleware.New(g)), func(o *s3.Options) { o.HTTPClient = sent; c.change(o) })
		_, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("receipts"), Key: aws.String("a/b")})
		require.NoError(t, err, name)
		require.Equal(t, []string{c.host}, g.wireHosts(), name)
		call := g.seen(policy.ViaWire)[0]
		assert.Equal(t, sent.requests()[0].URL.String(), call.HTTP.URL.String(), name)
		assert.Equal(t, "GetObject", call.AWS.Operation, name)
		account := "111122223333"
		if name == "anonymous" {
			account = ""
		}
		assert.Equal(t, account, call.AWS.Account, name)
		assert.Empty(t, g.seen(policy.ViaSDK)[0].AWS.Account, "not known before signing")
	}
}

// Stolen data leaves through S3 with somebody else's keys.
func TestForeignKeysShow(t *testing.T) {
	g, sent := &fakeGuard{refuse: func(c policy.Call) bool { return c.AWS.Account == "999900001111" }}, &recorder{}
	client := s3.NewFromConfig(config("", awsmiddleware.New(g)), func(o *s3.Options) { o.HTTPClient = sent })
	put := &s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String("k"), Body: strings.NewReader("data")}
	_, err := client.PutObject(context.Background(), put)
	require.NoError(t, err)
	_, err = client.PutObject(context.Background(), put, func(o *s3.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider(foreignKey, "s", "")
	})
	assertRefused(t, err)
	_, err = client.PutObject(context.Background(), put, func(o *s3.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider(foreignKey, "s", "")
		o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("X-Amz-S3session-Token", "of no session"))
	})
	assertRefused(t, err)
	assert.Len(t, sent.requests(), 1)
}

// foreignKey is a key id of account 999900001111.
const foreignKey = "ASIA6RTVPGNLQAABCIRT"

func TestEndpointFromTheEnvironment(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	t.Setenv("AWS_ENDPOINT_URL", s.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", accessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	host := strings.TrimPrefix(s.URL, "http://")
	g := &fakeGuard{refuse: refuseHost(host)}
	cfg, err := awsconfig.LoadDefaultConfig(context.Background(), awsconfig.WithAPIOptions([]func(*middleware.Stack) error{awsmiddleware.New(g)}))
	require.NoError(t, err)
	_, err = sqs.NewFromConfig(cfg).ListQueues(context.Background(), &sqs.ListQueuesInput{})
	assertRefused(t, err)
	assert.Equal(t, []string{host}, g.wireHosts())

	t.Setenv("AWS_ENDPOINT_URL_SQS", "http://queue.evil.example")
	_, err = sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.HTTPClient = &recorder{} }).ListQueues(context.Background(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	assert.Equal(t, []string{host, "queue.evil.example"}, g.wireHosts())
}

// Middleware added after ours that moves the request elsewhere comes before the check all the same.
func TestMiddlewareAddedLaterIsSeen(t *testing.T) {
	move := func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Move", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			in.Request.(*smithyhttp.Request).URL.Host = "evil.example"
			return next.HandleDeserialize(ctx, in)
		}), middleware.After)
	}
	g, sent := &fakeGuard{refuse: refuseHost("evil.example")}, &recorder{}
	client := sqs.NewFromConfig(config("", awsmiddleware.New(g)), func(o *sqs.Options) { o.HTTPClient = sent })
	_, err := client.ListQueues(context.Background(), &sqs.ListQueuesInput{}, sqs.WithAPIOptions(move))
	assertRefused(t, err)
	assert.Empty(t, sent.requests())
}

// The SDK's client follows a 307 by itself: the response from where it ended is withheld.
func TestARedirectOfTheSDKsClientIsJudged(t *testing.T) {
	evil := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "data") })
	origin := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, evil.URL+"/elsewhere", http.StatusTemporaryRedirect)
	})
	get := func(client *s3.Client) (string, error) {
		out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
		if err != nil {
			return "", err
		}
		defer out.Body.Close()
		data, err := io.ReadAll(out.Body)
		return string(data), err
	}
	evilHost, originHost := strings.TrimPrefix(evil.URL, "http://"), strings.TrimPrefix(origin.URL, "http://")

	for name, c := range map[string]struct {
		client aws.HTTPClient
		wire   []string
	}{
		"the SDK's own":           {nil, []string{originHost, evilHost}},
		"WithHTTPClient":          {&http.Client{}, []string{originHost, evilHost}},
		"WithHTTPClient, guarded": {&http.Client{}, []string{originHost}},
	} {
		t.Run(name, func(t *testing.T) {
			g := &fakeGuard{}
			if strings.HasSuffix(name, "guarded") {
				c.client = &http.Client{Transport: &httpguard.Transport{Guard: g, Base: &http.Transport{}}}
			}
			client := s3.NewFromConfig(config(origin.URL, awsmiddleware.New(g)), func(o *s3.Options) {
				o.UsePathStyle = true
				if c.client != nil {
					o.HTTPClient = c.client
				}
			})
			data, err := get(client)
			require.NoError(t, err)
			assert.Equal(t, "data", data)
			assert.Equal(t, c.wire, g.wireHosts())
			if strings.HasSuffix(name, "guarded") {
				require.Len(t, g.seen(policy.ViaTransport), 1, "only the hop that nobody had judged")
				assert.Equal(t, evilHost, g.seen(policy.ViaTransport)[0].HTTP.URL.Host)
			}

			g.refuse = refuseHost(evilHost)
			_, err = get(client)
			assertRefused(t, err)
		})
	}
}

// A call judged by the middleware passes a guarded HTTP client without being asked about again.
func TestAGuardedHTTPClientAsksNothingMore(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	g := &fakeGuard{}
	cfg := config(s.URL, awsmiddleware.New(g))
	cfg.HTTPClient = &http.Client{Transport: &httpguard.Transport{Guard: g, Base: &http.Transport{}}}
	_, err := sqs.NewFromConfig(cfg).ListQueues(context.Background(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	assert.Empty(t, g.seen(policy.ViaTransport))

	g.refuse = via(policy.ViaTransport)
	cfg.APIOptions = nil
	_, err = sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.Retryer = noDelay() }).ListQueues(context.Background(), &sqs.ListQueuesInput{})
	assertRefused(t, err)
	assert.Len(t, g.seen(policy.ViaTransport), 1, "without the middleware it is an HTTP request, refused and not retried")
}

// A trace hook cannot send a judged call elsewhere.
func TestATraceHookCannotMoveACall(t *testing.T) {
	evil := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Error("reached") })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	u, err := url.Parse(evil.URL)
	require.NoError(t, err)
	var request *http.Request
	keep := func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Keep", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			request = in.Request.(*smithyhttp.Request).Request
			return next.HandleDeserialize(ctx, in)
		}), middleware.After)
	}
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GetConn: func(string) { request.URL.Host = u.Host },
	})
	g := &fakeGuard{}
	_, err = sqs.NewFromConfig(config(s.URL, awsmiddleware.New(g), keep)).ListQueues(ctx, &sqs.ListQueuesInput{})
	require.NoError(t, err)
}

func TestTheMarkEndsWithTheResponse(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	out, err := sqs.NewFromConfig(config(s.URL, awsmiddleware.New(&fakeGuard{}))).ListQueues(context.Background(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	raw, ok := awsRawResponse(out.ResultMetadata)
	require.True(t, ok)
	assert.False(t, judged.Is(raw.Request))
}

// respelling is a signer whose key is another account's, and that writes the signature in a way of
// its own.
type respelling struct {
	change func(h http.Header, signature string)
}

func (s respelling) SignHTTP(ctx context.Context, _ aws.Credentials, r *http.Request, hash, service, region string, at time.Time, opts ...func(*v4.SignerOptions)) error {
	key := aws.Credentials{AccessKeyID: foreignKey, SecretAccessKey: "s"}
	err := v4.NewSigner().SignHTTP(ctx, key, r, hash, service, region, at, opts...)
	signature := r.Header.Get("Authorization")
	r.Header.Del("Authorization")
	s.change(r.Header, signature)
	return err
}

// They show wherever a server may find them.
func TestForeignKeysShowInAnySpelling(t *testing.T) {
	own := func(signature string) string { return strings.Replace(signature, foreignKey, accessKey, 1) }
	for name, change := range map[string]func(h http.Header, signature string){
		"as it comes":        func(h http.Header, s string) { h["Authorization"] = []string{s} },
		"lower case":         func(h http.Header, s string) { h["authorization"] = []string{s} },
		"upper case":         func(h http.Header, s string) { h["AUTHORIZATION"] = []string{s} },
		"scheme":             func(h http.Header, s string) { h["Authorization"] = []string{"aws4" + s[4:]} },
		"blank":              func(h http.Header, s string) { h["Authorization"] = []string{" " + s} },
		"version 2":          func(h http.Header, s string) { h["Authorization"] = []string{"AWS " + foreignKey + ":0"} },
		"beside another":     func(h http.Header, s string) { h["Authorization"] = []string{"Bearer x", s} },
		"after one's own":    func(h http.Header, s string) { h["Authorization"] = []string{own(s), s} },
		"under one's own":    func(h http.Header, s string) { h["Authorization"], h["authorization"] = []string{own(s)}, []string{s} },
		"second credentials": func(h http.Header, s string) { h["Authorization"] = []string{own(s) + ", " + s} },
	} {
		g, _ := guarded(t, "on_violation: block\nwhitelist:\n- aws: sqs:SendMessage\n")
		for first := range 2 { // a retry is judged like a first attempt
			sent := &recorder{respond: func(int) (int, string) { return http.StatusServiceUnavailable, "" }}
			attempt := 0
			client := sqs.NewFromConfig(config("", g.AWS()...), func(o *sqs.Options) {
				o.HTTPClient, o.Retryer = sent, noDelay()
				o.HTTPSignerV4 = respelling{func(h http.Header, s string) {
					if attempt++; attempt > first {
						change(h, s)
					}
				}}
			})
			_, err := client.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: receive.QueueUrl, MessageBody: aws.String("x")})
			var blocked *guard.BlockedError
			assert.ErrorAs(t, err, &blocked, name)
			assert.Len(t, sent.requests(), first, name)
		}
		g.Uninstall()
	}
}
