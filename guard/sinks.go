package guard

import (
	"strings"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// sinks makes the places that a policy's notify: entries name, which For has filtered by function and checked. An entry
// that stands in several files is made once.
func sinks(targets []policy.Target) []*sink {
	var all []*sink
	made := map[string]bool{}
	for _, t := range targets {
		verdicts := words(t.Verdicts)
		key := strings.Join(append([]string{t.SNS, t.Slack, t.Channel, t.EventBridge, t.Webhook, t.Secret, "verdicts"}, verdicts...), "\x00")
		if made[key] {
			continue
		}
		made[key] = true
		if s := newSink(t); s != nil {
			s.verdicts = verdicts
			all = append(all, s)
		}
	}
	return all
}

// newSink makes the sink of one entry. Its name is for log lines and holds no secret.
func newSink(t policy.Target) *sink {
	switch {
	case t.SNS != "":
		return &sink{own: true, name: "sns " + t.SNS[strings.LastIndexByte(t.SNS, ':')+1:], notifier: &notify.SNS{Topic: t.SNS}}
	case t.Slack != "" && t.Channel != "":
		return &sink{own: true, name: "slack " + t.Channel, notifier: &notify.Slack{Token: t.Slack, Channel: t.Channel}}
	case t.Slack != "":
		return &sink{own: true, name: "slack", notifier: &notify.Slack{URL: t.Slack}}
	case t.EventBridge != "":
		return &sink{own: true, name: "eventbridge " + t.EventBridge[strings.LastIndexAny(t.EventBridge, "/:")+1:], notifier: &notify.EventBridge{Bus: t.EventBridge}}
	case t.Webhook != "":
		return &sink{own: true, name: "webhook", notifier: &notify.Webhook{URL: t.Webhook, Secret: t.Secret}}
	}
	return nil
}

// customSink makes a sink of a Notifier of the user's own, which gets alerts and blocks.
func customSink(n notify.Notifier, name string) *sink { return &sink{name: name, notifier: n} }

func words(verdicts []policy.Verdict) (words []string) {
	for _, v := range verdicts {
		words = append(words, v.String())
	}
	return words
}
