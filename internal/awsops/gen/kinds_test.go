package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The kinds of an operation are those of IAM and those that the entries make. Of what acts
// elsewhere, or goes by a parser that may make anything, nothing is known.
func TestKindsOf(t *testing.T) {
	word := &shape{kind: text}
	arn := "arn:${Partition}:x:${Region}:${Account}:"
	s := &iamService{types: map[string]struct{ Key, ARN string }{
		"box": {"box", arn + "box/${Box}"}, "lid": {"lid", arn + "lid:${Lid}, " + arn + "cover/${Cover}"}, "far": {"far", "arn:${Partition}:y:::far/${Far}"},
	}}
	s.actions = map[string]struct {
		Name, AccessLevel string
		ResourceTypes     []struct {
			Name     string
			Required bool
		}
	}{}
	for name, types := range map[string][]string{"getbox": {"Box"}, "getlid": {"lid"}, "getfar": {"far"}, "listboxes": nil} {
		a := s.actions[name]
		for _, typ := range types {
			a.ResourceTypes = append(a.ResourceTypes, struct {
				Name     string
				Required bool
			}{typ, true})
		}
		s.actions[name] = a
	}
	in := &inputs{arns: map[string]map[string]string{"x": {"box": arn + "box/${Box}"}}}
	for _, tt := range []struct {
		op      operation
		entries []string
		want    []string // nil: not known
	}{
		{operation{name: "GetBox"}, nil, []string{"box/"}},
		{operation{name: "GetLid"}, nil, []string{"lid:", "cover/"}},
		{operation{name: "GetFar"}, nil, nil},
		{operation{name: "ListBoxes"}, nil, nil},
		{operation{name: "New"}, nil, nil},
		{operation{name: "Look", actions: []string{"GetBox", "=GetLid"}}, nil, []string{"box/", "lid:", "cover/"}},
		{operation{name: "Look", actions: []string{"y:GetBox"}}, nil, nil},
		{operation{name: "GetBox"}, []string{"Name=bag/$", "Other=bin/$", "Name=sack/$@GetLid", "BoxArn"}, []string{"box/", "bag/"}},
		{operation{name: "GetBox"}, []string{"Name~function"}, []string{"box/", "function:"}},
		{operation{name: "GetBox"}, []string{"Name~model"}, nil},
		{operation{name: "GetBox"}, []string{"Name=y|bag/$!y:GetBag"}, []string{"box/"}},
	} {
		var entries []entry
		for _, e := range tt.entries {
			entries = append(entries, cutEntry(e))
		}
		input := &shape{kind: structure, fields: map[string]*shape{"Name": word, "BoxArn": word}}
		got, known := in.kindsOf(map[string]*iamService{"x": s}, "x", tt.op, input, entries)
		if known != (tt.want != nil) || known && !slices.Equal(got, tt.want) {
			t.Errorf("%v %q: %q, %v", tt.op, tt.entries, got, known)
		}
	}
}

// kinds.txt is of the inputs that are there, and -check fails if one of them was edited since.
func TestKindsAreOfTheirInputs(t *testing.T) {
	if err := checkKinds("data", "../names/kinds.txt"); err != nil {
		t.Error(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("data")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "resources.txt"), []byte("[sqs]\nQueueUrl\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := checkKinds(dir, "../names/kinds.txt"); err == nil {
		t.Error("an edited resources.txt is not found")
	}
}
