package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Webhook posts alerts as an [Envelope] to any HTTPS URL. It signs them as Standard Webhooks
// (standardwebhooks.com) defines, so the libraries of that project verify them. The headers are
// webhook-id, webhook-timestamp (seconds) and webhook-signature: "v1," and the base64 of the
// HMAC-SHA256 of "id.timestamp.body". The same alerts sent again have the same id.
//
// It may be used by several goroutines at once; it must not be copied after its first use.
type Webhook struct {
	URL    string // https; or a reference to a secret that holds it
	Secret string // the key: "whsec_" and base64, or any other text as its bytes; or a reference to a secret. "": no signature
	Env    *Env   // proxies, and how to read secrets; nil: the process's environment at the first use

	link link
}

// webhookBytes is the most that a request's body has. Further alerts go into another request.
const webhookBytes = 200 << 10

// Notify posts alerts.
func (w *Webhook) Notify(ctx context.Context, alerts []Alert) error {
	left, failed := sendAll(ctx, w.name(), cleanAll(alerts), w.post)
	return failed.leaving(left)
}

// post sends as many alerts as fit into a request; see sendAll.
func (w *Webhook) post(ctx context.Context, alerts []Alert) (failed []Alert, n int, err error) {
	body, err := marshal(envelope(alerts))
	if err != nil {
		return nil, 0, err
	}
	// Halves until it fits. One alert alone is below 32 KB.
	if len(body) > webhookBytes && len(alerts) > 1 {
		return w.post(ctx, alerts[:len(alerts)/2])
	}
	address, err := w.link.open(w.Env).secrets.get(ctx, w.URL)
	if err != nil {
		return nil, 0, err
	}
	if err := checkURL(address); err != nil {
		return nil, 0, fmt.Errorf("the URL is wrong: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	// Receivers drop an id that they have seen, so that a retry after a lost response is not a
	// second alert.
	id := "msg_" + messageID(alerts)
	header.Set("webhook-id", id)
	// The time of this try, not of the alert: receivers refuse old ones, against replays.
	now := strconv.FormatInt(time.Now().Unix(), 10)
	header.Set("webhook-timestamp", now)
	if w.Secret != "" {
		secret, err := w.link.open(w.Env).secrets.get(ctx, w.Secret)
		if err != nil {
			return nil, 0, err
		}
		signature, err := sign(secret, id, now, body)
		if err != nil {
			return nil, 0, err
		}
		header.Set("webhook-signature", signature)
	}
	_, err = w.link.open(w.Env).wire.post(ctx, address, header, body, false, func(status int, _ []byte) string {
		if status == 401 || status == 403 {
			w.link.secrets.forget() // it may have been changed
		}
		return ""
	})
	if err != nil {
		return nil, 0, err
	}
	return nil, len(alerts), nil
}

// sign returns the value of webhook-signature. The key is never part of an error.
func sign(secret, id, timestamp string, body []byte) (string, error) {
	key := []byte(secret)
	// Standard Webhooks' tools show keys in this form.
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		var err error
		if key, err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return "", errors.New("the secret is wrong: after whsec_ comes base64")
		}
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// messageID is equal for equal alerts.
func messageID(alerts []Alert) string {
	var b strings.Builder
	for _, a := range alerts {
		b.WriteString(a.Fingerprint + " " + strconv.FormatInt(a.Time.UnixNano(), 10) + " " + strconv.Itoa(a.Count) + "\n")
	}
	return hash(b.String())[:32]
}

// name is for errors: the host alone, because the path of a URL is often its secret.
func (w *Webhook) name() string {
	if u, err := url.Parse(w.URL); err == nil && u.Hostname() != "" {
		return "webhook " + u.Hostname()
	}
	return "webhook"
}

// CloseIdleConnections closes connections that wait for another request.
func (w *Webhook) CloseIdleConnections() { w.link.closeIdle() }
