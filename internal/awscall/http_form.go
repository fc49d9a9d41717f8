package awscall

import (
	"slices"
	"strings"
)

// This file reads the members of a form: "TopicArn=…&Tags.member.1.Key=…". Structures have dots
// between the names, and the elements of lists have numbers.

// A formNode is the parameters of a form whose names begin alike. Each node has its own, so that a
// list takes time that is linear in its length.
type formNode struct {
	of     *Body
	fields []formField
	after  *formNode // the next element, of one of a list
}

// A formField is a parameter. Its name is what follows the node's: "" or ".member.1", and for the
// root the name itself behind a dot.
type formField struct{ name, value string }

// formBody reads a form, or a query.
func formBody(text string) *Body {
	b := &Body{}
	root := &formNode{of: b, fields: make([]formField, 0, strings.Count(text, "&")+1)}
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		name, value, _ := strings.Cut(pair, "=")
		if pair != "" {
			root.fields = append(root.fields, formField{"." + unescape(name), unescape(value)})
		}
	}
	b.root = root
	return b
}

// cut cuts the first name off that of a parameter. It reports false for the value of the node
// itself.
func (p *formField) cut() (first, rest string, ok bool) {
	name, ok := strings.CutPrefix(p.name, ".")
	if i := strings.IndexByte(name, '.'); i >= 0 {
		return name[:i], name[i:], ok
	}
	return name, "", ok
}

// member returns the parameters of a member. Two spellings of its name make the form unclear.
func (n *formNode) member(name string) node {
	found := ""
	var m *formNode
	for i := range n.fields {
		first, rest, ok := n.fields[i].cut()
		if !ok || first == "" || first != found && !n.of.is(first, name) && (first != "Tag" || !strings.EqualFold(name, "tags")) { // SQS: Tag.1.Key=…
			continue
		}
		n.of.unclear = n.of.unclear || found != "" && found != first
		if found = first; m == nil {
			m = &formNode{of: n.of}
		}
		m.fields = append(m.fields, formField{rest, n.fields[i].value})
	}
	if m == nil {
		return nil
	}
	return m
}

// elements returns the elements of a list, which are numbered, perhaps below a name that all of
// them have, such as "member".
func (n *formNode) elements() node {
	var first, last *formNode
	numbers, name := true, ""
	byName := map[string]*formNode{}
	for i := range n.fields {
		number, rest, ok := n.fields[i].cut()
		if !ok {
			continue
		}
		e := byName[number]
		if e == nil {
			e, name = &formNode{of: n.of}, number
			byName[name] = e
			numbers = numbers && isNumber(name)
			if last == nil {
				first = e
			} else {
				last.after = e
			}
			last = e
		}
		e.fields = append(e.fields, formField{rest, n.fields[i].value})
	}
	switch {
	case first == nil:
		return nil
	case numbers:
		return first
	case first == last:
		return first.elements()
	}
	n.of.unclear = true
	return nil
}

func (n *formNode) next() node {
	if n.after == nil {
		return nil
	}
	return n.after
}

// keys is for maps, which no resource of the query protocol is a key of.
func (n *formNode) keys() []string {
	n.of.unclear = true
	return nil
}

// text returns the value of the parameter. One that is given twice must have one value.
func (n *formNode) text() (s string) {
	found := false
	for _, p := range n.fields {
		if p.name == "" {
			n.of.unclear = n.of.unclear || found && p.value != s
			s, found = p.value, true
		}
	}
	return s
}

func (n *formNode) set() bool {
	if s := n.text(); s != "" {
		return s != "false"
	}
	return slices.ContainsFunc(n.fields, func(p formField) bool { return p.name != "" })
}
