package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// This file has the one table of sinks, and makes those that a policy names.

// A sinkKind is one kind of sink that a notify: entry can name.
type sinkKind struct {
	keys        []string // the entry's keys: the destination, then its options
	destination func(policy.Target) string
	name        func(policy.Target) string // for log lines; holds no secret
	notifier    func(policy.Target, *notify.Env) notify.Notifier
	messages    func(policy.Target) func([]*pendingAlert) int // how many messages a batch becomes; nil means one
	inBuckets   func(policy.Target) bool                      // nil means no; see Sink
}

// sinkKinds lists every kind of sink. A target that matches no row is reported, see NewSinks.
var sinkKinds = []sinkKind{
	{
		keys:        []string{"sns"},
		destination: func(t policy.Target) string { return t.SNS },
		name:        func(t policy.Target) string { return "sns " + afterLast(t.SNS, ":") },
		notifier:    func(t policy.Target, env *notify.Env) notify.Notifier { return &notify.SNS{Topic: t.SNS, Env: env} },
		messages: func(t policy.Target) func([]*pendingAlert) int {
			if isFIFO(t) {
				return each
			}
			return groups
		},
		inBuckets: isFIFO,
	},
	{
		keys:        []string{"slack", "channel"},
		destination: func(t policy.Target) string { return t.Slack },
		name:        func(t policy.Target) string { return strings.TrimSpace("slack " + t.Channel) },
		notifier:    slack,
		messages:    func(policy.Target) func([]*pendingAlert) int { return slackMessages },
	},
	{
		keys:        []string{"eventbridge"},
		destination: func(t policy.Target) string { return t.EventBridge },
		name:        func(t policy.Target) string { return "eventbridge " + afterLast(t.EventBridge, "/:") },
		notifier: func(t policy.Target, env *notify.Env) notify.Notifier {
			return &notify.EventBridge{Bus: t.EventBridge, Env: env}
		},
		messages: func(policy.Target) func([]*pendingAlert) int { return each },
	},
	{
		keys:        []string{"webhook", "secret"},
		destination: func(t policy.Target) string { return t.Webhook },
		name:        func(policy.Target) string { return "webhook" },
		notifier: func(t policy.Target, env *notify.Env) notify.Notifier {
			return &notify.Webhook{URL: t.Webhook, Secret: t.Secret, Env: env}
		},
	},
}

// isFIFO reports whether the target is a FIFO topic. SNS demands the suffix, and forbids it on
// others.
func isFIFO(t policy.Target) bool { return strings.HasSuffix(t.SNS, ".fifo") }

// slack returns a sink by token if the entry names a channel, else by webhook: a webhook's URL has
// its channel.
func slack(t policy.Target, env *notify.Env) notify.Notifier {
	if t.Channel != "" {
		return &notify.Slack{Token: t.Slack, Channel: t.Channel, Env: env}
	}
	return &notify.Slack{URL: t.Slack, Env: env}
}

// slackMessages estimates how many messages Slack gets: one holds 40 alerts, and 12,000 characters.
func slackMessages(batch []*pendingAlert) int {
	// 10,000 instead of 12,000 leaves room for the header and for escapes, such as &amp; for &.
	size := 0
	for _, p := range batch {
		a := &p.alert
		long := len(a.Call.URL) + len(a.Rule) + len(a.Place) + len(a.Caller)
		if len(a.Call.Resources) > 0 {
			long += len(a.Call.Resources[0])
		}
		size += max(min(long+100, 1600), 10_000/40)
	}
	return (size + 9_999) / 10_000
}

// each says that each alert becomes a message.
func each(batch []*pendingAlert) int { return len(batch) }

// groups says that a message is made for each verdict and service, as a standard topic gets it.
func groups(batch []*pendingAlert) int {
	seen := map[[2]string]bool{}
	for _, p := range batch {
		seen[[2]string{p.alert.Verdict, cmp.Or(p.alert.Call.Service, p.alert.Call.Kind)}] = true
	}
	return len(seen)
}

// afterLast returns what follows the last of the given characters in s.
func afterLast(s, chars string) string { return s[strings.LastIndexAny(s, chars)+1:] }

// NewSinks makes the sinks of a policy's notify: entries. The entries must be expanded, checked and
// filtered by function, as policy.Policy.Targets returns them. An entry that appears several times,
// for example in several files, is made once. env is what the sinks know of the environment.
//
// An entry with a destination that no row of the table knows gives a warning, and a sink that fails
// every send, so that each alert it does not deliver is logged.
func NewSinks(targets []policy.Target, env *notify.Env) (sinks []*Sink, warnings []string) {
	var made []policy.Target
	for _, t := range targets {
		// Two files of a policy often name the same channel. Each alert must arrive there once.
		same := destinationOf(t)
		if slices.ContainsFunc(made, func(m policy.Target) bool { return reflect.DeepEqual(m, same) }) {
			continue
		}
		made = append(made, same)
		s := newSink(t, env)
		if s.notifier == (unknownDestination{}) {
			warnings = append(warnings, fmt.Sprintf("notify: the destination of the entry in line %d is unknown to this version "+
				"of Outguard; its alerts are only logged", t.Line))
		}
		s.verdicts = words(same.Verdicts)
		sinks = append(sinks, s)
	}
	return sinks, warnings
}

// destinationOf returns the target without the fields that do not change what is sent where, so
// that two targets for the same deliveries are equal. Every other field counts, also one that is
// added later.
func destinationOf(t policy.Target) policy.Target {
	t.Line, t.Functions, t.Entry = 0, nil, ""
	verdicts := slices.Clone(t.Verdicts)
	sort.Slice(verdicts, func(i, j int) bool { return verdicts[i] < verdicts[j] }) // slices.Sort is 8 KB more
	t.Verdicts = slices.Compact(verdicts)
	return t
}

// newSink makes the sink of the first row whose destination the target has.
func newSink(t policy.Target, env *notify.Env) *Sink {
	for _, k := range sinkKinds {
		if k.destination(t) != "" {
			s := &Sink{name: k.name(t), notifier: k.notifier(t, env), private: true}
			if k.messages != nil {
				s.messages = k.messages(t)
			}
			s.inBuckets = k.inBuckets != nil && k.inBuckets(t)
			return s
		}
	}
	return &Sink{name: fmt.Sprintf("notify entry in line %d", t.Line), notifier: unknownDestination{}, private: true}
}

// unknownDestination is the Notifier of an entry that matches no row of the table.
type unknownDestination struct{}

// errUnknownDestination is the error of each send to a destination without a row.
var errUnknownDestination = errors.New("the destination is unknown to this version of Outguard")

// Notify refuses everything, so that the backoff grows and the log shows each alert.
func (unknownDestination) Notify(context.Context, []notify.Alert) error {
	return &notify.DeliveryError{Sink: "unknown", Permanent: true, Err: errUnknownDestination}
}

// words returns the words for verdicts; nil stands for all.
func words(verdicts []policy.Verdict) (words []string) {
	for _, v := range verdicts {
		words = append(words, v.String())
	}
	return words
}
