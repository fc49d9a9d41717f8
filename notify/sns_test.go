package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fakeSNS keeps the forms it was sent, and answers by reply.
type fakeSNS struct {
	mu    sync.Mutex
	forms []url.Values
	reply func(w http.ResponseWriter, form url.Values, call int)
}

func (s *fakeSNS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	s.mu.Lock()
	s.forms = append(s.forms, form)
	n := len(s.forms)
	s.mu.Unlock()
	if s.reply != nil {
		s.reply(w, form, n)
		return
	}
	published(w, form)
}

// published answers that all was published, except the entries in refused.
func published(w http.ResponseWriter, form url.Values, refused ...int) {
	if form.Get("Action") == "Publish" {
		io.WriteString(w, `<PublishResponse><PublishResult><MessageId>m1</MessageId></PublishResult></PublishResponse>`)
		return
	}
	var ok, failed strings.Builder
	for i := 1; form.Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i)) != ""; i++ {
		id := form.Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i))
		if len(refused) > 0 && refused[0] == i {
			refused = refused[1:]
			fmt.Fprintf(&failed, "<member><Id>%s</Id><Code>InternalError</Code><SenderFault>false</SenderFault></member>", id)
			continue
		}
		fmt.Fprintf(&ok, "<member><Id>%s</Id><MessageId>m</MessageId></member>", id)
	}
	fmt.Fprintf(w, `<PublishBatchResponse><PublishBatchResult><Successful>%s</Successful><Failed>%s</Failed></PublishBatchResult></PublishBatchResponse>`, &ok, &failed)
}

func serveSNS(t *testing.T, topic string, reply func(http.ResponseWriter, url.Values, int)) (*SNS, *fakeSNS) {
	fake := &fakeSNS{reply: reply}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	env := testEnv(map[string]string{"AWS_ENDPOINT_URL_SNS": server.URL, "AWS_REGION": "us-east-1"})
	return &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:" + topic, Env: env}, fake
}

func TestSNSMessage(t *testing.T) {
	s, fake := serveSNS(t, "security-alerts", nil)
	require.NoError(t, s.Notify(t.Context(), examples["blocked_sqs_read"]))
	require.Len(t, fake.forms, 1)
	form := fake.forms[0]
	assert.Equal(t, "Publish", form.Get("Action"))
	assert.Equal(t, s.Topic, form.Get("TopicArn"))
	assert.Equal(t, "[outguard] Blocked in checkout (dev): sqs:ReceiveMessage on orders", form.Get("Subject"))
	assert.Equal(t, "json", form.Get("MessageStructure"))
	assert.Empty(t, form.Get("MessageGroupId"))
	attributes := map[string]string{}
	for i := 1; form.Get(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)) != ""; i++ {
		attributes[form.Get(fmt.Sprintf("MessageAttributes.entry.%d.Name", i))] = form.Get(fmt.Sprintf("MessageAttributes.entry.%d.Value.StringValue", i))
	}
	assert.Equal(t, map[string]string{"function": "checkout", "stage": "dev", "verdict": "block", "service": "sqs"}, attributes)
	var forms map[string]string
	require.NoError(t, json.Unmarshal([]byte(form.Get("Message")), &forms))
	assert.Equal(t, plainText(cleanAll(examples["blocked_sqs_read"])), forms["email"])
	assert.Less(t, len(forms["sms"]), 140)
	var e Envelope
	require.NoError(t, json.Unmarshal([]byte(forms["default"]), &e))
	assert.Equal(t, EnvelopeSchema, e.Schema)
	assert.Equal(t, cleanAll(examples["blocked_sqs_read"]), e.Alerts)
}

func TestSNSGroupsByWhatAFilterNames(t *testing.T) {
	s, fake := serveSNS(t, "security-alerts", nil)
	require.NoError(t, s.Notify(t.Context(), append(append([]Alert(nil), examples["a_dozen"]...), examples["three_at_once"]...)))
	require.Len(t, fake.forms, 1, "one batch")
	assert.Equal(t, "PublishBatch", fake.forms[0].Get("Action"))
	assert.NotEmpty(t, fake.forms[0].Get("PublishBatchRequestEntries.member.3.Id"), "http, sqs, net")
	assert.Empty(t, fake.forms[0].Get("PublishBatchRequestEntries.member.4.Id"))
}

func TestSNSFIFO(t *testing.T) {
	s, fake := serveSNS(t, "security-alerts.fifo", nil)
	alerts := examples["a_dozen"]
	require.NoError(t, s.Notify(t.Context(), alerts))
	require.Len(t, fake.forms, 2, "a message each, ten in a batch")
	assert.Equal(t, "checkout", fake.forms[0].Get("PublishBatchRequestEntries.member.1.MessageGroupId"))
	id := fake.forms[0].Get("PublishBatchRequestEntries.member.1.MessageDeduplicationId")
	assert.Len(t, id, 64)
	assert.NotEqual(t, id, fake.forms[0].Get("PublishBatchRequestEntries.member.2.MessageDeduplicationId"))

	elsewhere := alerts[0] // the same violation in another container, later
	elsewhere.Time, elsewhere.RequestID, elsewhere.ColdStart = at.Add(time.Minute), "another", true
	assert.Equal(t, id, fifoID(elsewhere.Clean()))
	sum := elsewhere
	sum.Count, sum.Since = 12, at
	assert.NotEqual(t, id, fifoID(sum.Clean()))
	other := elsewhere
	other.Function = "refund"
	assert.NotEqual(t, id, fifoID(other.Clean()))
	assert.Equal(t, hash("name with blanks"), fifoGroup("name with blanks"), "what a group id may not hold")
}

func TestSNSSendsAgainOnlyWhatFailed(t *testing.T) {
	s, fake := serveSNS(t, "a.fifo", func(w http.ResponseWriter, form url.Values, call int) {
		if call == 1 {
			published(w, form, 3, 5)
			return
		}
		published(w, form)
	})
	require.NoError(t, s.Notify(t.Context(), examples["a_dozen"]))
	sent := map[string]int{}
	for _, form := range fake.forms {
		for k, v := range form {
			if strings.HasSuffix(k, "MessageDeduplicationId") {
				sent[v[0]]++
			}
		}
	}
	assert.Len(t, sent, 12)
	twice := 0
	for _, n := range sent {
		if n == 2 {
			twice++
		}
		assert.LessOrEqual(t, n, 2)
	}
	assert.Equal(t, 2, twice)
}

func TestSNSSaysWhatToDo(t *testing.T) {
	for code, want := range map[string]string{
		"AuthorizationError": "sns a: answered 403 Forbidden: AuthorizationError: the function's role or the topic's policy does not allow sns:Publish",
		"NotFound":           "sns a: answered 404 Not Found: NotFound: there is no such topic",
		"KMSAccessDenied":    "sns a: answered 400 Bad Request: KMSAccessDenied: the function's role, or the policy of the topic's key, does not allow kms:GenerateDataKey and kms:Decrypt",
	} {
		t.Run(code, func(t *testing.T) {
			s, fake := serveSNS(t, "a", func(w http.ResponseWriter, _ url.Values, _ int) {
				w.WriteHeader(map[string]int{"AuthorizationError": 403, "NotFound": 404, "KMSAccessDenied": 400}[code])
				fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>said-by-the-server</Message></Error></ErrorResponse>`, code)
			})
			err := s.Notify(t.Context(), examples["seen_http"])
			require.EqualError(t, err, want)
			assert.Len(t, fake.forms, 1)
		})
	}
	assert.ErrorContains(t, (&SNS{Topic: "security-alerts"}).Notify(t.Context(), examples["seen_http"]), "write it as arn:aws:sns:REGION:ACCOUNT:NAME")
}

// SNS throttles with status 400.
func TestSNSThrottled(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"Throttling", "ThrottledException", "KMSThrottlingException", "RequestLimitExceeded", "InternalFailure"} {
		s, fake := serveSNS(t, "a", func(w http.ResponseWriter, form url.Values, call int) {
			if call == 1 {
				w.WriteHeader(400)
				fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`, code)
				return
			}
			published(w, form)
		})
		require.NoError(t, s.Notify(t.Context(), examples["seen_http"]), code)
		assert.Len(t, fake.forms, 2, code)
	}
}

// Only SNS's own response proves that a message was published.
func TestSNSMustConfirm(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]string{
		"page":      `<!DOCTYPE html><html><body>Welcome to the airport's wireless network</body></html>`,
		"empty":     "",
		"no id":     `<PublishResponse><PublishResult><MessageId></MessageId></PublishResult></PublishResponse>`,
		"elsewhere": `<html><PublishResult><MessageId>m1</MessageId></PublishResult></html>`,
		"cut":       `<PublishResponse><PublishResult><MessageId>m1</Mess`,
	} {
		s, fake := serveSNS(t, "a", func(w http.ResponseWriter, form url.Values, call int) {
			if call == 1 {
				io.WriteString(w, response)
				return
			}
			published(w, form)
		})
		require.NoError(t, s.Notify(t.Context(), examples["seen_http"]), name)
		assert.Len(t, fake.forms, 2, name)
	}
}

// What the response to a batch leaves out is sent again; the rest is not.
func TestSNSSendsAgainWhatABatchDoesNotConfirm(t *testing.T) {
	s, fake := serveSNS(t, "a.fifo", func(w http.ResponseWriter, form url.Values, call int) {
		if call == 1 {
			io.WriteString(w, `<PublishBatchResponse><PublishBatchResult><Successful><member><Id>m0</Id><MessageId>x</MessageId></member></Successful>`+
				`<Failed><member><Id>m1</Id><Code>KMSThrottlingException</Code><SenderFault>true</SenderFault></member></Failed>`)
			return
		}
		published(w, form)
	})
	require.NoError(t, s.Notify(t.Context(), examples["three_at_once"]))
	require.Len(t, fake.forms, 2)
	id := func(call, n int) string {
		return fake.forms[call].Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.MessageDeduplicationId", n))
	}
	assert.Equal(t, []string{id(0, 2), id(0, 3)}, []string{id(1, 1), id(1, 2)})
	assert.Empty(t, id(1, 3))
}

func TestSNSRefusesAnEntryForGood(t *testing.T) {
	s, fake := serveSNS(t, "a.fifo", func(w http.ResponseWriter, _ url.Values, _ int) {
		io.WriteString(w, `<PublishBatchResponse><PublishBatchResult><Successful><member><Id>m0</Id><MessageId>x</MessageId></member>`+
			`<member><Id>m2</Id><MessageId>x</MessageId></member></Successful>`+
			`<Failed><member><Id>m1</Id><Code>InvalidParameter</Code><SenderFault>true</SenderFault></member></Failed></PublishBatchResult></PublishBatchResponse>`)
	})
	err := s.Notify(t.Context(), examples["three_at_once"])
	require.EqualError(t, err, "sns a.fifo: refused 1 of 3 messages: InvalidParameter")
	var failed *DeliveryError
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.Permanent)
	assert.Equal(t, cleanAll(examples["three_at_once"])[1:2], failed.Left)
	assert.Len(t, fake.forms, 1)
}

// A clock that is wrong by more than AWS forgives is corrected by the Date of the refusal, once.
func TestAWrongClockIsCorrected(t *testing.T) {
	for _, c := range []struct {
		off   time.Duration
		calls int
	}{{time.Hour, 2}, {-time.Hour, 2}, {time.Minute, 1}} {
		var signed []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.ParseForm()
			signed = append(signed, r.Header.Get("X-Amz-Date"))
			at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
			theirs := time.Now().Add(c.off)
			if err == nil && theirs.Sub(at).Abs() < 5*time.Second {
				published(w, r.Form)
				return
			}
			w.Header().Set("Date", theirs.UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>`)
		}))
		s := &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:a", Env: testEnv(map[string]string{"AWS_ENDPOINT_URL_SNS": server.URL})}
		err := s.Notify(t.Context(), examples["seen_http"])
		assert.Len(t, signed, c.calls, c.off)
		if c.calls == 1 {
			assert.EqualError(t, err, "sns a: answered 403 Forbidden: SignatureDoesNotMatch")
		} else {
			require.NoError(t, err)
			require.NoError(t, s.Notify(t.Context(), examples["seen_http"]), "the correction is kept")
			assert.Len(t, signed, c.calls+1)
		}
		server.Close()
	}
}

func TestSubjectFitsSNS(t *testing.T) {
	for _, a := range []Alert{
		{Function: strings.Repeat("é", 300), Verdict: "block"}, {Function: "\r\nBcc: x", Verdict: "alert"}, {}, {Function: "日本語", Call: Call{URL: strings.Repeat("x", 500)}},
	} {
		assert.Regexp(t, `^[!-~][ -~]{0,99}$`, subject([]Alert{a.Clean()}))
	}
}

func TestABigGroupIsSplit(t *testing.T) {
	var alerts []Alert
	for i := range MaxBatch {
		a := examples["seen_http"][0]
		a.Call.URL = fmt.Sprintf("https://h%d.example/%s", i, strings.Repeat("word/", 400))
		a.Reason = strings.Repeat(`"quoted" `, 220)
		a.Allow = strings.Repeat("- http: x.example\n", 110)
		alerts = append(alerts, a)
	}
	sent := 0
	messages := (&SNS{Topic: "arn:aws:sns:eu-west-1:1:a"}).messages(cleanAll(alerts))
	for _, m := range messages {
		assert.Less(t, len(m.body), 256<<10)
		sent += len(m.alerts)
	}
	assert.Greater(t, len(messages), 1)
	assert.Equal(t, MaxBatch, sent)
}
