package awscall

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// This file reads the members of a JSON body, each as far as it is asked for. Nodes are parts of
// the text, and nothing is copied, because the body of each call to AWS is read.

// A jsonText is a Body with room for the nodes of a usual one.
type jsonText struct {
	Body
	few  [10]jsonNode
	free []jsonNode // what is left of the room
}

// A jsonNode is one value, with its members or elements once they have been asked for.
type jsonNode struct {
	of           *jsonText
	name         string // of a member
	raw          string
	first, after *jsonNode // the first below this one, and the one that follows this one
	read         bool      // first is known
}

// jsonBody reads a JSON text. A text that is not an object, or not one alone, is unclear.
func jsonBody(text string) *Body {
	t := &jsonText{}
	t.free = t.few[:]
	root := t.node("", strings.Trim(text, jsonSpaces))
	t.root = root
	if t.unclear = !utf8.ValidString(text); !t.unclear {
		root.object()
	}
	return &t.Body
}

// node takes a node from the room. More of it is made when there is none left: nodes point to each
// other, so that those in use stay where they are.
func (t *jsonText) node(name, raw string) *jsonNode {
	if len(t.free) == 0 {
		t.free = make([]jsonNode, 4*len(t.few))
	}
	n := &t.free[0]
	t.free = t.free[1:]
	n.of, n.name, n.raw = t, name, raw
	return n
}

// kind returns the first character of a value; 0 if the body is empty.
func (n *jsonNode) kind() byte { return jsonAt(n.raw, 0) }

// object returns the first member of an object.
func (n *jsonNode) object() *jsonNode {
	if n.kind() == '{' {
		return n.below()
	}
	n.of.unclear = n.of.unclear || n.raw != "null"
	return nil
}

// below returns the first of the members of an object, or of the elements of a list.
func (n *jsonNode) below() *jsonNode {
	if n.read {
		return n.first
	}
	n.read = true
	end, to := byte(']'), &n.first
	if n.kind() == '{' {
		end = '}'
	}
	i := jsonSkip(n.raw, 1)
	for more := jsonAt(n.raw, i) != end; more; {
		name := ""
		if end == '}' {
			nameEnd, value := jsonNameEnd(n.raw, i)
			if value < 0 {
				return n.broken()
			}
			name, i = n.of.unquote(n.raw[i:nameEnd]), jsonSkip(n.raw, value)
		}
		valueEnd := jsonEnd(n.raw, i)
		if valueEnd < 0 {
			return n.broken()
		}
		*to = n.of.node(name, n.raw[i:valueEnd])
		to = &(*to).after
		switch i = jsonSkip(n.raw, valueEnd); jsonAt(n.raw, i) {
		case ',':
			i = jsonSkip(n.raw, i+1)
		case end:
			more = false
		default:
			return n.broken()
		}
	}
	// Only the body itself may have something behind its closing brace.
	if i+1 != len(n.raw) {
		return n.broken()
	}
	return n.first
}

// broken makes the body unclear, because it is not JSON.
func (n *jsonNode) broken() *jsonNode {
	n.of.unclear, n.first = true, nil
	return nil
}

// unquote returns the text that is in quotes.
func (t *jsonText) unquote(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	return t.unescape(quoted)
}

// unescape is apart, because what is decoded into is on the heap.
func (t *jsonText) unescape(quoted string) (s string) {
	if json.Unmarshal([]byte(quoted), &s) != nil {
		t.unclear = true
	}
	return s
}

// member returns the member of a name. A name that is there twice makes the body unclear.
func (n *jsonNode) member(name string) node {
	var found *jsonNode
	for m := n.object(); m != nil; m = m.after {
		if n.of.is(m.name, name) {
			n.of.unclear = n.of.unclear || found != nil
			found = m
		}
	}
	if found == nil || found.raw == "null" {
		return nil
	}
	return found
}

func (n *jsonNode) elements() node {
	if n.kind() != '[' {
		return oneNode(n.object())
	}
	return oneNode(n.below())
}

func (n *jsonNode) next() node { return oneNode(n.after) }

// oneNode returns a node that may be nil.
func oneNode(n *jsonNode) node {
	if n == nil {
		return nil
	}
	return n
}

func (n *jsonNode) keys() (list []string) {
	for m := n.object(); m != nil; m = m.after {
		list = append(list, m.name)
	}
	return list
}

// text returns a text, or a number as it is written. Anything else in the place of a text is
// unclear.
func (n *jsonNode) text() string {
	switch c := n.kind(); {
	case c == '"':
		return n.of.unquote(n.raw)
	case c == '-' || isDigit(c):
		return n.raw
	case c != 'n': // null
		n.of.unclear = true
	}
	return ""
}

func (n *jsonNode) set() bool {
	switch n.kind() {
	case '[', '{':
		return n.below() != nil
	}
	return n.raw != "null" && n.raw != "false" && n.raw != `""`
}
