package syntax

import (
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/report"
	"go.yaml.in/yaml/v3"
)

// A Target is an entry of notify: as written. Dest is its destination: an ARN, a URL or a name.
// What is not written is zero.
type Target struct {
	report.Place
	Kind      string // the key of its destination, such as "sns"
	Dest      Text
	Channel   Text
	Secret    Text
	Verdicts  []Text
	Functions []Text
}

// targetKey is a key of an entry of notify:. It is a destination, or has a decoder.
type targetKey struct {
	name        string
	destination bool
	public      bool   // its value is never a secret, so that errors may show it
	with        string // the destination that the key goes with; "" is any
	decode      func(d *decoder, t *Target, v *yaml.Node)
}

// targetKeys is the one table of these keys. A new destination is a row here, and a case where
// package policy checks it.
var targetKeys = [...]targetKey{
	// First the destinations, then what goes with them.
	{name: "sns", destination: true, public: true},
	{name: "slack", destination: true},
	{name: "eventbridge", destination: true, public: true},
	{name: "webhook", destination: true},
	{name: "channel", public: true, with: "slack", decode: func(d *decoder, t *Target, v *yaml.Node) { t.Channel, _ = d.scalar(v, "channel:") }},
	{name: "secret", with: "webhook", decode: func(d *decoder, t *Target, v *yaml.Node) { t.Secret, _ = d.scalar(v, "secret:") }},
	{name: "verdicts", public: true, decode: func(d *decoder, t *Target, v *yaml.Node) { t.Verdicts = d.list(v, "verdicts") }},
	{name: "functions", public: true, decode: func(d *decoder, t *Target, v *yaml.Node) {
		// The same form as the names of sections.
		t.Functions = d.list(v, "functions")
		for _, f := range t.Functions {
			d.functionGlob(f)
		}
	}},
}

// otherTarget says how alerts reach a place that is not a destination by itself; "" for a word that
// is not such a place.
func otherTarget(word string) string {
	switch strings.ToLower(word) {
	case "email", "mail", "e-mail", "to", "sms", "phone":
		return "write sns: with the ARN of a topic, and subscribe the address to the topic"
	case "sqs", "queue", "lambda", "function", "firehose", "kinesis":
		return "write sns: or eventbridge:, and let its topic or a rule of the bus pass alerts on"
	case "teams", "msteams", "discord", "mattermost", "googlechat", "chat", "telegram", "pagerduty", "opsgenie", "datadog", "splunk", "http", "https", "url", "hook":
		return "write webhook: with a URL that takes the JSON of alerts"
	}
	return ""
}

// TargetKeys returns the keys of an entry of notify:.
func TargetKeys() (keys []string) {
	for i := range targetKeys {
		keys = append(keys, targetKeys[i].name)
	}
	return keys
}

// targetKeyOf returns the row of a key; nil if the table does not have it.
func targetKeyOf(name string) *targetKey {
	for i := range targetKeys {
		if targetKeys[i].name == name {
			return &targetKeys[i]
		}
	}
	return nil
}

// destinationKeys returns the keys of destinations, as an error lists them.
func destinationKeys() (keys []string) {
	for i := range targetKeys {
		if targetKeys[i].destination {
			keys = append(keys, targetKeys[i].name+":")
		}
	}
	return keys
}

// targets decodes notify:. Its entries are independent: a wrong one is left out and reported.
func (d *decoder) targets(n *yaml.Node) []Target {
	// From here on, errors show no texts.
	d.private = true
	defer func() { d.private = false }()
	if n.Kind != yaml.SequenceNode {
		d.Fail(at(n), "notify: is "+d.shape(n)+", not a list", "begin each target with a dash: - sns: …")
		return nil
	}
	out := make([]Target, 0, len(n.Content))
	for _, item := range n.Content {
		if t, ok := d.target(item); ok {
			out = append(out, t)
		}
	}
	return out
}

// target decodes an entry. ok is false if it has no destination.
func (d *decoder) target(n *yaml.Node) (Target, bool) {
	t := Target{Place: at(n)}
	// Errors from here on are about this entry.
	before := len(d.Errors)
	d.mapping(n, "a notify entry", TargetKeys(), func(name string, k, v *yaml.Node) {
		switch key := targetKeyOf(name); {
		// Not reachable as long as the table is complete.
		case key == nil || !key.destination && key.decode == nil:
			d.undecoded(k)
		case !key.destination:
			key.decode(d, &t, v)
		// One entry, one destination: each target has a line of its own.
		case t.Kind != "":
			d.Fail(at(k), "the notify entry has two destinations, "+t.Kind+": and "+name+":", "make two entries of it")
		default:
			t.Kind = name
			t.Dest, _ = d.scalar(v, name+":")
		}
	})
	if t.Kind == "" {
		// Else a mistyped destination has been reported.
		if len(d.Errors) == before {
			d.Fail(at(n), "the notify entry has no destination", "add "+report.OneOf(destinationKeys()))
		}
		return t, false
	}
	// Afterwards, because the destination may be below the key in question.
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if key := targetKeyOf(k.Value); key != nil && key.with != "" && key.with != t.Kind {
			d.Fail(at(k), fmt.Sprintf("%s: in an entry with %s:", key.name, t.Kind), fmt.Sprintf("%s: goes with %s:; delete it", key.name, key.with))
		}
	}
	return t, true
}
