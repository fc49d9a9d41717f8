package syntax

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/report"
	"go.yaml.in/yaml/v3"
)

// decoder turns YAML nodes into a File, and reports all that is wrong on the way. It reads
// Node.Value, never the tag: to YAML, 2027-01-31 is a timestamp and 012345678901 a float.
type decoder struct {
	*report.Reporter
	ruleKeys  []string
	drafts    int  // rules so far
	variables bool // a variable was seen; each rule clears it first
	private   bool // in notify:, whose texts can be secrets and are not shown
}

func at(n *yaml.Node) report.Place { return report.Place{Line: n.Line, Col: n.Column} }

// FileKeys returns the keys at the top of a file, in the order in which messages list them. It and
// the functions below have the keys of each mapping but rules. policy.schema.json names the same
// keys; a test compares them.
func FileKeys() []string {
	return []string{"version", "owner", "stage", "on_violation", "on_unguarded", "block_fails", "strict_operations", "notify",
		"whitelist", "blacklist", "functions"}
}

// SectionKeys returns the keys of a section under functions:.
func SectionKeys() []string {
	return []string{"owner", "on_violation", "on_unguarded", "block_fails", "strict_operations", "whitelist", "blacklist"}
}

// StageKeys returns the keys of stage:.
func StageKeys() []string { return []string{"accounts"} }

// ActionWords returns the values of on_violation:.
func ActionWords() []string { return []string{"log", "alert", "block"} }

// synonym returns our word for one that other tools use; "" if there is none.
func synonym(word string) string {
	switch word {
	case "allow", "allowlist", "allowed", "allow_list":
		return "whitelist"
	case "deny", "denylist", "denied", "deny_list", "blocklist":
		return "blacklist"
	case "url", "urls", "https", "host", "hosts":
		return "http"
	case "action", "actions", "operation", "operations":
		return "aws"
	case "cidr":
		return "ip"
	case "tcp":
		return "net"
	case "method":
		return "methods"
	case "resource":
		return "resources"
	case "region":
		return "regions"
	case "account":
		return "accounts"
	case "stage":
		return "stages"
	case "expires":
		return "until"
	case "description", "because":
		return "reason"
	case "not", "exclude":
		return "except"
	case "mode", "violation", "effect":
		return "on_violation"
	case "alerts":
		return "notify"
	case "function", "lambdas":
		return "functions"
	}
	return ""
}

// theFile is what a whole file is called in errors.
const theFile = "the file"

// mapping calls f for each known key of n; in says what n is, with an article.
func (d *decoder) mapping(n *yaml.Node, in string, known []string, f func(key string, k, v *yaml.Node)) {
	if !d.isMapping(n, in) {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || isMerge(k) {
			continue // reported by checkNodes
		}
		if !slices.Contains(known, k.Value) {
			d.unknownKey(k, in, known)
			continue
		}
		if isNull(v) && v.LineComment == "" {
			v.LineComment = k.LineComment // the comment that stands in the value's place
		}
		f(k.Value, k, v)
	}
}

// undecoded reports a key that is known and that no decoder reads.
func (d *decoder) undecoded(k *yaml.Node) {
	d.Fail(at(k), k.Value+": cannot be read", "report this as an error in Outguard")
}

func (d *decoder) isMapping(n *yaml.Node, in string) bool {
	if n.Kind == yaml.MappingNode {
		return true
	}
	switch {
	case n.Kind == yaml.AliasNode: // reported by checkNodes
	case isNull(n):
		d.Fail(at(n), in+" is empty", "write its keys, {} for none, or delete it")
	case n.Kind == yaml.SequenceNode:
		d.Fail(at(n), in+" is a list, not a mapping", "delete the dashes or brackets: it takes keys, key: value")
	default:
		d.Fail(at(n), fmt.Sprintf("%s is %s, not a mapping", in, d.shape(n)), "write it as key: value")
	}
	return false
}

func (d *decoder) unknownKey(k *yaml.Node, in string, known []string) {
	if d.private && strings.Trim(k.Value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != "" {
		d.Fail(at(k), "an unknown key in "+in, "use "+report.OneOf(known)+", each followed by a colon and a blank")
		return
	}
	meant := report.Nearest(k.Value, known)
	if s := synonym(strings.ToLower(k.Value)); meant == "" && slices.Contains(known, s) {
		meant = s
	}
	if meant != "" {
		d.Fail(at(k), fmt.Sprintf("unknown key %q", report.Short(k.Value)), fmt.Sprintf("did you mean %q?", meant))
		return
	}
	fix := "use " + report.OneOf(known)
	switch {
	case slices.Contains(FileKeys(), k.Value):
		fix = fmt.Sprintf("%q belongs at the top of the file; mind the indentation", k.Value)
	case slices.Contains(d.ruleKeys, k.Value):
		fix = fmt.Sprintf("%q belongs to a rule, in a whitelist or a blacklist", k.Value)
	case in == theFile:
		fix = "functions go under functions:; the top of the file takes " + report.OneOf(known)
	}
	d.Fail(at(k), fmt.Sprintf("unknown key %q in %s", report.Short(k.Value), in), fix)
}

// scalar decodes one piece of text.
func (d *decoder) scalar(n *yaml.Node, what string) (Text, bool) {
	switch {
	case n.Kind == yaml.AliasNode, n.Style&yaml.TaggedStyle != 0: // reported by checkNodes
	case n.Kind != yaml.ScalarNode:
		d.Fail(at(n), fmt.Sprintf("%s is %s, not text", what, d.shape(n)), flowFix(n))
	case isNull(n) && len(n.LineComment) > 1 && n.LineComment[1] != ' ':
		d.Fail(at(n), what+" is empty: # begins a comment", `quote the text if the # belongs to it: "#…"`)
	case isNull(n):
		d.Fail(at(n), what+" is empty", "write a value, or delete the key")
	case strings.TrimSpace(n.Value) == "":
		d.Fail(at(n), what+" is empty", "write a value, or delete the key")
	default:
		d.doubt(n)
		d.variables = d.variables || strings.Contains(n.Value, "${")
		return Text{n.Value, at(n)}, true
	}
	return Text{}, false
}

// doubt warns of text that is not read as it was meant: $NAME, and what YAML cuts off as a comment.
func (d *decoder) doubt(n *yaml.Node) {
	if i := strings.IndexByte(n.Value, '$'); i >= 0 && !strings.HasPrefix(n.Value[i:], "$LATEST") && i+1 < len(n.Value) && n.Value[i+1] >= 'A' && n.Value[i+1] <= 'Z' {
		d.Warn(at(n), "the text holds a $ and no variable", "write ${NAME} for a variable")
	}
	if c := n.LineComment; n.Style == 0 && len(c) > 1 && c[1] >= '0' && c[1] <= '9' {
		d.Warn(at(n), "the text ends before the #, which begins a comment", `quote the text if the # belongs to it: "…"`)
	}
}

// list decodes a text or a list of texts.
func (d *decoder) list(n *yaml.Node, what string) []Text {
	if n.Kind != yaml.SequenceNode {
		if t, ok := d.scalar(n, what); ok {
			return []Text{t}
		}
		return nil
	}
	if len(n.Content) == 0 {
		d.Fail(at(n), what+" is an empty list", "name at least one, or delete the key")
	}
	out := make([]Text, 0, len(n.Content))
	for _, item := range n.Content {
		if t, ok := d.scalar(item, "an entry of "+what); ok {
			out = append(out, t)
		}
	}
	return out
}

// word decodes one of a few words.
func (d *decoder) word(n *yaml.Node, what string, words []string) (Text, bool) {
	t, ok := d.scalar(n, what)
	if ok && !slices.Contains(words, t.Value) {
		d.Fail(at(n), fmt.Sprintf("%s %q is unknown", what, report.Short(t.Value)), report.DidYouMean(t.Value, words))
		return Text{}, false
	}
	return t, ok
}

// flag decodes true or false.
func (d *decoder) flag(n *yaml.Node, what string) *bool {
	t, ok := d.word(n, what, []string{"true", "false"})
	if !ok {
		return nil
	}
	b, _ := strconv.ParseBool(t.Value)
	return &b
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Tag == "!!null" }

func isMerge(k *yaml.Node) bool { return k.Tag == "!!merge" && k.Style == 0 }

// shape says what a node is, in the user's words.
func (d *decoder) shape(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "empty"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case d.private:
		return "a text"
	}
	return fmt.Sprintf("the text %q", report.Shown(n.Value))
}

// flowFix says how to write a text that YAML took for a mapping or a list.
func flowFix(n *yaml.Node) string {
	if n.Style&yaml.FlowStyle != 0 {
		return `quote it if it is meant as text: "…"`
	}
	return "write one value after the colon"
}

// maxDepth is how deep a policy can nest; the language needs 7.
const maxDepth = 16

// name is the name of an anchor, an alias, a tag or a key as an error shows it.
func (d *decoder) name(s string) string {
	if d.private {
		return "…"
	}
	return report.Short(s)
}

// checkNodes reports what YAML allows and a policy does not: repeated keys, anchors, aliases,
// tags, merge keys and keys that are not text.
func (d *decoder) checkNodes(n *yaml.Node, depth int) {
	switch {
	case depth > maxDepth:
		d.Fail(at(n), "this is nested too deeply", "a policy is at most 7 levels deep")
		return
	case n.Kind == yaml.AliasNode:
		d.Fail(at(n), fmt.Sprintf("*%s is a YAML alias", d.name(n.Value)), "write the value out, or quote it if it is meant as text")
		return
	case n.Anchor != "":
		d.Fail(at(n), fmt.Sprintf("&%s is a YAML anchor", d.name(n.Anchor)), "delete it; every rule is written out")
	case n.Style&yaml.TaggedStyle != 0:
		d.Fail(at(n), fmt.Sprintf("%s is a YAML tag", d.name(n.Tag)), "delete it, or quote the text if it is meant")
	}
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			d.checkNodes(c, depth+1)
		}
		return
	}
	var seen map[string]int
	if len(n.Content) > 32 {
		seen = make(map[string]int, len(n.Content)/2)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode:
			d.Fail(at(k), fmt.Sprintf("a key is %s, not text", d.shape(k)), `quote it if it is meant as text: "…"`)
		case isMerge(k):
			d.Fail(at(k), "<< is a YAML merge key", "write the keys out")
		default:
			if line := keyBefore(n, i, seen); line > 0 {
				d.Fail(at(k), fmt.Sprintf("key %q is repeated (first on line %d)", d.name(k.Value), line), "merge the two, or delete one")
			}
			d.checkNodes(k, depth+1)
		}
		if depth == 0 {
			d.private = k.Value == "notify"
		}
		d.checkNodes(n.Content[i+1], depth+1)
	}
	if depth == 0 {
		d.private = false
	}
}

// keyBefore returns the line on which the i-th node of a mapping, a key, was written before, or
// 0. seen serves large mappings; nil: look back through the keys.
func keyBefore(n *yaml.Node, i int, seen map[string]int) int {
	k := n.Content[i]
	if seen != nil {
		line := seen[k.Value]
		if line == 0 {
			seen[k.Value] = k.Line
		}
		return line
	}
	for j := 0; j < i; j += 2 {
		if n.Content[j].Kind == yaml.ScalarNode && n.Content[j].Value == k.Value {
			return n.Content[j].Line
		}
	}
	return 0
}
