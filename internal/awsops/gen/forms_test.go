package main

import (
	"slices"
	"testing"
)

// Only kinds whose ARNs always have several parts are listed: whatever has fewer, by IAM or by the
// resource paths, takes its kind out.
func TestFormTable(t *testing.T) {
	arn := func(resource string) string { return "arn:${Partition}:x:${Region}:${Account}:" + resource }
	in := &inputs{prefixes: []string{"x"}, arns: map[string]map[string]string{"x": {
		"table": arn("table/${Database}/${Table}"), "index": arn("table/${Database}/${Table}/${Index}"),
		"node": arn("node/${Cluster}/${Node}"), "box": arn("box/${Box}"), "lid": arn("box/${Box}/lid/${Lid}"),
		"job": arn("job/${Id}/${Run}"), "stack": arn("stack/${Name}/${Id}"), "other": "arn:${Partition}:y:${Region}:${Account}:far/${A}/${B}",
		"def": arn("def/${Family}:${Revision}"),
	}}}
	got := in.formTable([]string{"x=Database+Table=table/$/$~folded Node=node JobId=job/$~path Name=stack/$/* Def=def/$~revision Far=y|far/$"})
	if want := []string{"x=stack/$Name/$Id table/$Database/$Table"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
