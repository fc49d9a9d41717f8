package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/report"
	"go.yaml.in/yaml/v3"
)

// This file checks YAML nodes before they are decoded: depth, aliases, tags, repeated keys.

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
// tags, merge keys and keys that are not text. It reports one of these for a node: one fix often
// mends the others.
func (d *decoder) checkNodes(n *yaml.Node, depth int) {
	switch {
	// Recursion must end, and YAML nests as deep as the file is long.
	case depth > maxDepth:
		d.Fail(at(n), "this is nested too deeply", "a policy is at most 7 levels deep")
		return
	// An alias is not followed: a file of a few lines could stand for a billion nodes.
	case n.Kind == yaml.AliasNode:
		d.Fail(at(n), fmt.Sprintf("*%s is a YAML alias", d.name(n.Value)), "write the value out, or quote it if it is meant as text")
		return
	case n.Anchor != "":
		d.Fail(at(n), fmt.Sprintf("&%s is a YAML anchor", d.name(n.Anchor)), "delete it; every rule is written out")
	case n.Style&yaml.TaggedStyle != 0:
		d.Fail(at(n), fmt.Sprintf("%s is a YAML tag", d.name(n.Tag)), "delete it, or quote the text if it is meant")
	}
	// An entry of a blacklist must not take the function down. It is judged by itself.
	if d.pasted && !d.lenient {
		if i := strings.IndexAny(n.Value, pasted); i >= 0 {
			c, _ := utf8.DecodeRuneInString(n.Value[i:])
			d.Fail(at(n), fmt.Sprintf("the text holds a character that cannot be seen, %U", c), "delete it")
		}
	}
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			d.checkNodes(c, depth+1)
		}
		return
	}
	// A mapping of many functions would take quadratic time.
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
			// To YAML, the last of two keys counts, and a reviewer may see only the first.
			if line := keyBefore(n, i, seen); line > 0 {
				d.Fail(at(k), fmt.Sprintf("key %q is repeated (first on line %d)", d.name(k.Value), line), "merge the two, or delete one")
			}
			d.checkNodes(k, depth+1)
		}
		// Names below notify: may be parts of a secret.
		if depth == 0 {
			d.private = k.Value == "notify"
		}
		before := d.lenient
		d.lenient = before || k.Value == "blacklist" || k.Value == "except"
		d.checkNodes(n.Content[i+1], depth+1)
		d.lenient = before
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
