package syntax

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"gopkg.in/yaml.v3"
)

var (
	AccessWords = []string{"list", "read", "write", "tagging", "permissions"}
	awsOnly     = []string{"access", "resources", "regions", "accounts"}
)

func (d *decoder) rules(n *yaml.Node, m pattern.Mode) []Draft {
	list := ListKey(m)
	switch {
	case isNull(n) && m == pattern.Narrow:
		d.Fail(at(n), "whitelist: has no entries", "write whitelist: [] to allow nothing, or delete it to allow everything that is not blacklisted")
		return nil
	case isNull(n):
		d.Fail(at(n), "blacklist: has no entries", "add a rule, or delete it")
		return nil
	case n.Kind != yaml.SequenceNode:
		d.Fail(at(n), fmt.Sprintf("%s: is %s, not a list", list, d.shape(n)), "begin each rule with a dash: - http: …")
		return nil
	}
	out := make([]Draft, 0, len(n.Content))
	for _, item := range n.Content {
		if e, ok := d.rule(item, m); ok {
			out = append(out, e)
		}
	}
	return out
}

func (d *decoder) rule(n *yaml.Node, m pattern.Mode) (Draft, bool) {
	e := Draft{Place: at(n), Mode: m, Number: d.drafts}
	d.drafts++
	before := len(d.Errors)
	d.variables = false
	switch {
	case isNull(n), n.Kind == yaml.MappingNode && len(n.Content) == 0:
		d.Fail(at(n), "the rule is empty", "give it a subject: "+report.OneOf(d.subjects(m))+":")
		return e, false
	case n.Kind == yaml.ScalarNode:
		d.Fail(at(n), fmt.Sprintf("a rule is a mapping, not the text %q", report.Shown(n.Value)), "write - "+report.Short(asRule(report.Shown(n.Value))))
		return e, false
	}
	d.mapping(n, "a rule", RuleKeys, func(key string, k, v *yaml.Node) {
		switch key {
		case "id":
			e.ID, _ = d.scalar(v, "id:")
		case "reason":
			e.Reason, _ = d.scalar(v, "reason:")
		case "except":
			e.Except = d.list(v, "except:")
		case "stages":
			e.Stages = d.list(v, "stages:")
		case "until":
			e.Until = d.until(k, v, m)
		case "on_violation":
			if m == pattern.Narrow {
				d.Fail(at(k), "on_violation: on a whitelist rule has no effect", "put it on the section, or on a blacklist rule")
				break
			}
			e.OnViolation = d.action(v)
		case "methods":
			e.Methods = d.list(v, "methods:")
		case "access":
			e.Access, _ = d.scalar(v, "access:")
		case "resources":
			e.Resources = d.list(v, "resources:")
		case "regions":
			e.Regions = d.list(v, "regions:")
		case "accounts":
			e.Accounts = d.list(v, "accounts:")
		default: // a subject
			if e.Key != "" && e.Key != key {
				d.Fail(at(k), fmt.Sprintf("the rule has two subjects, %s: and %s:", e.Key, key), "make two rules of it")
				break
			}
			if key == "feed" && m == pattern.Narrow {
				d.Fail(at(k), "feed: in a whitelist", "feeds are for blacklists; write http: or ip: rules")
			}
			e.Key, e.Subject = key, d.list(v, key+":")
		}
	})
	if n.Kind == yaml.MappingNode && e.Key == "" {
		if len(d.Errors) == before { // otherwise a mistyped subject has been reported
			d.Fail(at(n), "the rule has no subject", "add "+report.OneOf(d.subjects(m))+":")
		}
		return e, false
	}
	d.belongs(n, &e)
	e.Variables = d.variables
	return e, n.Kind == yaml.MappingNode
}

// belongs reports keys that do not go with the rule's subject.
func (d *decoder) belongs(n *yaml.Node, e *Draft) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Value == "methods" && e.Key != "http":
			d.Fail(at(k), fmt.Sprintf("methods: in a rule with %s:", e.Key), "methods: goes with http:; delete it")
		case slices.Contains(awsOnly, k.Value) && e.Key != "aws":
			d.Fail(at(k), fmt.Sprintf("%s: in a rule with %s:", k.Value, e.Key), k.Value+": goes with aws:; delete it")
		}
	}
}

func (d *decoder) until(k, v *yaml.Node, m pattern.Mode) Text {
	if m == pattern.Wide {
		d.Fail(at(k), "until: on a blacklist rule", "until: ends a whitelist rule; delete it")
		return Text{}
	}
	t, _ := d.scalar(v, "until:")
	return t
}

func (d *decoder) subjects(m pattern.Mode) []string {
	if m == pattern.Narrow {
		return rule.KindKeys()
	}
	return append(rule.KindKeys(), "feed")
}

// asRule returns the rule that a bare text was meant to be.
func asRule(s string) string {
	for _, key := range append(rule.KindKeys(), "feed") { // "http a.com", "http:a.com"
		if rest, ok := strings.CutPrefix(s, key); ok && !strings.HasPrefix(rest, "://") && rest != "" && (rest[0] == ' ' || rest[0] == ':') {
			return key + ": " + strings.TrimLeft(rest, ": ")
		}
	}
	_, bad := pattern.ParseIP(s)
	switch _, after, colon := strings.Cut(s, ":"); {
	case bad == nil:
		return "ip: " + s
	case colon && !strings.HasPrefix(after, "//") && strings.Trim(after, "0123456789/") != "":
		return "aws: " + s
	}
	return "http: " + s
}

// listKey returns the key of the list whose rules have a mode.
func ListKey(m pattern.Mode) string {
	if m == pattern.Narrow {
		return "whitelist"
	}
	return "blacklist"
}
