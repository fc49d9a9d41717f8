package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWebhookIsSigned(t *testing.T) {
	for secret, key := range map[string]string{"any text": "any text", "whsec_" + base64.StdEncoding.EncodeToString([]byte{0, 1, 2, 255}): "\x00\x01\x02\xff"} {
		var requests []*http.Request
		var bodies [][]byte
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			requests, bodies = append(requests, r), append(bodies, body)
			if len(requests) == 1 {
				w.WriteHeader(503)
			}
		}))
		require.NoError(t, (&Webhook{URL: server.URL, Secret: secret}).Notify(t.Context(), examples["three_at_once"]))
		server.Close()
		require.Len(t, requests, 2)
		for i, r := range requests {
			id, timestamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
			mac := hmac.New(sha256.New, []byte(key))
			mac.Write([]byte(id + "." + timestamp + "." + string(bodies[i])))
			assert.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), r.Header.Get("webhook-signature"))
			seconds, err := strconv.ParseInt(timestamp, 10, 64)
			require.NoError(t, err)
			assert.WithinDuration(t, time.Now(), time.Unix(seconds, 0), time.Minute)
			assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		}
		assert.Equal(t, requests[0].Header.Get("webhook-id"), requests[1].Header.Get("webhook-id"), "the same again has the same id")
		var e Envelope
		require.NoError(t, json.Unmarshal(bodies[1], &e))
		assert.Equal(t, cleanAll(examples["three_at_once"]), e.Alerts)
	}
}

func TestAddressesThatAreNotPostedTo(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://example.com/x": true, "http://127.0.0.1:8080/x": true, "http://[::1]/x": true, "http://localhost:1/x": true, "http://127.9.9.9/x": true,
		"http://example.com/x": false, "http://127.0.0.1.example.com/": false, "http://localhost.example.com/": false, "http://10.0.0.1/": false,
		"ftp://127.0.0.1/": false, "": false, "https:///x": false, "http://0/": false, "http://[::ffff:10.0.0.1]/": false, "://": false,
	} {
		assert.Equal(t, ok, checkURL(address) == nil, address)
	}
	err := (&Webhook{URL: "http://example.com/s3cr3t"}).Notify(t.Context(), examples["seen_http"])
	assert.EqualError(t, err, "webhook example.com: the URL is wrong: plain http is only for a receiver on this machine: write https")
}

// A receiver that refuses the signature has the secret read again before the next delivery.
func TestAWebhookThatRefusesHasItsSecretReadAgain(t *testing.T) {
	for status, reads := range map[int]int{http.StatusUnauthorized: 2, http.StatusForbidden: 2, http.StatusBadRequest: 1} {
		asked, refuse := 0, true
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Header.Get("X-Amz-Target") != "":
				asked++
				io.WriteString(w, `{"SecretString":"s3cr3t"}`)
			case refuse:
				w.WriteHeader(status)
			}
		}))
		w := &Webhook{URL: server.URL, Secret: "secretsmanager:key", Env: testEnv(map[string]string{"AWS_ENDPOINT_URL": server.URL})}
		require.Error(t, w.Notify(t.Context(), examples["seen_http"]))
		refuse = false
		require.NoError(t, w.Notify(t.Context(), examples["seen_http"]))
		assert.Equal(t, reads, asked, status)
		server.Close()
	}
}
