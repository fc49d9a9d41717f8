package awscall

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// This file reads the members of a JSON body, each as far as it is asked for.

// jsonBody reads a JSON text. A text that is not an object, or not one alone, is unclear.
func jsonBody(text string) *Body {
	b := &Body{}
	if !utf8.ValidString(text) {
		b.unclear = true
		return b
	}
	root := &jsonNode{of: b, raw: []byte(text)}
	root.object()
	b.root = root
	return b
}

// A jsonNode is one value, with its members once they have been asked for.
type jsonNode struct {
	of      *Body
	raw     json.RawMessage
	members []jsonMember
	read    bool
}

type jsonMember struct {
	name  string
	value *jsonNode
}

// object reads the members of an object. It uses the decoder's tokens, because a map would not show
// that a name is there twice.
func (n *jsonNode) object() []jsonMember {
	if n.read {
		return n.members
	}
	n.read = true
	d := json.NewDecoder(bytes.NewReader(n.raw))
	begin, err := d.Token()
	if begin == nil && err == nil {
		return nil // null
	}
	if err != nil || begin != json.Delim('{') {
		n.of.unclear = true
		return nil
	}
	for d.More() {
		name, err := d.Token()
		value := &jsonNode{of: n.of}
		if err == nil {
			err = d.Decode(&value.raw)
		}
		text, ok := name.(string)
		if err != nil || !ok {
			n.of.unclear = true
			return nil
		}
		n.members = append(n.members, jsonMember{text, value})
	}
	_, err = d.Token() // the closing brace
	if _, end := d.Token(); err != nil || end != io.EOF {
		n.of.unclear = true
	}
	return n.members
}

// member returns the member of a name. A name that is there twice makes the body unclear.
func (n *jsonNode) member(name string) node {
	var found *jsonNode
	for _, m := range n.object() {
		if n.of.is(m.name, name) {
			n.of.unclear = n.of.unclear || found != nil
			found = m.value
		}
	}
	if found == nil || string(found.raw) == "null" {
		return nil
	}
	return found
}

func (n *jsonNode) elements() (list []node) {
	if n.raw[0] == '{' {
		for _, m := range n.object() {
			list = append(list, m.value)
		}
		return list
	}
	var raw []json.RawMessage
	if json.Unmarshal(n.raw, &raw) != nil {
		n.of.unclear = true
	}
	for _, r := range raw {
		list = append(list, &jsonNode{of: n.of, raw: r})
	}
	return list
}

func (n *jsonNode) keys() (list []string) {
	for _, m := range n.object() {
		list = append(list, m.name)
	}
	return list
}

// text returns a text, or a number as it is written. Anything else in the place of a text is
// unclear.
func (n *jsonNode) text() (s string) {
	switch c := n.raw[0]; {
	case c == '"':
		if json.Unmarshal(n.raw, &s) != nil {
			n.of.unclear = true
		}
	case c == '-' || c >= '0' && c <= '9':
		return string(n.raw)
	case c != 'n': // null
		n.of.unclear = true
	}
	return s
}

func (n *jsonNode) set() bool {
	switch string(n.raw) {
	case "null", "false", `""`, "[]", "{}":
		return false
	}
	return true
}
