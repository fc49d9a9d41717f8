package roles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A tree is a file as it was written: YAML and JSON become the same. The short forms of
// CloudFormation's functions become long ones: !Sub x is {Fn::Sub: x}. A nil tree is an empty one.
// A list has items only; a map has a key for each item.
type tree struct {
	kind  byte // 's' scalar, 'l' list, 'm' map
	text  string
	empty bool // null
	keys  []string
	items []*tree // of a list, or the values of a map
}

// Bounds on what is read: a file may come from anywhere.
const (
	// 64 MB: no template comes near, and a state of Terraform rarely does.
	maxBytes = 64 << 20
	maxNodes = 1 << 20
	// Recursion uses the stack, so that depth is bounded too.
	maxDepth = 200
)

var errTooLarge = errors.New("the file is too large or too deeply nested")

// parseTree parses JSON, and YAML otherwise.
func parseTree(data []byte) (*tree, error) {
	if len(data) > maxBytes {
		return nil, errTooLarge
	}
	// A byte order mark, as editors on Windows write it, is not JSON.
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	// The count of nodes bounds YAML's aliases: a few lines can stand for billions of nodes.
	left := maxNodes
	// JSON has a decoder of its own, which keeps numbers as they are written. A text that only
	// begins like JSON, such as {a: 1}, is YAML.
	if head := bytes.TrimLeft(data, " \t\r\n"); len(head) > 0 && (head[0] == '{' || head[0] == '[') && json.Valid(data) {
		d := json.NewDecoder(bytes.NewReader(data))
		// The account 111122223333 as a float would become 1.11122223333e+11.
		d.UseNumber()
		return fromJSON(d, &left, 0)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var n yaml.Node
	// Only the first document is read: templates have one.
	if err := d.Decode(&n); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty")
		}
		return nil, fmt.Errorf("neither JSON nor YAML: %w", err)
	}
	return fromYAML(&n, &left, 0)
}

// fromJSON reads one value. left counts down the nodes of the whole file.
func fromJSON(d *json.Decoder, left *int, depth int) (*tree, error) {
	if *left--; *left < 0 || depth > maxDepth {
		return nil, errTooLarge
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		// A closing delimiter never gets here: d.More is false before it.
		t := &tree{kind: 'l'}
		if v == '{' {
			t.kind = 'm'
		}
		for d.More() {
			if t.kind == 'm' {
				// A key is always a string.
				key, err := d.Token()
				if err != nil {
					return nil, err
				}
				t.keys = append(t.keys, fmt.Sprint(key))
			}
			item, err := fromJSON(d, left, depth+1)
			if err != nil {
				return nil, err
			}
			t.items = append(t.items, item)
		}
		// The closing delimiter.
		_, err = d.Token()
		return t, err
	case nil:
		return &tree{kind: 's', empty: true}, nil
	}
	// Numbers and booleans are texts here, as CloudFormation reads them.
	return &tree{kind: 's', text: fmt.Sprint(token)}, nil
}

// fromYAML converts a node, and resolves aliases, merge keys and CloudFormation's short forms.
func fromYAML(n *yaml.Node, left *int, depth int) (*tree, error) {
	if *left--; *left < 0 || depth > maxDepth {
		return nil, errTooLarge
	}
	t := &tree{kind: 's'}
	switch n.Kind {
	case yaml.DocumentNode:
		return fromYAML(n.Content[0], left, depth+1)
	case yaml.AliasNode:
		return fromYAML(n.Alias, left, depth+1)
	case yaml.ScalarNode:
		// ~, null and nothing are empty; "null" in quotes has the tag !!str.
		t.text, t.empty = n.Value, n.Tag == "!!null"
	case yaml.SequenceNode, yaml.MappingNode:
		t.kind = 'l'
		for i, c := range n.Content {
			// A mapping's content alternates between keys and values.
			if n.Kind == yaml.MappingNode && i%2 == 0 {
				t.kind = 'm'
				t.keys = append(t.keys, c.Value)
				continue
			}
			item, err := fromYAML(c, left, depth+1)
			if err != nil {
				return nil, err
			}
			// <<: *defaults
			if n.Kind == yaml.MappingNode && n.Content[i-1].Tag == "!!merge" {
				t.merge(item)
				continue
			}
			t.items = append(t.items, item)
		}
		// An empty mapping has had no key to show its kind.
		if n.Kind == yaml.MappingNode {
			t.kind = 'm'
		}
	}
	// !Sub and !GetAtt are tags of CloudFormation. Ref and Condition have no Fn:: in the long form.
	if tag := n.Tag; strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") {
		name := tag[1:]
		if name != "Ref" && name != "Condition" {
			name = "Fn::" + name
		}
		t = &tree{kind: 'm', keys: []string{name}, items: []*tree{t}}
	}
	return t, nil
}

// merge puts the entries of a map, or of a list of maps, in the place of the last key, a merge key.
func (t *tree) merge(from *tree) {
	t.keys = t.keys[:len(t.keys)-1]
	maps := []*tree{from}
	// In <<: [*a, *b], the first one wins.
	if from.kind == 'l' {
		maps = from.items
	}
	for _, m := range maps {
		// What is not a map is a mistake in the file, which its own tools report.
		if m.kind != 'm' {
			continue
		}
		for i, k := range m.keys {
			if t.get(k) == nil {
				// The merged entries come first, so that those of the map itself win.
				t.keys = slices.Insert(t.keys, len(t.items), k)
				t.items = append(t.items, m.items[i])
			}
		}
	}
}

// get returns the value at a path of keys; nil if there is none. Of equal keys, the last counts.
func (t *tree) get(path ...string) *tree {
	for _, key := range path {
		if t == nil || t.kind != 'm' {
			return nil
		}
		// YAML forbids equal keys, JSON does not: as in encoding/json, the last one counts.
		found := (*tree)(nil)
		for i, k := range t.keys[:min(len(t.keys), len(t.items))] {
			if k == key {
				found = t.items[i]
			}
		}
		t = found
	}
	// In a template, null means the same as a missing property.
	if t != nil && t.kind == 's' && t.empty {
		return nil
	}
	return t
}

// str returns the text of a scalar; "" for anything else.
func (t *tree) str() string {
	if t == nil || t.kind != 's' {
		return ""
	}
	return t.text
}

// list returns the items of a list, and anything else as a list of one; nil for nothing.
func (t *tree) list() []*tree {
	switch {
	case t == nil || t.kind == 's' && t.empty:
		return nil
	case t.kind == 'l':
		return t.items
	}
	return []*tree{t}
}

// entries calls yield with the keys and values of a map.
func (t *tree) entries(yield func(key string, value *tree) bool) {
	if t == nil || t.kind != 'm' {
		return
	}
	for i, k := range t.keys {
		if !yield(k, t.items[i]) {
			return
		}
	}
}

// call returns the only entry of a map that calls a function of CloudFormation: {Ref: x}.
func (t *tree) call() (name string, arg *tree) {
	if t == nil || t.kind != 'm' || len(t.keys) != 1 {
		return "", nil
	}
	// Condition is a call within conditions only; as a key of a resource, it has neighbours.
	if name = t.keys[0]; name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::") {
		return name, t.items[0]
	}
	return "", nil
}
