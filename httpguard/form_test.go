package httpguard

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/policy"
)

type guardFunc func(policy.Call) error

func (f guardFunc) Check(_ context.Context, c policy.Call) error { return f(c) }

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type closed struct {
	io.Reader
	times int
}

func (c *closed) Close() error { c.times++; return nil }

// A form for AWS that cannot be read again, as the SDK makes it, is there for the guard and for
// the network.
func TestForms(t *testing.T) {
	long := "Action=Publish&Message=" + strings.Repeat("x", awscall.MostForm)
	for _, tt := range []struct {
		name, url, contentType, form string
		again                        bool
		target                       string
	}{
		{"a form for AWS", "https://SNS.eu-west-1.amazonaws.com/", "application/x-www-form-urlencoded; charset=utf-8", "Action=Publish", true, ""},
		{"too long a form", "https://sns.eu-west-1.amazonaws.com/", "application/x-www-form-urlencoded", long, true, ""},
		{"an upload by a form", "https://receipts.s3.eu-west-1.amazonaws.com/", "Multipart/Form-Data; boundary=x", "--x--", true, ""},
		{"a form for others", "https://example.com/", "application/x-www-form-urlencoded", "Action=Publish", false, ""},
		{"JSON for a target", "https://sqs.eu-west-1.amazonaws.com/", "application/x-amz-json-1.0", "{}", true, "AmazonSQS.ListQueues"},
		{"too long JSON", "https://sqs.eu-west-1.amazonaws.com/", "application/x-amz-json-1.0", long, false, "AmazonSQS.SendMessage"},
		{"JSON", "https://sqs.eu-west-1.amazonaws.com/", "application/x-amz-json-1.0", "{}", false, ""},
	} {
		c := &closed{Reader: iotest.OneByteReader(strings.NewReader(tt.form))}
		r, err := http.NewRequest(http.MethodPost, tt.url, c)
		require.NoError(t, err)
		r.ContentLength = int64(len(tt.form))
		r.Header.Set("Content-Type", tt.contentType)
		if tt.target != "" {
			r.Header["x-amz-target"] = []string{tt.target}
		}
		got := ""
		transport := &Transport{
			Guard: guardFunc(func(c policy.Call) error {
				assert.Equal(t, tt.again, c.HTTP.GetBody != nil, tt.name)
				if tt.again {
					b, err := c.HTTP.GetBody()
					require.NoError(t, err)
					text, _ := io.ReadAll(b)
					assert.Equal(t, tt.form[:min(len(tt.form), awscall.MostForm+1)], string(text), tt.name)
				}
				return nil
			}),
			Base: transportFunc(func(r *http.Request) (*http.Response, error) {
				text, err := io.ReadAll(r.Body)
				got = string(text)
				_ = r.Body.Close()
				return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, err
			}),
		}
		_, err = transport.RoundTrip(r)
		require.NoError(t, err)
		assert.Equal(t, tt.form, got, tt.name)
		assert.Equal(t, 1, c.times, tt.name)
		assert.Nil(t, r.GetBody, "the caller's request is as it was")
	}
}

func TestAFormThatCannotBeReadIsNotSent(t *testing.T) {
	broken := errors.New("broken")
	c := &closed{Reader: iotest.ErrReader(broken)}
	r, err := http.NewRequest(http.MethodPost, "https://sns.eu-west-1.amazonaws.com/", c)
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	never := func() error { t.Error("it is not asked about, nor sent"); return nil }
	transport := &Transport{
		Guard: guardFunc(func(policy.Call) error { return never() }),
		Base:  transportFunc(func(*http.Request) (*http.Response, error) { return nil, never() }),
	}
	_, err = transport.RoundTrip(r)
	require.ErrorIs(t, err, broken)
	assert.Equal(t, 1, c.times)
}

func TestAFormThatNobodyWritesEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	body, w := io.Pipe()
	defer w.Close()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://sns.eu-west-1.amazonaws.com/", body)
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	go func() {
		_, _ = w.Write([]byte("Action=Pub")) // it is being read
		cancel()
	}()
	_, err = (&Transport{Guard: guardFunc(func(policy.Call) error { return nil })}).RoundTrip(r)
	require.ErrorIs(t, err, context.Canceled)
}

// A body that neither comes nor ends by being closed: the request ends with its context, and the
// body is closed once.
func TestAFormThatCannotBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	never := make(chan struct{})
	defer close(never)
	c := &closed{Reader: readerFunc(func([]byte) (int, error) { cancel(); <-never; return 0, io.EOF })}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://sns.eu-west-1.amazonaws.com/", c)
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = (&Transport{Guard: guardFunc(func(policy.Call) error { return nil })}).RoundTrip(r)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, c.times)
}

// What is judged is the body, not what GetBody says that it was.
func TestAFormIsItsBody(t *testing.T) {
	r, err := http.NewRequest(http.MethodPost, "https://iam.amazonaws.com/", strings.NewReader("Action=GetUser"))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("Action=DeleteUser")), int64(len("Action=DeleteUser"))
	text := func(body io.ReadCloser, err error) string {
		require.NoError(t, err)
		b, err := io.ReadAll(body)
		require.NoError(t, err)
		return string(b)
	}
	transport := &Transport{
		Guard: guardFunc(func(c policy.Call) error {
			assert.Equal(t, "Action=DeleteUser", text(c.HTTP.GetBody()))
			return nil
		}),
		Base: transportFunc(func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, "Action=DeleteUser", text(r.Body, nil))
			return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
		}),
	}
	_, err = transport.RoundTrip(r)
	require.NoError(t, err)
}

// ending is a body that ends the goroutine that reads it.
type ending struct{}

func (ending) Read([]byte) (int, error) {
	runtime.Goexit()
	return 0, nil
}

func TestABodyThatEndsItsReader(t *testing.T) {
	r, err := http.NewRequest("POST", "https://sqs.eu-west-1.amazonaws.com/", ending{})
	require.NoError(t, err)
	_, err = (&Transport{Guard: &fakeGuard{}, Base: roundTripper(noop)}).RoundTrip(r)
	assert.ErrorIs(t, err, errEnded)
}

// Long JSON says nothing to the guard, and net/http can send it again as before.
func TestLongJSONKeepsItsGetBody(t *testing.T) {
	text := `{"MessageBody":"` + strings.Repeat("x", awscall.MostForm) + `"}`
	for _, url := range []string{"https://sqs.eu-west-1.amazonaws.com/", "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-pro-v1:0/converse"} {
		r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(text))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		if strings.Contains(url, "sqs") {
			r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
		}
		sent := false
		transport := &Transport{
			Guard: guardFunc(func(c policy.Call) error {
				assert.Nil(t, c.HTTP.GetBody, "what it gives need not be what is sent")
				return nil
			}),
			Base: transportFunc(func(r *http.Request) (*http.Response, error) {
				sent = true
				require.NotNil(t, r.GetBody, url)
				again, err := r.GetBody()
				require.NoError(t, err)
				got, err := io.ReadAll(again)
				assert.Equal(t, text, string(got), url)
				return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, err
			}),
		}
		_, err = transport.RoundTrip(r)
		require.NoError(t, err)
		assert.True(t, sent)
	}
}

// The body of a stream of events is not read: its sender may write only once the response is there.
func TestAStreamOfEventsIsNotReadAhead(t *testing.T) {
	for _, tt := range []struct{ url, target string }{
		{"https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-sonic-v1:0/invoke-with-bidirectional-stream", ""},
		{"https://transcribestreaming.us-east-1.amazonaws.com/stream-transcription", "com.amazonaws.transcribe.Transcribe.StartStreamTranscription"},
	} {
		body, events := io.Pipe()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.url, body)
		require.NoError(t, err)
		r.GetBody = func() (io.ReadCloser, error) { return http.NoBody, nil }
		r.Header.Set("Content-Type", "application/vnd.amazon.eventstream")
		if tt.target != "" {
			r.Header.Set("X-Amz-Target", tt.target)
		}
		var sent string
		transport := &Transport{
			Guard: guardFunc(func(c policy.Call) error {
				assert.Nil(t, c.HTTP.GetBody, tt.url)
				return nil
			}),
			Base: transportFunc(func(r *http.Request) (*http.Response, error) {
				go func() { // the response has come
					_, _ = io.WriteString(events, "event")
					events.Close()
				}()
				text, err := io.ReadAll(r.Body)
				sent = string(text)
				return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, err
			}),
		}
		_, err = transport.RoundTrip(r)
		require.NoError(t, err, tt.url)
		assert.Equal(t, "event", sent, tt.url)
	}
}
