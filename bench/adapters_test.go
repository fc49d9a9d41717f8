package bench

//lint:file-ignore SA1019 otelaws is what functions have today, maintained or not

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/httpguard"
	"github.com/outguard/outguard/policy"
)

// passing is a guard that lets everything pass: what is left is the adapter's own cost.
type passing struct{}

func (passing) Check(context.Context, policy.Call) error { return nil }

type noopTransport struct{ resp *http.Response }

func (t noopTransport) RoundTrip(*http.Request) (*http.Response, error) { return t.resp, nil }

// BenchmarkRoundTrip is a request with five headers over a transport that does nothing.
func BenchmarkRoundTrip(b *testing.B) {
	r, err := http.NewRequest("POST", "https://api.stripe.com/v1/charges?expand=x", strings.NewReader("amount=100"))
	if err != nil {
		b.Fatal(err)
	}
	for _, k := range []string{"Accept", "Authorization", "Content-Type", "User-Agent", "Idempotency-Key"} {
		r.Header.Set(k, "some value")
	}
	base := noopTransport{&http.Response{StatusCode: 200, Body: http.NoBody}}
	for _, c := range []struct {
		name string
		rt   http.RoundTripper
	}{
		{"bare", base},
		{"adapter", &httpguard.Transport{Guard: passing{}, Base: base}},
		{"guarded", newGuard(b, tenRules).Transport(base)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.rt.RoundTrip(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// sqsNothing is an HTTP client that sends nothing and answers as SQS does.
type sqsNothing struct{}

func (sqsNothing) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(
		`{"MessageId":"1","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6"}`))}, nil
}

type apiOption = func(*middleware.Stack) error

// sendMessage returns one SQS SendMessage of a client with the API options.
func sendMessage(b *testing.B, options ...apiOption) func() {
	client := sqs.New(sqs.Options{
		Region:     "eu-west-1",
		HTTPClient: sqsNothing{},
		APIOptions: options,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "ASIARTX3GSDSQAABCDEF", SecretAccessKey: "s"}, nil
		}),
	})
	in := &sqs.SendMessageInput{QueueUrl: aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/orders"), MessageBody: aws.String("x")}
	return func() {
		if _, err := client.SendMessage(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// sendMessages are the ways to send that are compared.
func sendMessages(b *testing.B) (names []string, calls map[string]func()) {
	otel := func() []apiOption {
		var o []apiOption
		otelaws.AppendMiddlewares(&o)
		return o
	}
	return []string{"bare", "adapter", "guarded", "otelaws"}, map[string]func(){
		"bare":    sendMessage(b),
		"adapter": sendMessage(b, awsmiddleware.New(passing{})),
		"guarded": sendMessage(b, newGuard(b, tenRules).AWS()...),
		"otelaws": sendMessage(b, otel()...),
	}
}

func BenchmarkSendMessage(b *testing.B) {
	names, calls := sendMessages(b)
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				calls[name]()
			}
		})
	}
}

// BenchmarkSendMessageOverhead takes the calls in turns, some dozens of each, so that what else the machine does falls on all alike, and
// reports the share that each costs over the bare call, in percent.
func BenchmarkSendMessageOverhead(b *testing.B) {
	names, calls := sendMessages(b)
	const turn = 32
	spent := map[string]time.Duration{}
	for b.Loop() {
		for _, name := range names {
			call, start := calls[name], time.Now()
			for range turn {
				call()
			}
			spent[name] += time.Since(start)
		}
	}
	for _, name := range names[1:] {
		b.ReportMetric(100*(float64(spent[name])/float64(spent["bare"])-1), name+"-%")
	}
	b.ReportMetric(float64(spent["bare"].Nanoseconds())/float64(b.N*turn), "bare-ns")
}
