package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/guard"
	"github.com/outguard/outguard/notify"
)

// Real clients over the real guard: what a person sees of a call.

// guarded returns a guard with a policy, and a function for its alerts so far.
func guarded(t *testing.T, rules string) (*guard.Guard, func() []notify.Alert) {
	t.Helper()
	var out bytes.Buffer
	g, err := guard.Load(&guard.Options{
		Policy: []byte("version: 1\n" + rules), Function: "checkout", Region: "eu-west-1", Account: "111122223333",
		Stdout: &out, Getenv: func(string) string { return "" },
	})
	require.NoError(t, err)
	t.Cleanup(g.Uninstall)
	return g, func() (alerts []notify.Alert) {
		require.NoError(t, g.Flush(context.Background()))
		lines := bufio.NewScanner(bytes.NewReader(out.Bytes()))
		for lines.Scan() {
			var a notify.Alert
			if json.Unmarshal(lines.Bytes(), &a) == nil && a.Schema == notify.Schema {
				alerts = append(alerts, a)
			}
		}
		return alerts
	}
}

const noReads = `
blacklist:
  - aws: sqs:*
    access: read
    except: sqs:GetQueueUrl
    reason: checkout publishes to queues, it never reads them
`

var receive = &sqs.ReceiveMessageInput{QueueUrl: aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/orders")}

func TestOneAlertForAllAttempts(t *testing.T) {
	g, alerts := guarded(t, "on_violation: alert"+noReads)
	sent := &recorder{respond: func(int) (int, string) { return http.StatusServiceUnavailable, "" }}
	client := sqs.NewFromConfig(config("", g.AWS()...), func(o *sqs.Options) { o.HTTPClient = sent; o.Retryer = noDelay() })
	_, err := client.ReceiveMessage(context.Background(), receive)
	require.Error(t, err)
	assert.Len(t, sent.requests(), 3, "the call goes out")
	got := alerts()
	require.Len(t, got, 1)
	assert.Equal(t, 1, got[0].Count)
	assert.Equal(t, "ReceiveMessage", got[0].Call.Operation)
	assert.Equal(t, "checkout publishes to queues, it never reads them", got[0].Reason)
}

// A violation that only the wire shows is also one alert for all attempts.
func TestOneAlertForAllAttemptsElsewhere(t *testing.T) {
	g, alerts := guarded(t, "on_violation: alert\nwhitelist:\n  - aws: sqs:*\n")
	sent := &recorder{respond: func(int) (int, string) { return http.StatusServiceUnavailable, "" }}
	client := sqs.NewFromConfig(config("https://sqs.evil.example", g.AWS()...), func(o *sqs.Options) { o.HTTPClient = sent; o.Retryer = noDelay() })
	_, err := client.ReceiveMessage(context.Background(), receive)
	require.Error(t, err)
	assert.Len(t, sent.requests(), 3)
	got := alerts()
	require.Len(t, got, 1)
	assert.Equal(t, 1, got[0].Count)
}

func TestABlockIsFoundThroughTheSDKsErrors(t *testing.T) {
	g, alerts := guarded(t, "on_violation: block"+noReads)
	sent := &recorder{}
	client := sqs.NewFromConfig(config("", g.AWS()...), func(o *sqs.Options) { o.HTTPClient = sent })
	_, err := client.ReceiveMessage(context.Background(), receive)
	var blocked *guard.BlockedError
	require.ErrorAs(t, err, &blocked)
	assert.Empty(t, sent.requests())
	assert.Len(t, alerts(), 1)

	_, err = client.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: receive.QueueUrl, MessageBody: aws.String("x")})
	assert.NoError(t, err)
}

// An overridden endpoint must be allowed as http: too.
func TestAnEmulatorIsAllowedAsHTTP(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	send := func(rules string) error {
		g, _ := guarded(t, "on_violation: block\nwhitelist:\n  - aws: sqs:SendMessage\n"+rules)
		_, err := sqs.NewFromConfig(config(s.URL, g.AWS()...)).
			SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: receive.QueueUrl, MessageBody: aws.String("x")})
		return err
	}
	var blocked *guard.BlockedError
	assert.ErrorAs(t, send(""), &blocked)
	assert.NoError(t, send("  - http: "+s.URL+"\n"))
}

// Stolen data usually leaves through S3, to a bucket of the thief's and with the thief's keys.
func TestDataDoesNotLeaveWithForeignKeys(t *testing.T) {
	put := func(g *guard.Guard, key string) (int, error) {
		sent := &recorder{}
		client := s3.NewFromConfig(config("", g.AWS()...), func(o *s3.Options) {
			o.HTTPClient = sent
			o.Credentials = credentials.NewStaticCredentialsProvider(key, "s", "")
		})
		_, err := client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String("k"), Body: strings.NewReader("x")})
		return len(sent.requests()), err
	}
	g, alerts := guarded(t, "on_violation: block\nwhitelist:\n  - aws: s3:PutObject\n    resources: receipts/*\n")
	n, err := put(g, accessKey)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	n, err = put(g, foreignKey)
	var blocked *guard.BlockedError
	require.ErrorAs(t, err, &blocked)
	assert.Zero(t, n)
	got := alerts()
	require.Len(t, got, 1)
	assert.Equal(t, "foreign-credentials", got[0].Rule)

	g, _ = guarded(t, "on_violation: block\nwhitelist:\n  - aws: s3:PutObject\n    resources: receipts/*\n    accounts: [self, \"999900001111\"]\n")
	_, err = put(g, foreignKey)
	assert.NoError(t, err)
}

// A call of a client without the option, but on http.DefaultTransport, is judged as the AWS call
// that it is.
func TestAnSDKClientOnTheDefaultTransport(t *testing.T) {
	g, alerts := guarded(t, "on_violation: block"+noReads)
	_ = g.Install()
	client := sqs.NewFromConfig(config(""), func(o *sqs.Options) { o.HTTPClient = http.DefaultClient })
	_, err := client.ReceiveMessage(context.Background(), receive)
	var blocked *guard.BlockedError
	require.ErrorAs(t, err, &blocked)
	assert.Len(t, alerts(), 1, "not retried")
}

func TestAnSDKCallThroughAGuardedHTTPClientIsToldOnce(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	g, alerts := guarded(t, "on_violation: alert"+noReads)
	client := sqs.NewFromConfig(config("", g.AWS()...), func(o *sqs.Options) {
		o.HTTPClient = &http.Client{Transport: g.Transport(&http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return u, nil }})}
		o.BaseEndpoint = aws.String("http://sqs.eu-west-1.amazonaws.com") // plain, so that the stand-in proxy answers
	})
	_, err = client.ReceiveMessage(context.Background(), receive)
	require.NoError(t, err)
	got := alerts()
	require.Len(t, got, 1)
	assert.Equal(t, "sdk", got[0].Call.Via)
}

func TestRedirectsOfPlainHTTP(t *testing.T) {
	evil := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "x") })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, evil.URL, http.StatusFound) })
	g, alerts := guarded(t, "on_violation: block\nwhitelist:\n  - http: "+s.URL+"\n")
	_, err := (&http.Client{Transport: g.Transport(&http.Transport{})}).Get(s.URL)
	var blocked *guard.BlockedError
	require.ErrorAs(t, err, &blocked)
	got := alerts()
	require.Len(t, got, 1)
	assert.Contains(t, got[0].Call.URL, strings.TrimPrefix(evil.URL, "http://"))
}

func TestInstalledOverARealPolicy(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	local := "http://localhost:" + port
	for _, c := range []struct {
		rules, url string
		allowed    bool
	}{
		{"whitelist:\n  - http: " + s.URL, s.URL, true},
		{"whitelist:\n  - http: " + s.URL, local, false},
		{"whitelist:\n  - http: " + local, local, true},
		{"blacklist:\n  - ip: loopback", s.URL, false},
		{"blacklist:\n  - ip: loopback", local, false}, // the name is that of an address
		{"blacklist:\n  - http: evil.example", local, true},
		{"blacklist:\n  - http: localhost", local, false},
	} {
		g, alerts := guarded(t, "on_violation: block\n"+c.rules+"\n")
		_ = g.Install()
		resp, err := http.Get(c.url)
		if err == nil {
			require.NoError(t, resp.Body.Close())
		}
		http.DefaultClient.CloseIdleConnections() // the next policy has a dial to judge
		var blocked *guard.BlockedError
		if c.allowed {
			assert.NoError(t, err, "%+v", c)
			assert.Empty(t, alerts(), "%+v", c)
		} else {
			assert.ErrorAs(t, err, &blocked, "%+v", c)
			assert.Len(t, alerts(), 1, "%+v", c)
		}
		g.Uninstall()
	}
}
