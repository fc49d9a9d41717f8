package syntax

import (
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/report"
	"go.yaml.in/yaml/v3"
)

// AccessWords returns the values of access:.
func AccessWords() []string { return []string{"list", "read", "write", "tagging", "permissions"} }

// rules decodes the list of one mode. Rules that cannot be read are left out and reported.
func (d *decoder) rules(n *yaml.Node, m pattern.Mode) []Draft {
	list := ListKey(m)
	switch {
	// "whitelist:" with its entries commented out denies everything or nothing. Nobody can know
	// which.
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
		// A rule of one subject has no details of its own, which saves memory in large files.
		out = append(out, Draft{Place: at(item), Mode: m, Number: d.drafts, Details: &noDetails})
		if last := len(out) - 1; !d.rule(item, &out[last]) {
			out = out[:last]
		}
	}
	return out
}

// rule decodes a rule into e, and reports whether it is one.
func (d *decoder) rule(n *yaml.Node, e *Draft) bool {
	m := e.Mode
	// It counts also if the rule is wrong, so that numbers are those of the file.
	d.drafts++
	before := len(d.Errors)
	d.variables = false
	switch {
	// "- " with nothing behind it.
	case isNull(n), n.Kind == yaml.MappingNode && len(n.Content) == 0:
		d.Fail(at(n), "the rule is empty", "give it a subject: "+report.OneOf(SubjectKeys(m))+":")
		return false
	// "- a.com": a bare text. The fix shows the whole entry.
	case n.Kind == yaml.ScalarNode:
		d.Fail(at(n), fmt.Sprintf("a rule is a mapping, not the text %q", report.Shown(n.Value)), "write - "+report.Short(asRule(report.Shown(n.Value))))
		return false
	}
	d.mapping(n, "a rule", d.ruleKeys, func(key string, k, v *yaml.Node) {
		d.ruleKey(key, k, v, e)
	})
	if n.Kind == yaml.MappingNode && e.Key == "" {
		if len(d.Errors) == before { // otherwise a mistyped subject has been reported
			d.Fail(at(n), "the rule has no subject", "add "+report.OneOf(SubjectKeys(m))+":")
		}
		return false
	}
	// After all keys, because the subject may be the last.
	d.belongs(n, e)
	e.Variables = d.variables
	return n.Kind == yaml.MappingNode
}

// asRule returns the rule that a bare text was meant to be.
func asRule(s string) string {
	// "feed" is in it, "aws" too.
	for _, key := range SubjectKeys(pattern.Wide) { // "http a.com", "http:a.com"
		if rest, ok := strings.CutPrefix(s, key); ok && !strings.HasPrefix(rest, "://") && rest != "" && (rest[0] == ' ' || rest[0] == ':') {
			return key + ": " + strings.TrimLeft(rest, ": ")
		}
	}
	// Then by form: an address, service:Operation, or a host. "a.com:443" has digits behind its
	// colon.
	_, bad := pattern.ParseIP(s)
	switch _, after, colon := strings.Cut(s, ":"); {
	case bad == nil:
		return "ip: " + s
	case colon && !strings.HasPrefix(after, "//") && strings.Trim(after, "0123456789/") != "":
		return "aws: " + s
	}
	return "http: " + s
}

// ListKey returns the key of the list whose rules have a mode.
func ListKey(m pattern.Mode) string {
	if m == pattern.Narrow {
		return "whitelist"
	}
	return "blacklist"
}
