package main

import (
	"slices"
	"testing"
)

// An operation counts as known if an entry reads a resource of its input, and only those count that
// IAM has a resource for.
func TestShare(t *testing.T) {
	word := &shape{kind: text}
	of := func(names ...string) *shape {
		s := &shape{kind: structure, fields: map[string]*shape{}}
		for _, name := range names {
			s.fields[name] = word
		}
		return s
	}
	in := &inputs{
		services: []sdkService{{id: "X", prefix: "x", operations: []operation{{name: "GetBox"}, {name: "GetLid"}, {name: "ListBoxes"}, {name: "MakeBox"}}}},
		actions: map[string]action{
			"x:GetBox": {"R", true}, "x:GetLid": {"R", true}, "x:ListBoxes": {"L", false}, "x:MakeBox": {"W", true},
		},
		resources: [][2]string{{"x", "BoxName=box/$ =box/*@MakeBox"}},
	}
	m := &model{id: "X", inputs: map[string]*shape{"GetBox": of("BoxName"), "GetLid": of("LidId"), "ListBoxes": of(), "MakeBox": of("Tag")}}
	s, hidden := in.share(m)
	if s != (share{4, 3, 2}) || !slices.Equal(hidden, []string{"GetLid"}) {
		t.Errorf("%v, %q", s, hidden)
	}
	if got, want := s.String(), "4 operations, 3 take a resource, of 2 (66.7 %) it is known"; got != want {
		t.Error(got)
	}
}
