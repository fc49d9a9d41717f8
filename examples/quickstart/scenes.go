package main

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"github.com/outguard/outguard/internal/lambdatest"
	"github.com/outguard/outguard/notify"
)

// queue is what the forbidden call is about, so every alert names it.
const queue = "arn:aws:sqs:eu-west-1:111122223333:receipts"

// A scene is one event, in one stage, and what must come of it.
type scene struct {
	stage, title string
	do           string // the event
	check        func(*show, *outcome)
}

var scenes = []scene{
	{"prod", "a payment calls Stripe and DynamoDB, which the whitelist allows", "pay", func(s *show, o *outcome) {
		s.got(stripe, "POST /v1/charges")
		s.got(dynamoDB, "PutItem")
		s.returned(o, `"order 42 is paid: 200 OK"`)
		s.expect(len(o.alerts()) == 0 && s.silent(slack, snsHost), "nobody was alerted")
	}},
	{"prod", "the handler reads a queue, which the blacklist forbids; in prod that alerts", "drain", func(s *show, o *outcome) {
		s.got(sqsHost, "ReceiveMessage")
		s.returned(o, `"read 1 message"`)
		s.alerted(o, "alert")
		s.slackGot()
		s.snsGot()
	}},
	{"dev", "the same event; in dev that blocks, and the handler swallows the error", "drain", func(s *show, o *outcome) {
		s.gotNothing(sqsHost)
		s.expect(strings.Contains(o.stderr, "never mind: "), `the handler logged "never mind" and returned "all is well"`)
		s.failed(o, "BlockedError", "the invocation failed all the same: BlockedError")
		s.alerted(o, "block")
	}},
	{"dev", "a dependency calls a host that no rule names", "collect", func(s *show, o *outcome) {
		s.gotNothing(collector)
		s.failed(o, "Error", "the invocation failed with the error that the handler returned")
		s.alerted(o, "block")
	}},
}

// An outcome is what is known of an invocation from outside.
type outcome struct {
	*lambdatest.Result
	stdout, stderr string // what the function wrote meanwhile
}

// alerts are the alerts in the log.
func (o *outcome) alerts() []notify.Alert {
	var all []notify.Alert
	for line := range strings.Lines(o.stdout) {
		var a notify.Alert
		if json.Unmarshal([]byte(line), &a) == nil && a.Schema == notify.Schema {
			all = append(all, a)
		}
	}
	return all
}

func (s *show) got(host, what string) {
	got := s.net.arrivals(host)
	s.expect(len(got) == 1 && got[0].what == what, "%s got %s", host, what)
}

func (s *show) gotNothing(host string) { s.expect(s.silent(host), "%s got nothing", host) }

func (s *show) silent(hosts ...string) bool {
	n := 0
	for _, h := range hosts {
		n += len(s.net.arrivals(h))
	}
	return n == 0
}

func (s *show) returned(o *outcome, body string) {
	s.expect(o.Error == nil && string(o.Body) == body, "the invocation returned %s", o.Body)
}

// failed expects that the guard failed the invocation. An error that the handler returns keeps its
// type: if a guarded http.Client refused the request, that is url.Error.
func (s *show) failed(o *outcome, errorType, title string) {
	if o.Error == nil {
		s.expect(false, "the invocation failed")
		return
	}
	ok := o.Error.Type == errorType && strings.Contains(o.Error.Message, "blocked by policy")
	first, rest, _ := strings.Cut(o.Error.Message, "\n")
	s.expect(ok, "%s", title)
	s.quote(first)
	s.quote(rest)
}

func (s *show) alerted(o *outcome, verdict string) {
	alerts := o.alerts()
	if s.expect(len(alerts) == 1 && alerts[0].Verdict == verdict, "the log has one line of it:"); len(alerts) > 0 {
		a := alerts[0]
		s.quote(strings.Join([]string{a.Verdict, a.Place, a.Reason, a.Caller}, " | "))
	}
}

// slackGot shows the blocks of a Slack message as a person sees them.
func (s *show) slackGot() {
	got := s.net.arrivals(slack)
	var message struct {
		Blocks []struct {
			Text     struct{ Text string }
			Elements []struct{ Text string }
		}
	}
	ok := len(got) == 1 && json.Unmarshal([]byte(got[0].body), &message) == nil && len(message.Blocks) > 0
	s.expect(ok && strings.Contains(got[0].body, queue), "Slack got:")
	for _, b := range message.Blocks {
		s.quote(markup.ReplaceAllString(b.Text.Text, "$1"))
		for _, e := range b.Elements {
			s.quote(e.Text)
		}
	}
}

// markup is Slack's bold type and code.
var markup = regexp.MustCompile("\\*(\\w[\\w ]*)\\*|`")

// snsGot shows the subject of the message; its text has the facts that Slack got.
func (s *show) snsGot() {
	var form url.Values
	got := s.net.arrivals(snsHost)
	if len(got) == 1 {
		form, _ = url.ParseQuery(got[0].body)
	}
	ok := form.Get("TopicArn") == "arn:aws:sns:eu-west-1:111122223333:security-alerts"
	s.expect(ok && strings.Contains(form.Get("Message"), queue), "SNS got the same, as a message with the subject")
	s.quote(form.Get("Subject"))
}
