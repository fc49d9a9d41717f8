package policy

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	accessWords = []string{"list", "read", "write", "tagging", "permissions"}
	awsOnly     = []string{"access", "resources", "regions", "accounts"}
)

func (d *decoder) rules(n *yaml.Node, m mode) []draft {
	list := listKey(m)
	switch {
	case isNull(n) && m == narrow:
		d.fail(at(n), "whitelist: has no entries", "write whitelist: [] to allow nothing, or delete it to allow everything that is not blacklisted")
		return nil
	case isNull(n):
		d.fail(at(n), "blacklist: has no entries", "add a rule, or delete it")
		return nil
	case n.Kind != yaml.SequenceNode:
		d.fail(at(n), fmt.Sprintf("%s: is %s, not a list", list, d.shape(n)), "begin each rule with a dash: - http: …")
		return nil
	}
	out := make([]draft, 0, len(n.Content))
	for _, item := range n.Content {
		if e, ok := d.rule(item, m); ok {
			out = append(out, e)
		}
	}
	return out
}

func (d *decoder) rule(n *yaml.Node, m mode) (draft, bool) {
	e := draft{place: at(n), mode: m, number: d.drafts}
	d.drafts++
	before := len(d.errs)
	d.variables = false
	switch {
	case isNull(n), n.Kind == yaml.MappingNode && len(n.Content) == 0:
		d.fail(at(n), "the rule is empty", "give it a subject: "+oneOf(d.subjects(m))+":")
		return e, false
	case n.Kind == yaml.ScalarNode:
		d.fail(at(n), fmt.Sprintf("a rule is a mapping, not the text %q", shown(n.Value)), "write - "+short(asRule(shown(n.Value))))
		return e, false
	}
	d.mapping(n, "a rule", ruleKeys, func(key string, k, v *yaml.Node) {
		switch key {
		case "id":
			e.id, _ = d.scalar(v, "id:")
		case "reason":
			e.reason, _ = d.scalar(v, "reason:")
		case "except":
			e.except = d.list(v, "except:")
		case "stages":
			e.stages = d.list(v, "stages:")
		case "until":
			e.until = d.until(k, v, m)
		case "on_violation":
			if m == narrow {
				d.fail(at(k), "on_violation: on a whitelist rule has no effect", "put it on the section, or on a blacklist rule")
				break
			}
			e.onViolation = d.action(v)
		case "methods":
			e.methods = d.list(v, "methods:")
		case "access":
			e.access, _ = d.scalar(v, "access:")
		case "resources":
			e.resources = d.list(v, "resources:")
		case "regions":
			e.regions = d.list(v, "regions:")
		case "accounts":
			e.accounts = d.list(v, "accounts:")
		default: // a subject
			if e.key != "" && e.key != key {
				d.fail(at(k), fmt.Sprintf("the rule has two subjects, %s: and %s:", e.key, key), "make two rules of it")
				break
			}
			if key == "feed" && m == narrow {
				d.fail(at(k), "feed: in a whitelist", "feeds are for blacklists; write http: or ip: rules")
			}
			e.key, e.subject = key, d.list(v, key+":")
		}
	})
	if n.Kind == yaml.MappingNode && e.key == "" {
		if len(d.errs) == before { // otherwise a mistyped subject has been reported
			d.fail(at(n), "the rule has no subject", "add "+oneOf(d.subjects(m))+":")
		}
		return e, false
	}
	d.belongs(n, &e)
	e.variables = d.variables
	return e, n.Kind == yaml.MappingNode
}

// belongs reports keys that do not go with the rule's subject.
func (d *decoder) belongs(n *yaml.Node, e *draft) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Value == "methods" && e.key != "http":
			d.fail(at(k), fmt.Sprintf("methods: in a rule with %s:", e.key), "methods: goes with http:; delete it")
		case slices.Contains(awsOnly, k.Value) && e.key != "aws":
			d.fail(at(k), fmt.Sprintf("%s: in a rule with %s:", k.Value, e.key), k.Value+": goes with aws:; delete it")
		}
	}
}

func (d *decoder) until(k, v *yaml.Node, m mode) text {
	if m == wide {
		d.fail(at(k), "until: on a blacklist rule", "until: ends a whitelist rule; delete it")
		return text{}
	}
	t, _ := d.scalar(v, "until:")
	return t
}

func (d *decoder) subjects(m mode) []string {
	if m == narrow {
		return kindKeys()
	}
	return append(kindKeys(), "feed")
}

// asRule returns the rule that a bare text was meant to be.
func asRule(s string) string {
	for _, key := range append(kindKeys(), "feed") { // "http a.com", "http:a.com"
		if rest, ok := strings.CutPrefix(s, key); ok && !strings.HasPrefix(rest, "://") && rest != "" && (rest[0] == ' ' || rest[0] == ':') {
			return key + ": " + strings.TrimLeft(rest, ": ")
		}
	}
	_, bad := parseIPPattern(s)
	switch _, after, colon := strings.Cut(s, ":"); {
	case bad == nil:
		return "ip: " + s
	case colon && !strings.HasPrefix(after, "//") && strings.Trim(after, "0123456789/") != "":
		return "aws: " + s
	}
	return "http: " + s
}

// listKey returns the key of the list whose rules have a mode.
func listKey(m mode) string {
	if m == narrow {
		return "whitelist"
	}
	return "blacklist"
}
