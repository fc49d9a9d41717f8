package syntax

import (
	"fmt"
	"slices"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"go.yaml.in/yaml/v3"
)

// Draft is a rule as written: positions kept, variables not expanded.
type Draft struct {
	report.Place
	Mode    pattern.Mode
	Key     string // the subject's key: "http", "aws", "ip", "net" or "feed"
	Subject []Text

	// These two are frequent, so that they are not in Details.
	Methods   []Text
	Resources []Text
	*Details  // never nil; shared by all rules that have none of these keys

	Variables bool // some text holds a variable
	Number    int  // among the rules of the file, from 0
}

// Details are the keys that most rules do not have. They are apart because a large file has tens of
// thousands of rules.
type Details struct {
	ID, Reason  Text
	Except      []Text
	Stages      []Text
	Until       Text
	OnViolation *Action

	Access   []Text
	Regions  []Text
	Accounts []Text
	Callers  []Text
	Unlisted *bool // aws: the service may be newer than the tables
}

// noDetails is shared by all rules without details. It must never be written to.
var noDetails Details

// ruleKey is a key of a rule, other than its subject.
type ruleKey struct {
	name   string
	common bool         // it is a field of Draft itself
	with   []string     // the subjects that the key goes with; nil is any
	only   pattern.Mode // the list that the key is for; 0 is both
	wrong  [2]string    // the problem and the fix when it is in the other list
	decode func(d *decoder, e *Draft, v *yaml.Node)
}

// ruleKeys is the one table of these keys. A new key is a row here, a field of Details, and a use
// in the builder of rules.
var ruleKeys = [...]ruleKey{
	{name: "id", decode: func(d *decoder, e *Draft, v *yaml.Node) { e.ID, _ = d.scalar(v, "id:") }},
	{name: "reason", decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Reason, _ = d.scalar(v, "reason:") }},
	{name: "except", decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Except = d.list(v, "except") }},
	{name: "methods", common: true, with: []string{"http"}, decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Methods = d.list(v, "methods") }},
	{name: "access", with: []string{"aws"}, decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Access = d.list(v, "access") }},
	{name: "resources", common: true, with: []string{"aws"}, decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Resources = d.list(v, "resources") }},
	{name: "regions", with: []string{"aws"}, decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Regions = d.list(v, "regions") }},
	{name: "accounts", with: []string{"aws"}, decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Accounts = d.list(v, "accounts") }},
	{name: "unlisted", with: []string{"aws"}, decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Unlisted = d.flag(v, "unlisted:") }},
	{name: "callers", decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Callers = d.list(v, "callers") }},
	{name: "stages", decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Stages = d.list(v, "stages") }},
	{
		name: "until", only: pattern.Narrow, decode: func(d *decoder, e *Draft, v *yaml.Node) { e.Until, _ = d.scalar(v, "until:") },
		wrong: [2]string{"until: on a blacklist rule", "until: ends a whitelist rule; delete it"},
	},
	{
		name: "on_violation", only: pattern.Wide, decode: func(d *decoder, e *Draft, v *yaml.Node) { e.OnViolation = d.action(v, "on_violation:") },
		wrong: [2]string{"on_violation: on a whitelist rule has no effect", "put it on the section, or on a blacklist rule"},
	},
}

// feedKey is the subject that reads hosts and addresses from a file. It stands for rules of two
// kinds.
const feedKey = "feed"

// SubjectKeys returns the keys that a rule of a list can have as its subject.
// See decision 12.
func SubjectKeys(m pattern.Mode) []string {
	if m == pattern.Wide {
		return append(rule.KindKeys(), feedKey)
	}
	return rule.KindKeys()
}

// RuleKeys returns the keys of a rule: its subjects, then the others.
func RuleKeys() []string {
	keys := SubjectKeys(pattern.Wide)
	for i := range ruleKeys {
		keys = append(keys, ruleKeys[i].name)
	}
	return keys
}

// ruleKeyOf returns the row of a key; nil for a subject.
func ruleKeyOf(name string) *ruleKey {
	for i := range ruleKeys {
		if ruleKeys[i].name == name {
			return &ruleKeys[i]
		}
	}
	return nil
}

// ruleKey decodes one key of a rule into e.
func (d *decoder) ruleKey(name string, k, v *yaml.Node, e *Draft) {
	key := ruleKeyOf(name)
	switch {
	// What has no row is a subject: mapping has refused unknown keys.
	case key == nil:
		d.subject(name, k, v, e)
	case key.decode == nil:
		d.undecoded(k)
	// until: in a blacklist would end a prohibition unnoticed.
	case key.only != 0 && key.only != e.Mode:
		d.Fail(at(k), key.wrong[0], key.wrong[1])
	default:
		// The first such key of the rule: it needs details of its own.
		if e.Details == &noDetails && !key.common {
			e.Details = new(Details)
		}
		key.decode(d, e, v)
	}
}

// subject decodes the subject of a rule into e.
func (d *decoder) subject(name string, k, v *yaml.Node, e *Draft) {
	if e.Key != "" && e.Key != name {
		d.Fail(at(k), fmt.Sprintf("the rule has two subjects, %s: and %s:", e.Key, name), "make two rules of it")
		return
	}
	// It is decoded all the same, so that its list is checked.
	if name == feedKey && e.Mode == pattern.Narrow {
		d.Fail(at(k), "feed: in a whitelist", "feeds are for blacklists; write http: or ip: rules")
	}
	e.Key, e.Subject = name, d.list(v, name)
}

// belongs reports keys that do not go with the rule's subject.
func (d *decoder) belongs(n *yaml.Node, e *Draft) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if key := ruleKeyOf(k.Value); key != nil && key.with != nil && !slices.Contains(key.with, e.Key) {
			d.Fail(at(k), fmt.Sprintf("%s: in a rule with %s:", key.name, e.Key), fmt.Sprintf("%s: goes with %s:; delete it", key.name, report.OneOf(key.with)))
		}
	}
}
