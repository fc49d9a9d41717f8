package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A Slack posts to Slack by an incoming webhook, or by chat.postMessage with a bot token that has
// chat:write. Alerts that it gets together become one message, or several if they are long. A
// message counts as delivered when Slack responds with its "ok".
//
// It may be used by several goroutines at once; it must not be copied after its first use.
type Slack struct {
	URL     string // incoming webhook; or a reference to a secret that holds it
	Token   string // instead of URL: a bot token (xoxb-…); or a reference to a secret that holds it
	Channel string // with Token: the channel's id or name
	API     string // with Token: the base URL of Slack's API; "": https://slack.com/api
	Env     *Env   // proxies, and how to read secrets; nil: the process's environment at the first use

	link link
}

// slackAPI is the base URL of Slack's Web API.
const slackAPI = "https://slack.com/api"

// Notify posts one message.
func (s *Slack) Notify(ctx context.Context, alerts []Alert) error {
	left, failed := sendAll(ctx, "slack", cleanAll(alerts), s.post)
	return failed.leaving(left)
}

// post sends one message; see sendAll.
func (s *Slack) post(ctx context.Context, alerts []Alert) (failed []Alert, n int, err error) {
	m, n := slackMessage(alerts)
	// Each has its own way to confirm: a webhook responds "ok", the API a JSON object.
	send := s.postWebhook
	if s.Token != "" {
		send = s.postMessage
	}
	if err := send(ctx, m); err != nil {
		return nil, 0, err
	}
	return nil, n, nil
}

// postWebhook posts to the URL in URL, or in the secret that it names.
func (s *Slack) postWebhook(ctx context.Context, m message) error {
	address, err := s.link.open(s.Env).secrets.get(ctx, s.URL)
	if err != nil {
		return err
	}
	return s.postTo(ctx, address, m)
}

// postTo posts a message to the URL of an incoming webhook.
func (s *Slack) postTo(ctx context.Context, address string, m message) error {
	if err := checkURL(address); err != nil {
		return fmt.Errorf("the webhook's URL is wrong: %w", err)
	}
	body, err := marshal(m)
	if err != nil {
		return err
	}
	got, err := s.link.open(s.Env).wire.post(ctx, address, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body, true, s.hint)
	// Before the error: a response that was cut after its "ok" is a delivery, and a second try
	// would be a second message. Services that imitate Slack's webhooks respond in JSON.
	if strings.TrimSpace(string(got)) == "ok" || confirms(got) {
		return nil
	}
	if err == nil {
		err = &errTransient{err: errors.New("the response does not confirm the message; is it from Slack?")}
	}
	return err
}

// postMessage posts by chat.postMessage. Slack responds to it with 200 even if it refuses, so the
// body decides.
func (s *Slack) postMessage(ctx context.Context, m message) error {
	token, err := s.link.open(s.Env).secrets.get(ctx, s.Token)
	if err != nil {
		return err
	}
	if strings.HasPrefix(token, "https://") || strings.HasPrefix(token, "http://") {
		return s.postTo(ctx, token, m) // a webhook has its own channel, and its URL must not be sent elsewhere
	}
	// Whoever pastes a token may paste what is next to it. net/http's error would not explain that.
	if strings.ContainsAny(token, " \r\n") {
		return errors.New("the token is wrong: it has blanks")
	}
	api := s.API
	if api == "" {
		api = slackAPI
	}
	if err := checkURL(api); err != nil {
		return fmt.Errorf("the API's URL is wrong: %w", err)
	}
	m.Channel = s.Channel
	body, err := marshal(m)
	if err != nil {
		return err
	}
	got, err := s.link.open(s.Env).wire.post(ctx, strings.TrimSuffix(api, "/")+"/chat.postMessage", http.Header{
		"Content-Type": {"application/json; charset=utf-8"}, "Authorization": {"Bearer " + token},
	}, body, true, s.hint)
	if confirms(got) {
		return nil
	}
	if err != nil {
		return err
	}
	var response struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(got, &response); err != nil || slackWord(response.Error) == "" {
		return &errTransient{err: errors.New("the response does not confirm the message; is it from Slack?")}
	}
	err = errors.New("answered " + s.hint(http.StatusOK, []byte(response.Error)))
	// Slack's own troubles, which pass. Any other code needs a person.
	switch response.Error {
	case "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return &errTransient{err: err}
	}
	return err
}

// confirms reports whether a response in JSON begins with "ok": true, or has it. The rest of it may
// be missing.
func confirms(body []byte) bool {
	// A decoder reads member by member, so that it finds "ok" in a response that was cut.
	d := json.NewDecoder(bytes.NewReader(body))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return false
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false
		}
		if name == "ok" {
			return string(value) == "true"
		}
	}
	return false
}

// slackWord returns s if it looks like one of Slack's error codes, else "". Nothing else of a
// response is repeated.
func slackWord(s string) string {
	if len(s) < 3 || len(s) > 40 || s[0] == '_' {
		return ""
	}
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < 'a' || c > 'z') {
			return ""
		}
	}
	return s
}

// hint explains a refusal. If Slack refuses the secret, hint has it read again the next time,
// because it may have been changed.
func (s *Slack) hint(status int, body []byte) string {
	// A webhook responds to a mistake with its bare code, for example no_service.
	word := slackWord(strings.TrimSpace(string(body)))
	if status == 403 || status == 404 || status == 410 || strings.Contains(word, "auth") || strings.Contains(word, "token") {
		s.link.secrets.forget()
	}
	switch word {
	case "no_service", "no_active_hooks":
		return word + ": the webhook was disabled or deleted"
	case "not_in_channel", "channel_not_found":
		return word + ": invite the bot to the channel"
	case "invalid_auth", "token_revoked", "account_inactive", "not_authed", "token_expired":
		return word + ": make a new token"
	case "missing_scope":
		return word + ": the token needs chat:write"
	case "":
		return "an error without a code"
	}
	return word
}

// CloseIdleConnections closes connections that wait for another request.
func (s *Slack) CloseIdleConnections() {
	s.link.closeIdle()
}
