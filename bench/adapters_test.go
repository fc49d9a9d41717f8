package bench

//lint:file-ignore SA1019 otelaws is what functions have today, maintained or not

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
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

// fiveHeaders is a request with five headers.
func fiveHeaders(b *testing.B) *http.Request {
	r, err := http.NewRequest("POST", "https://api.stripe.com/v1/charges?expand=x", strings.NewReader("amount=100"))
	if err != nil {
		b.Fatal(err)
	}
	for _, k := range []string{"Accept", "Authorization", "Content-Type", "User-Agent", "Idempotency-Key"} {
		r.Header.Set(k, "some value")
	}
	return r
}

// roundTrips are a transport that does nothing, and the same one guarded.
func roundTrips(b *testing.B) (names []string, trips map[string]http.RoundTripper) {
	base := noopTransport{&http.Response{StatusCode: 200, Body: http.NoBody}}
	return []string{"bare", "adapter", "guarded"}, map[string]http.RoundTripper{
		"bare":    base,
		"adapter": &httpguard.Transport{Guard: passing{}, Base: base},
		"guarded": newGuard(b, tenRules).Transport(base),
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	names, trips := roundTrips(b)
	r := fiveHeaders(b)
	for _, name := range names {
		rt := trips[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := rt.RoundTrip(r); err != nil {
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

// sqsLoopback is an HTTP client for a server on the loopback interface that answers as SQS does, by
// TLS, whatever host is asked for.
func sqsLoopback(b testing.TB) *http.Client {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, _ := sqsNothing{}.Do(r)
		_, _ = io.Copy(w, answer.Body)
	}))
	b.Cleanup(s.Close)
	client := s.Client()
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig.ServerName = "example.com" // what the server's certificate is for
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}
	return client
}

// sendMessage returns one SQS SendMessage of a client with the API options.
func sendMessage(b testing.TB, over sqs.HTTPClient, options ...apiOption) func() {
	client := sqs.New(sqs.Options{
		Region:     "eu-west-1",
		HTTPClient: over,
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
func sendMessages(b *testing.B, over sqs.HTTPClient) (names []string, calls map[string]func()) {
	otel := func() []apiOption {
		var o []apiOption
		otelaws.AppendMiddlewares(&o)
		return o
	}
	return []string{"bare", "adapter", "guarded", "otelaws"}, map[string]func(){
		"bare":    sendMessage(b, over),
		"adapter": sendMessage(b, over, awsmiddleware.New(passing{})),
		"guarded": sendMessage(b, over, newGuard(b, tenRules).AWS()...),
		"otelaws": sendMessage(b, over, otel()...),
	}
}

func BenchmarkSendMessage(b *testing.B) {
	names, calls := sendMessages(b, sqsNothing{})
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				calls[name]()
			}
		})
	}
}

// quickest takes the calls in turns, a few of each, and returns what a call takes in its quickest
// turn: what else the machine does makes turns slower, never quicker.
func quickest(b *testing.B, turn int, names []string, calls map[string]func()) map[string]float64 {
	least := map[string]float64{}
	for b.Loop() {
		for _, name := range names {
			call, start := calls[name], time.Now()
			for range turn {
				call()
			}
			if spent := float64(time.Since(start)) / float64(turn); least[name] == 0 || spent < least[name] {
				least[name] = spent
			}
		}
	}
	return least
}

// usual is quickest's median, for calls that wait for something: a call of each in turns.
func usual(b *testing.B, names []string, calls map[string]func()) map[string]float64 {
	spent := map[string][]float64{}
	for n := 0; b.Loop(); n++ {
		for i := range names {
			name := names[(n+i)%len(names)] // nobody always goes first
			start := time.Now()
			calls[name]()
			spent[name] = append(spent[name], float64(time.Since(start)))
		}
	}
	median := map[string]float64{}
	for name, all := range spent {
		slices.Sort(all)
		median[name] = all[len(all)/2]
	}
	return median
}

// BenchmarkSendMessageOverhead compares in one run. It reports what each way costs over the bare
// call, in percent.
func BenchmarkSendMessageOverhead(b *testing.B) {
	names, calls := sendMessages(b, sqsNothing{})
	reportOver(b, names, quickest(b, 8, names, calls))
}

// BenchmarkSendMessageLoopback is the same by TLS over the loopback interface: what is nearest to a
// real call.
func BenchmarkSendMessageLoopback(b *testing.B) {
	names, calls := sendMessages(b, sqsLoopback(b))
	reportOver(b, names, usual(b, names, calls))
}

func reportOver(b *testing.B, names []string, spent map[string]float64) {
	for _, name := range names[1:] {
		b.ReportMetric(100*(spent[name]/spent["bare"]-1), name+"-%")
	}
	b.ReportMetric(spent["bare"], "bare-ns")
}

// BenchmarkRoundTripQuickest is BenchmarkRoundTrip for a machine that is busy with other things.
func BenchmarkRoundTripQuickest(b *testing.B) {
	names, trips := roundTrips(b)
	calls, r := map[string]func(){}, fiveHeaders(b)
	for name, rt := range trips {
		calls[name] = func() {
			if _, err := rt.RoundTrip(r); err != nil {
				b.Fatal(err)
			}
		}
	}
	for name, ns := range quickest(b, 64, names, calls) {
		b.ReportMetric(ns, name+"-ns")
	}
}
