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
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL_SNS": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cr3t",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
	} {
		t.Setenv(k, v)
	}
	return &SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:" + topic}, fake
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
	} {
		t.Run(code, func(t *testing.T) {
			s, fake := serveSNS(t, "a", func(w http.ResponseWriter, _ url.Values, _ int) {
				w.WriteHeader(map[string]int{"AuthorizationError": 403, "NotFound": 404}[code])
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
	s, fake := serveSNS(t, "a", func(w http.ResponseWriter, form url.Values, call int) {
		if call == 1 {
			w.WriteHeader(400)
			io.WriteString(w, `<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`)
			return
		}
		published(w, form)
	})
	require.NoError(t, s.Notify(t.Context(), examples["seen_http"]))
	assert.Len(t, fake.forms, 2)
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
	told := 0
	messages := (&SNS{Topic: "arn:aws:sns:eu-west-1:1:a"}).messages(cleanAll(alerts))
	for _, m := range messages {
		assert.Less(t, len(m.body), 256<<10)
		told += len(m.alerts)
	}
	assert.Greater(t, len(messages), 1)
	assert.Equal(t, MaxBatch, told)
}
