package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/sinkmark"
)

// A page with status 200 does not prove that anything has arrived.
func TestAPageOfHTMLIsAFault(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<html>sign in to the guest network</html>")
	}))
	defer server.Close()
	env := testEnv(map[string]string{"AWS_ENDPOINT_URL": server.URL})
	for name, n := range map[string]Notifier{
		"slack":         &Slack{URL: server.URL + "/services/T/B/x", Env: env},
		"slack's token": &Slack{Token: "xoxb-1", Channel: "c", API: server.URL, Env: env},
		"webhook":       &Webhook{URL: server.URL, Env: env},
		"sns":           &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:a", Env: env},
		"eventbridge":   &EventBridge{Bus: "b", Env: env},
	} {
		var failed *DeliveryError
		require.ErrorAs(t, n.Notify(sinkmark.With(t.Context()), examples["seen_http"]), &failed, name)
		assert.False(t, failed.Permanent, name)
	}
}

// No kind of sink takes a response for a confirmation that does not confirm.
func TestWhatConfirmsNothing(t *testing.T) {
	t.Parallel()
	pages := map[string][2]string{ // content type, body
		"upper case":       {"Text/HTML;charset=UTF-8", "<HTML>sign in"},
		"xhtml":            {"application/xhtml+xml", "<html/>"},
		"page as text":     {"text/plain", "\n <!DOCTYPE html><title>sign in"},
		"page as anything": {"application/octet-stream", "<html>sign in"},
	}
	answers := map[string][2]string{
		"okay":       {"text/plain", "okay"},
		"an error":   {"application/json", `{"ok":false,"error":"internal_error"}`},
		"text":       {"application/json", `{"ok":"true"}`},
		"deeper":     {"application/json", `{"error":{"ok":true}}`},
		"a list":     {"application/json", `[{"ok":true}]`},
		"empty":      {"text/plain", ""},
		"half":       {"application/json", `{"ok":tr`},
		"both":       {"application/json", `{"FailedEntryCount":0,"Entries":[{"EventId":"e","ErrorCode":"InternalFailure"}]}`},
		"no entries": {"application/json", `{"FailedEntryCount":0,"Entries":[]}`},
		"blank id":   {"application/json", `{"Entries":[{"EventId":""}]}`},
		"empty xml":  {"text/xml", `<PublishResponse><PublishResult><MessageId></MessageId></PublishResult></PublishResponse>`},
		"other root": {"text/xml", `<Other><PublishResult><MessageId>m</MessageId></PublishResult></Other>`},
	}
	for name, c := range pages {
		answers[name] = c
	}
	var sends sync.WaitGroup
	for name, c := range answers {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", c[0])
			fmt.Fprint(w, c[1])
		}))
		defer server.Close()
		env := testEnv(map[string]string{"AWS_ENDPOINT_URL": server.URL})
		for sink, n := range map[string]Notifier{
			"slack":         &Slack{URL: server.URL + "/services/T/B/x", Env: env},
			"slack's token": &Slack{Token: "xoxb-1", Channel: "c", API: server.URL, Env: env},
			"webhook":       &Webhook{URL: server.URL, Env: env},
			"sns":           &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:a", Env: env},
			"eventbridge":   &EventBridge{Bus: "b", Env: env},
		} {
			if _, page := pages[name]; sink == "webhook" && !page {
				continue // the status confirms
			}
			sends.Go(func() { // each waits between its attempts
				var failed *DeliveryError
				if assert.ErrorAs(t, n.Notify(sinkmark.With(t.Context()), examples["seen_http"]), &failed, "%s: %s", sink, name) {
					assert.False(t, failed.Permanent, "%s: %s", sink, name)
				}
			})
		}
	}
	sends.Wait()
}

// SNS's response counts for the entries that it names, once and without contradiction.
func TestSNSAnswersThatDoNotAddUp(t *testing.T) {
	good := func(id, message string) string {
		return "<member><Id>" + id + "</Id><MessageId>" + message + "</MessageId></member>"
	}
	bad := func(id, code string) string {
		return "<member><Id>" + id + "</Id><Code>" + code + "</Code><SenderFault>true</SenderFault></member>"
	}
	for name, c := range map[string]struct {
		good, bad string
		left      []int
	}{
		"all":            {good("m0", "a") + good("m1", "b") + good("m2", "c"), "", nil},
		"twice the one":  {good("m0", "a") + good("m0", "b") + good("m0", "c"), "", []int{1, 2}},
		"an empty id":    {good("m0", "a") + good("m1", "") + good("m2", "c"), "", []int{1}},
		"unknown names":  {good("m7", "a") + good("", "b") + good("M0", "c"), "", []int{0, 1, 2}},
		"both":           {good("m0", "a") + good("m1", "b") + good("m2", "c"), bad("m1", "InternalError"), []int{1}},
		"without a name": {good("m0", "a") + good("m1", "b"), "<member><Code>InvalidParameter</Code></member>", []int{2}},
		"nothing":        {"", "", []int{0, 1, 2}},
	} {
		response := readBatchPublished([]byte("<PublishBatchResponse><PublishBatchResult><Successful>" + c.good + "</Successful><Failed>" + c.bad +
			"</Failed></PublishBatchResult></PublishBatchResponse>"))
		messages := make([]snsMessage, 3)
		for i := range messages {
			messages[i].subject = strconv.Itoa(i)
		}
		left, err := response.left(messages, nil)
		var got []int
		for _, m := range left {
			i, _ := strconv.Atoi(m.subject)
			got = append(got, i)
		}
		assert.Equal(t, c.left, got, name)
		assert.Equal(t, c.left == nil, err == nil, name)
	}
}

// However much is to be sent at a time, a sink has at most four connections.
func TestASinkHasFourConnections(t *testing.T) {
	t.Parallel()
	var open, most atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") }))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			if n := open.Add(1); n > most.Load() {
				most.Store(n)
			}
		case http.StateClosed:
			open.Add(-1)
		}
	}
	server.Start()
	defer server.Close()
	s := &Slack{URL: server.URL}
	var running sync.WaitGroup
	for range 100 {
		running.Go(func() { assert.NoError(t, s.Notify(sinkmark.With(t.Context()), examples["seen_http"])) })
	}
	running.Wait()
	assert.LessOrEqual(t, most.Load(), int32(4))
	assert.Positive(t, most.Load())
}

// What confirms may be worded otherwise.
func TestWordingsOfSlacksOK(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"ok": true}`, "{\n \"ok\" : true,\"channel\":\"C1\"}", `{"channel":"C1","ok":true}`, `{"ok":true,"ch`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, body) }))
		for _, n := range []Notifier{&Slack{URL: server.URL}, &Slack{Token: "xoxb-1", Channel: "c", API: server.URL}} {
			assert.NoError(t, n.Notify(sinkmark.With(t.Context()), examples["seen_http"]), body)
		}
		server.Close()
	}
}

// AWS is busy by many words. None of them is a refusal.
func TestWordsForThrottling(t *testing.T) {
	t.Parallel()
	throttled := []string{
		"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "throttling",
		"KMSThrottling", "KMSThrottlingException", "EC2ThrottledException", "TooManyRequests", "TooManyRequestsException", "SlowDown",
		"RequestLimitExceeded", "LimitExceeded", "ServiceUnavailable", "ServiceUnavailableException", "InternalError", "InternalFailure",
	}
	for _, code := range throttled {
		assert.True(t, transientCode(code), code)
	}
	for _, code := range []string{"InvalidParameter", "AuthorizationError", "AccessDeniedException", "NotFound", "", noCode} {
		assert.False(t, transientCode(code), code)
	}
	for name, response := range map[string]func(http.ResponseWriter){
		"namespace":        func(w http.ResponseWriter) { fmt.Fprint(w, `{"__type":"com.amazonaws.events#ThrottlingException"}`) },
		"namespace and at": func(w http.ResponseWriter) { fmt.Fprint(w, `{"__type":"a.b#ThrottlingException:http://internal/"}`) },
		"code":             func(w http.ResponseWriter) { fmt.Fprint(w, `{"code":"ThrottlingException"}`) },
		"a code of digits": func(w http.ResponseWriter) { fmt.Fprint(w, `{"code":17,"__type":"ThrottlingException"}`) },
		"header":           func(w http.ResponseWriter) { fmt.Fprint(w, `not JSON`) },
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if name == "header" {
				w.Header().Set("X-Amzn-ErrorType", "ThrottlingException:http://internal/")
			}
			w.WriteHeader(http.StatusBadRequest)
			response(w)
		}))
		var failed *DeliveryError
		e := &EventBridge{Bus: "b", Env: testEnv(map[string]string{"AWS_ENDPOINT_URL": server.URL})}
		require.ErrorAs(t, e.Notify(sinkmark.With(t.Context()), examples["seen_http"]), &failed, name)
		assert.False(t, failed.Permanent, name)
		assert.ErrorContains(t, failed, "throttled: ThrottlingException", name)
		server.Close()
	}
}

// For a guard, a sink does not wait for the time that a receiver asks for: the guard does.
func TestRetryAfterIsLeftToTheGuard(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	var failed *DeliveryError
	require.ErrorAs(t, (&Webhook{URL: server.URL}).Notify(sinkmark.With(t.Context()), examples["seen_http"]), &failed)
	assert.Equal(t, time.Second, failed.RetryAfter)
	assert.Equal(t, 1, asked)
}

// differing returns n alerts that differ.
func differing(n int) []Alert {
	alerts := make([]Alert, n)
	for i := range alerts {
		alerts[i] = examples["blocked_sqs_read"][0]
		alerts[i].Call.Resources = []string{fmt.Sprintf("arn:aws:sqs:eu-west-1:111122223333:queue-%c%c", 'a'+i/26, 'a'+i%26)}
	}
	return alerts
}

// Of a batch that fails in part, each entry is judged by its own code, and the batches after it are
// sent.
func TestABatchThatFailsInPart(t *testing.T) {
	refuse := map[int]string{3: "InvalidParameter", 7: "KMSThrottling", 12: "InternalFailure"}
	sent := 0
	code := func() string { sent++; return refuse[sent-1] }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			var in struct{ Entries []any }
			assert.NoError(t, json.NewDecoder(r.Body).Decode(&in))
			var out []string
			for range in.Entries {
				if c := code(); c != "" {
					out = append(out, `{"ErrorCode":"`+c+`"}`)
				} else {
					out = append(out, `{"EventId":"e"}`)
				}
			}
			fmt.Fprintf(w, `{"FailedEntryCount":1,"Entries":[%s]}`, strings.Join(out, ","))
			return
		}
		assert.NoError(t, r.ParseForm())
		var good, bad string
		for i := 1; r.Form.Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i)) != ""; i++ {
			id := r.Form.Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i))
			if c := code(); c != "" {
				bad += fmt.Sprintf("<member><Id>%s</Id><Code>%s</Code><SenderFault>true</SenderFault></member>", id, c)
			} else {
				good += "<member><Id>" + id + "</Id><MessageId>m</MessageId></member>"
			}
		}
		fmt.Fprintf(w, "<PublishBatchResponse><PublishBatchResult><Successful>%s</Successful><Failed>%s</Failed></PublishBatchResult></PublishBatchResponse>", good, bad)
	}))
	defer server.Close()
	env := testEnv(map[string]string{"AWS_ENDPOINT_URL": server.URL})
	for name, n := range map[string]Notifier{
		"sns":         &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:a.fifo", Env: env},
		"eventbridge": &EventBridge{Bus: "b", Env: env},
	} {
		sent = 0
		alerts := differing(25)
		var failed *DeliveryError
		require.ErrorAs(t, n.Notify(sinkmark.With(t.Context()), alerts), &failed, name)
		assert.GreaterOrEqual(t, sent, 20, "%s: the batches after the first are sent", name)
		resources := func(alerts []Alert) (all []string) {
			for _, a := range alerts {
				all = append(all, a.Call.Resources...)
			}
			return all
		}
		assert.Equal(t, resources(alerts[3:4]), resources(failed.Refused), name)
		assert.Contains(t, resources(failed.Left), alerts[3].Call.Resources[0], name)
		assert.Contains(t, resources(failed.Left), alerts[7].Call.Resources[0], "%s: throttled", name)
		assert.False(t, failed.Permanent, name)
	}
}

// The id of a first sight is one for the fleet and five minutes. That of a sum does not change with
// a retry either, and is not that of the first sight.
func TestFIFOIDs(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	id := func(fingerprint string, after time.Duration, sum bool) string {
		a := Alert{Fingerprint: fingerprint, Time: at.Add(after)}
		if sum {
			a.Since = at
		}
		return fifoID(a)
	}
	assert.Equal(t, id("x", 0, false), id("x", 299*time.Second, false))
	assert.NotEqual(t, id("x", 0, false), id("x", 300*time.Second, false))
	assert.Equal(t, id("x", time.Second, true), id("x", 299*time.Second, true))
	assert.NotEqual(t, id("x", 0, false), id("x", 0, true))
	assert.NotEqual(t, id("x", 0, false), id("y", 0, false))
}

// Long alerts become several messages, each short enough for Slack, and none is left out.
func TestLongAlertsBecomeSeveralSlackMessages(t *testing.T) {
	var messages []message
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m message
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&m))
		messages = append(messages, m)
		if len(messages) == 3 {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprint(w, "ok")
	}))
	defer server.Close()
	alerts := differing(41)
	for i := range alerts {
		alerts[i].Call.Resources[0] += "/" + strings.Repeat("order/", 160)
	}
	s := &Slack{URL: server.URL + "/services/T/B/x"}
	var failed *DeliveryError
	require.ErrorAs(t, s.Notify(t.Context(), alerts), &failed)
	assert.NotEmpty(t, failed.Left)
	assert.Less(t, len(failed.Left), 41, "the first two messages have arrived")
	require.NoError(t, s.Notify(t.Context(), failed.Left))
	text := ""
	for i, m := range messages {
		assert.LessOrEqual(t, m.length(), 12_000)
		if i == 2 {
			continue
		}
		for _, b := range m.Blocks {
			if b.Text != nil {
				text += b.Text.Text
			}
		}
	}
	for _, a := range differing(41) {
		assert.Contains(t, text, a.Call.Resources[0])
	}
}

// A resolver's address says something about the network.
func TestResolverAddressesAreNotShown(t *testing.T) {
	for _, c := range []struct {
		err  net.DNSError
		want string
	}{
		{net.DNSError{Err: "no such host", IsNotFound: true}, "no such host"},
		{net.DNSError{Err: "server misbehaving", IsTemporary: true}, "server misbehaving"},
		{net.DNSError{Err: "read udp 10.0.0.7:41234->10.0.0.2:53: i/o timeout", IsTimeout: true}, "timeout"},
		{net.DNSError{Err: "dial tcp 10.0.0.2:53: connect: connection refused"}, "the resolver cannot be reached"},
		{net.DNSError{Err: "dial udp [fd00::2]:53: connect: network is unreachable"}, "the resolver cannot be reached"},
	} {
		c.err.Name, c.err.Server = "h.example", "10.0.0.2:53"
		err := bare(&url.Error{Err: &net.OpError{Err: &c.err}})
		assert.Equal(t, "lookup h.example: "+c.want, err.Error())
	}
}

// An extension that hangs gets a second; then the service is asked.
func TestAnExtensionThatHangs(t *testing.T) {
	t.Parallel()
	hung := make(chan struct{})
	extension := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-hung }))
	defer extension.Close()
	defer close(hung)
	u, err := url.Parse(extension.URL)
	require.NoError(t, err)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"SecretString":"s3cr3t"}`) }))
	defer service.Close()
	env := testEnv(map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": service.URL, "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": u.Port()})
	l := new(link).open(env)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	secret, err := l.secrets.get(ctx, "secretsmanager:x")
	require.NoError(t, err)
	assert.Equal(t, "s3cr3t", secret)
	assert.False(t, errors.Is(ctx.Err(), context.DeadlineExceeded))
}
