package awscall

import (
	"slices"
	"strings"
)

// This file reads the members of a form: "TopicArn=…&Tags.member.1.Key=…". Structures have dots
// between the names, and the elements of lists have numbers.

// A formNode is the parameters of a form whose names begin alike.
type formNode struct {
	of     *Body
	name   string      // what they begin with; "" for the whole form
	fields []formField // of the whole form
	after  *formNode   // the next element, of one of a list
}

type formField struct{ name, value string }

// formBody reads a form, or a query.
func formBody(text string) *Body {
	b := &Body{}
	root := &formNode{of: b}
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		name, value, _ := strings.Cut(pair, "=")
		if pair != "" {
			root.fields = append(root.fields, formField{unescape(name), unescape(value)})
		}
	}
	b.root = root
	return b
}

// below calls f with what follows a name and a dot in each parameter that begins so.
func (n *formNode) below(f func(rest, value string)) {
	for _, p := range n.fields {
		if n.name == "" {
			f(p.name, p.value)
			continue
		}
		if rest, ok := strings.CutPrefix(p.name, n.name+"."); ok {
			f(rest, p.value)
		}
	}
}

// member returns the parameters of a member. Two spellings of its name make the form unclear.
func (n *formNode) member(name string) node {
	found := ""
	n.below(func(rest, _ string) {
		first, _, _ := strings.Cut(rest, ".")
		if first != "" && (n.of.is(first, name) || first == "Tag" && strings.EqualFold(name, "tags")) { // SQS: Tag.1.Key=…
			n.of.unclear = n.of.unclear || found != "" && found != first
			found = first
		}
	})
	if found == "" {
		return nil
	}
	return n.child(found)
}

func (n *formNode) child(name string) *formNode {
	return &formNode{of: n.of, name: join(n.name, name), fields: n.fields}
}

// elements returns the elements of a list, which are numbered, perhaps below a name that all of
// them have, such as "member".
func (n *formNode) elements() node {
	var names []string
	numbers := true
	seen := map[string]bool{}
	n.below(func(rest, _ string) {
		first, _, _ := strings.Cut(rest, ".")
		if !seen[first] {
			seen[first] = true
			names = append(names, first)
			numbers = numbers && isNumber(first)
		}
	})
	switch {
	case numbers:
		var first *formNode
		for _, name := range slices.Backward(names) {
			e := n.child(name)
			e.after, first = first, e
		}
		if first == nil {
			return nil
		}
		return first
	case len(names) == 1:
		return n.child(names[0]).elements()
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
		if p.name == n.name {
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
	some := false
	n.below(func(string, string) { some = true })
	return some
}
