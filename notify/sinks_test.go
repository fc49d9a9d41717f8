package notify_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/notify/notifytest"
)

func TestLogConforms(t *testing.T) { notifytest.Test(t, &notify.Log{W: io.Discard}) }

func TestSlackWebhookConforms(t *testing.T) {
	notifytest.TestHTTP(t, notifytest.HTTP{
		New: func(_ *testing.T, url string) notify.Notifier {
			return &notify.Slack{URL: url + "/services/T000/B000/s3cr3tPath"}
		},
		OK:     func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") },
		Body:   true,
		Secret: "s3cr3tPath",
		Memory: true,
	})
}

func TestSlackTokenConforms(t *testing.T) {
	notifytest.TestHTTP(t, notifytest.HTTP{
		New: func(_ *testing.T, url string) notify.Notifier {
			return &notify.Slack{Token: "xoxb-s3cr3t", Channel: "#alerts", API: url + "/api"}
		},
		OK: func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"ok":true,"channel":"C1","ts":"1.2"}`)
		},
		Check: func(t *testing.T, r *http.Request, body []byte) {
			assert.Equal(t, "Bearer xoxb-s3cr3t", r.Header.Get("Authorization"))
			assert.Equal(t, "/api/chat.postMessage", r.URL.Path)
			var m struct{ Channel string }
			assert.NoError(t, json.Unmarshal(body, &m))
			assert.Equal(t, "#alerts", m.Channel)
		},
		Secret: "s3cr3t",
		Memory: true,
		Body:   true,
	})
}

// A secret that holds the URL of an incoming webhook, beside channel:, is posted to. It is never
// sent elsewhere as a token.
func TestSlackNeverSendsAWebhookAsAToken(t *testing.T) {
	var api, hook int
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			api++
		} else {
			hook++
			io.WriteString(w, "ok")
		}
		assert.Empty(t, r.Header.Get("Authorization"))
	}))
	defer srv.Close()
	s := &notify.Slack{Token: srv.URL + "/services/T/B/x", Channel: "#alerts", API: srv.URL + "/api"}
	assert.NoError(t, s.Notify(t.Context(), []notify.Alert{{Verdict: "alert", Reason: "r"}}))
	assert.Zero(t, api)
	assert.NotZero(t, hook)
}

func TestWebhookConforms(t *testing.T) {
	notifytest.TestHTTP(t, notifytest.HTTP{
		New: func(_ *testing.T, url string) notify.Notifier {
			return &notify.Webhook{URL: url + "/s3cr3tPath", Secret: "s3cr3t"}
		},
		Secret: "s3cr3t",
		Memory: true,
	})
}

// awsEnv has credentials, and a service on loopback.
func awsEnv(service, url string) *notify.Env {
	env := map[string]string{
		"AWS_ENDPOINT_URL_" + service: url, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_SESSION_TOKEN": "s3cr3tToken",
	}
	return notify.ReadEnv(func(name string) string { return env[name] })
}

func TestSNSConforms(t *testing.T) {
	for _, topic := range []string{"security-alerts", "security-alerts.fifo"} {
		t.Run(topic, func(t *testing.T) {
			notifytest.TestHTTP(t, notifytest.HTTP{
				New: func(t *testing.T, url string) notify.Notifier {
					return &notify.SNS{Topic: "arn:aws:sns:eu-west-1:111122223333:" + topic, Env: awsEnv("SNS", url)}
				},
				OK:     snsOK,
				Secret: "s3cr3t",
				Memory: true,
				Body:   true,
			})
		})
	}
}

// snsOK answers Publish and PublishBatch as SNS does.
func snsOK(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	w.Header().Set("Content-Type", "text/xml")
	if form.Get("Action") == "Publish" {
		io.WriteString(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m1</MessageId></PublishResult></PublishResponse>`)
		return
	}
	var ok strings.Builder
	for i := 1; form.Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i)) != ""; i++ {
		fmt.Fprintf(&ok, "<member><Id>%s</Id><MessageId>m</MessageId></member>", form.Get(fmt.Sprintf("PublishBatchRequestEntries.member.%d.Id", i)))
	}
	fmt.Fprintf(w, `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult><Successful>%s</Successful><Failed/></PublishBatchResult></PublishBatchResponse>`, ok.String())
}

func TestEventBridgeConforms(t *testing.T) {
	notifytest.TestHTTP(t, notifytest.HTTP{
		New: func(t *testing.T, url string) notify.Notifier {
			return &notify.EventBridge{Bus: "security", Env: awsEnv("EVENTBRIDGE", url)}
		},
		OK: func(w http.ResponseWriter, r *http.Request) {
			var in struct{ Entries []struct{} }
			json.NewDecoder(r.Body).Decode(&in)
			io.WriteString(w, `{"FailedEntryCount":0,"Entries":[{"EventId":"e"}`+strings.Repeat(`,{"EventId":"e"}`, len(in.Entries)-1)+`]}`)
		},
		Check: func(t *testing.T, r *http.Request, body []byte) {
			assert.Equal(t, "AWSEvents.PutEvents", r.Header.Get("X-Amz-Target"))
			assert.Contains(t, r.Header.Get("Authorization"), "/eu-west-1/events/aws4_request")
		},
		Secret: "s3cr3t",
		Memory: true,
		Body:   true,
	})
}
