package syntax

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/outguard/outguard/internal/report"
	"go.yaml.in/yaml/v3"
)

// This file decodes YAML nodes into the tree, and reports what is wrong with their form.

// decoder turns YAML nodes into a File, and reports all that is wrong on the way. It reads
// Node.Value, never the tag: to YAML, 2027-01-31 is a timestamp and 012345678901 a float.
type decoder struct {
	// Reporter collects the errors. Decoding goes on after one, so that all are reported at once.
	// ruleKeys are RuleKeys(), made once.
	*report.Reporter
	ruleKeys  []string
	drafts    int    // rules so far
	variables bool   // a variable was seen; each rule clears it first
	private   bool   // in notify:, whose texts can be secrets and are not shown
	pasted    bool   // some text holds a character that pasted can find
	lenient   bool   // in a blacklist or an except:, whose entries are judged one by one
	free      []Text // what room gives out next
}

// at is where a node begins. yaml counts lines and columns from 1, as errors do.
func at(n *yaml.Node) report.Place { return report.Place{Line: n.Line, Col: n.Column} }

// theFile is what a whole file is called in errors.
const theFile = "the file"

// mapping calls f for each known key of n; in says what n is, with an article.
func (d *decoder) mapping(n *yaml.Node, in string, known []string, f func(key string, k, v *yaml.Node)) {
	if !d.isMapping(n, in) {
		return
	}
	// Content has keys and values in turn.
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || isMerge(k) {
			continue // reported by checkNodes
		}
		if !slices.Contains(known, k.Value) {
			d.unknownKey(k, in, known)
			continue
		}
		// With "key: # text", the parser gives the comment to the key.
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

// isMapping reports whether n is a mapping, and what it is instead. in is as for mapping.
func (d *decoder) isMapping(n *yaml.Node, in string) bool {
	if n.Kind == yaml.MappingNode {
		return true
	}
	switch {
	// The order matters: an alias has no content, and null is a scalar.
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

// unknownKey reports a key that its mapping does not take, with the best fix there is.
func (d *decoder) unknownKey(k *yaml.Node, in string, known []string) {
	// In notify:, a key may be a secret in the wrong column. One of letters alone is not.
	if d.private && strings.Trim(k.Value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != "" {
		d.Fail(at(k), "an unknown key in "+in, "use "+report.OneOf(known)+", each followed by a colon and a blank")
		return
	}
	if fix := otherTarget(k.Value); d.private && fix != "" {
		d.Fail(at(k), fmt.Sprintf("unknown key %q in %s", report.Short(k.Value), in), fix)
		return
	}
	meant := report.Nearest(k.Value, known)
	// A word of another tool: allowlist. Only where the key that it means can be.
	if s := synonym(strings.ToLower(k.Value)); meant == "" && slices.Contains(known, s) {
		meant = s
	}
	if meant != "" {
		d.Fail(at(k), fmt.Sprintf("unknown key %q", report.Short(k.Value)), fmt.Sprintf("did you mean %q?", meant))
		return
	}
	// Neither a slip nor a synonym: perhaps the key stands in the wrong mapping.
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
	t, ok := d.text(n)
	if !ok {
		d.noText(n, what)
	}
	return t, ok
}

// text is scalar, and reports nothing about a node that has no text.
func (d *decoder) text(n *yaml.Node) (Text, bool) {
	if n.Kind != yaml.ScalarNode || n.Style&yaml.TaggedStyle != 0 || isNull(n) || strings.TrimSpace(n.Value) == "" {
		return Text{}, false
	}
	// Doubts do not refuse a text.
	d.doubt(n)
	d.variables = d.variables || strings.Contains(n.Value, "${")
	return Text{n.Value, at(n)}, true
}

// noText reports what stands in the place of a text.
func (d *decoder) noText(n *yaml.Node, what string) {
	switch {
	case n.Kind == yaml.AliasNode, n.Style&yaml.TaggedStyle != 0: // reported by checkNodes
	case n.Kind != yaml.ScalarNode:
		d.Fail(at(n), fmt.Sprintf("%s is %s, not text", what, d.shape(n)), flowFix(n))
	// "http: #x" has no value: the # begins a comment. A blank behind it shows that it is one.
	case isNull(n) && len(n.LineComment) > 1 && n.LineComment[1] != ' ':
		d.Fail(at(n), what+" is empty: # begins a comment", `quote the text if the # belongs to it: "#…"`)
	default:
		d.Fail(at(n), what+" is empty", "write a value, or delete the key")
	}
}

// doubt warns of text that is not read as it was meant: $NAME, and what YAML cuts off as a comment.
func (d *decoder) doubt(n *yaml.Node) {
	// $NAME is a variable to a shell. $LATEST is a version of a function.
	if i := strings.IndexByte(n.Value, '$'); i >= 0 && !strings.HasPrefix(n.Value[i:], "$LATEST") && i+1 < len(n.Value) && n.Value[i+1] >= 'A' && n.Value[i+1] <= 'Z' {
		d.Warn(at(n), "the text holds a $ and no variable", "write ${NAME} for a variable")
	}
	// "a.com #8080" was meant as a whole: a comment mostly begins with a blank or a letter.
	if c := n.LineComment; n.Style == 0 && len(c) > 1 && c[1] >= '0' && c[1] <= '9' {
		d.Warn(at(n), "the text ends before the #, which begins a comment", `quote the text if the # belongs to it: "…"`)
	}
}

// list decodes a text or a list of texts. key is the key that it stands under, without its colon.
func (d *decoder) list(n *yaml.Node, key string) []Text {
	if n.Kind != yaml.SequenceNode {
		out := d.room(1)
		if t, ok := d.text(n); ok {
			return append(out, t)
		}
		d.noText(n, key+":")
		return nil
	}
	// An empty list would match nothing, or everything; both readings are plausible.
	if len(n.Content) == 0 {
		d.Fail(at(n), key+": is an empty list", "name at least one, or delete the key")
	}
	out := d.room(len(n.Content))
	for _, item := range n.Content {
		// Wrong entries are left out, and the file is refused anyway.
		if t, ok := d.text(item); ok {
			out = append(out, t)
		} else {
			d.noText(item, "an entry of "+key+":")
		}
	}
	return out
}

// room returns an empty list with room for n texts. Lists are parts of larger blocks: a file has
// thousands of short ones.
func (d *decoder) room(n int) []Text {
	const block = 64
	if n > block/4 {
		return make([]Text, 0, n)
	}
	if len(d.free) < n {
		d.free = make([]Text, block)
	}
	out := d.free[:0:n]
	d.free = d.free[n:]
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

// isNull reports a value that is not written, ~ or null. "null" in quotes is a text.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Tag == "!!null" }

// isMerge reports the key << without quotes.
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
