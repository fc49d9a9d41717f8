// Package notify compares what the sinks send to AWS with what the SDK's own clients send.
package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/notify/notifytest"
)

// A wire keeps the requests that it is given and answers them all by one response.
type wire struct {
	response string
	sent     []*http.Request
	bodies   [][]byte
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	w.sent, w.bodies = append(w.sent, r), append(w.bodies, body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(w.response)), Request: r}, err
}

func (w *wire) Do(r *http.Request) (*http.Response, error) { return w.RoundTrip(r) }

// text is the whole request, as it goes out.
func (w *wire) text(t *testing.T, n int) string {
	r := w.sent[n].Clone(t.Context())
	r.Body = io.NopCloser(bytes.NewReader(w.bodies[n]))
	var b bytes.Buffer
	require.NoError(t, r.Write(&b))
	return b.String()
}

// withoutTelemetry takes out, before signing, the headers by which the SDK counts its users and
// attempts. They are all that the sinks' requests lack.
func withoutTelemetry(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("withoutTelemetry",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			r := in.Request.(*smithyhttp.Request)
			for _, name := range []string{"Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "User-Agent", "X-Amzn-Query-Mode"} {
				r.Header.Del(name)
			}
			return next.HandleFinalize(ctx, in)
		}), "Signing", middleware.Before)
}

// both runs ours and the SDK's at the same time with the same credentials. Neither may use the
// test's context, whose channel would belong to the bubble.
func both(t *testing.T, session, response string, ours func(env *notify.Env) error, theirs func(aws.Config, *wire) error) (a, b *wire) {
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_SESSION_TOKEN": session}
	a, b = &wire{response: response}, &wire{response: response}
	transport := http.DefaultTransport
	http.DefaultTransport = a
	defer func() { http.DefaultTransport = transport }()
	synctest.Test(t, func(t *testing.T) { // one clock, which stands still
		require.NoError(t, ours(notify.ReadEnv(func(name string) string { return env[name] })))
		require.NoError(t, theirs(aws.Config{
			Region: "eu-west-1", HTTPClient: b, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "s3cr3t", session),
			APIOptions: []func(*middleware.Stack) error{withoutTelemetry},
		}, a))
	})
	require.Len(t, b.sent, len(a.sent))
	return a, b
}

// TestSNSSendsWhatTheSDKSends holds requests equal byte for byte, signature included.
func TestSNSSendsWhatTheSDKSends(t *testing.T) {
	one := notifytest.Alerts(1)
	several := append(notifytest.Alerts(3), notifytest.Odd()[2])
	for i := range several {
		several[i].Function = fmt.Sprint("f<&+ é", i) // a group for each, so that a standard topic gets a batch too
	}
	for _, c := range []struct {
		name, topic, session string
		alerts               []notify.Alert
	}{
		{"one", "alerts", "", one},
		{"one, session", "alerts", "session/+=", one},
		{"one, FIFO", "alerts.fifo", "session", one},
		{"batch", "alerts", "", several},
		{"batch, FIFO", "alerts.fifo", "session", several},
	} {
		t.Run(c.name, func(t *testing.T) {
			topic := "arn:aws:sns:eu-west-1:111122223333:" + c.topic
			response := `<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>`
			if len(c.alerts) > 1 {
				response = `<PublishBatchResponse><PublishBatchResult><Successful>`
				for i := range c.alerts {
					response += fmt.Sprintf("<member><Id>m%d</Id><MessageId>m</MessageId></member>", i)
				}
				response += `</Successful></PublishBatchResult></PublishBatchResponse>`
			}
			ours, theirs := both(t, c.session, response, func(env *notify.Env) error {
				return (&notify.SNS{Topic: topic, Env: env}).Notify(context.Background(), c.alerts)
			}, func(cfg aws.Config, ours *wire) error {
				for _, body := range ours.bodies {
					form, err := url.ParseQuery(string(body))
					require.NoError(t, err)
					if err := publish(context.Background(), sns.NewFromConfig(cfg), form); err != nil {
						return err
					}
				}
				return nil
			})
			for i := range ours.sent {
				assert.Equal(t, theirs.text(t, i), ours.text(t, i))
				assert.Contains(t, ours.text(t, i), "Authorization: AWS4-HMAC-SHA256")
			}
		})
	}
}

// publish has the SDK send what form holds.
func publish(ctx context.Context, c *sns.Client, form url.Values) error {
	get := func(name string) *string {
		if !form.Has(name) {
			return nil
		}
		return aws.String(form.Get(name))
	}
	attributes := func(prefix string) map[string]types.MessageAttributeValue {
		all := map[string]types.MessageAttributeValue{}
		for i := 1; ; i++ {
			entry := fmt.Sprintf("%sMessageAttributes.entry.%d.", prefix, i)
			name := get(entry + "Name")
			if name == nil {
				return all
			}
			all[*name] = types.MessageAttributeValue{DataType: get(entry + "Value.DataType"), StringValue: get(entry + "Value.StringValue")}
		}
	}
	if form.Get("Action") == "Publish" {
		_, err := c.Publish(ctx, &sns.PublishInput{
			TopicArn: get("TopicArn"), Subject: get("Subject"), Message: get("Message"), MessageStructure: get("MessageStructure"),
			MessageGroupId: get("MessageGroupId"), MessageDeduplicationId: get("MessageDeduplicationId"), MessageAttributes: attributes(""),
		})
		return err
	}
	in := &sns.PublishBatchInput{TopicArn: get("TopicArn")}
	for i := 1; ; i++ {
		p := fmt.Sprintf("PublishBatchRequestEntries.member.%d.", i)
		if !form.Has(p + "Id") {
			break
		}
		in.PublishBatchRequestEntries = append(in.PublishBatchRequestEntries, types.PublishBatchRequestEntry{
			Id: get(p + "Id"), Subject: get(p + "Subject"), Message: get(p + "Message"), MessageStructure: get(p + "MessageStructure"),
			MessageGroupId: get(p + "MessageGroupId"), MessageDeduplicationId: get(p + "MessageDeduplicationId"), MessageAttributes: attributes(p),
		})
	}
	_, err := c.PublishBatch(ctx, in)
	return err
}

// TestJSONServicesGetWhatTheSDKSends holds method, URL, headers and the JSON of the body equal. The
// order of a JSON object's members may differ, and with it the length and the signature.
func TestJSONServicesGetWhatTheSDKSends(t *testing.T) {
	slack := func(ref string) func(*notify.Env) error {
		return func(env *notify.Env) error {
			// The secret is not a URL, so nothing is sent to Slack.
			assert.ErrorContains(t, (&notify.Slack{URL: ref, Env: env}).Notify(context.Background(), notifytest.Alerts(1)), "the webhook's URL is wrong")
			return nil
		}
	}
	for _, c := range []struct {
		name     string
		response string
		ours     func(*notify.Env) error
		theirs   func(aws.Config, *wire) error
	}{
		{"GetSecretValue", `{"SecretString":"x"}`, slack("secretsmanager:prod/slack"), func(cfg aws.Config, _ *wire) error {
			_, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(context.Background(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("prod/slack")})
			return err
		}},
		{"GetParameter", `{"Parameter":{"Value":"x"}}`, slack("ssm:/prod/slack"), func(cfg aws.Config, _ *wire) error {
			_, err := ssm.NewFromConfig(cfg).GetParameter(context.Background(), &ssm.GetParameterInput{Name: aws.String("/prod/slack"), WithDecryption: aws.Bool(true)})
			return err
		}},
		{"PutEvents", `{"FailedEntryCount":0,"Entries":[{"EventId":"e"}]}`, func(env *notify.Env) error {
			return (&notify.EventBridge{Bus: "security", Env: env}).Notify(context.Background(), notifytest.Alerts(1))
		}, func(cfg aws.Config, ours *wire) error {
			var in struct{ Entries []struct{ Detail string } }
			require.NoError(t, json.Unmarshal(ours.bodies[0], &in))
			_, err := eventbridge.NewFromConfig(cfg).PutEvents(context.Background(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
				Source: aws.String("outguard"), DetailType: aws.String("Outguard Violation"), EventBusName: aws.String("security"),
				Detail: &in.Entries[0].Detail, Time: aws.Time(notifytest.Alert(0).Time),
			}}})
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ours, theirs := both(t, "session", c.response, c.ours, c.theirs)
			require.Len(t, ours.sent, 1)
			a, b := ours.sent[0], theirs.sent[0]
			assert.Equal(t, b.Method+" "+b.URL.String(), a.Method+" "+a.URL.String())
			assert.JSONEq(t, string(theirs.bodies[0]), string(ours.bodies[0]))
			if len(ours.bodies[0]) == len(theirs.bodies[0]) && !bytes.Equal(ours.bodies[0], theirs.bodies[0]) {
				a.Header.Del("Authorization")
				b.Header.Del("Authorization")
			}
			assert.Equal(t, b.Header, a.Header)
		})
	}
}

// A code that the SDK takes for throttling or a passing fault is one for the sinks too.
func TestTheSinksRetryTheCodesThatTheSDKRetries(t *testing.T) {
	codes := map[string]struct{}{"KMSThrottlingException": {}, "KMSThrottling": {}}
	for _, all := range []map[string]struct{}{retry.DefaultThrottleErrorCodes, retry.DefaultRetryableErrorCodes} {
		for code := range all {
			codes[code] = struct{}{}
		}
	}
	for code := range codes {
		t.Run(code, func(t *testing.T) {
			calls := 0
			transport := http.DefaultTransport
			defer func() { http.DefaultTransport = transport }()
			http.DefaultTransport = roundTrip(func(r *http.Request) (*http.Response, error) {
				calls++
				body := `<ErrorResponse><Error><Code>` + code + `</Code></Error></ErrorResponse>`
				return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
			})
			env := notify.ReadEnv(func(name string) string {
				return map[string]string{"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}[name]
			})
			synctest.Test(t, func(t *testing.T) {
				assert.Error(t, (&notify.SNS{Topic: "arn:aws:sns:eu-west-1:1:a", Env: env}).Notify(context.Background(), notifytest.Alerts(1)))
			})
			assert.Equal(t, 4, calls)
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
