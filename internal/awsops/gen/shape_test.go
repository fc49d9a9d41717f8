package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestShape(t *testing.T) {
	word := &shape{kind: text}
	key := &shape{kind: structure, fields: map[string]*shape{"Name": word, "Age": {kind: number}, "At": {kind: other}}}
	input := &shape{kind: structure, fields: map[string]*shape{
		"TableName": word, "Keys": {kind: list, of: word}, "Items": {kind: list, of: key}, "Key": key, "Requests": {kind: mapping, of: key},
	}}
	for path, want := range map[string]bool{
		"TableName": true, "tableName": true, "TableName?default": true, "Keys[]": true, "Keys": false, "Items[].Name": true, "Items[].Age": true, "Items[].At": false,
		"Key.Name": true, "Key": false, "Requests{}": true, "Requests[].Name": true, "Requests[].Other": false, "Nowhere": false, "TableName.X": false, "Key.Name[]": false,
	} {
		if got := input.has(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestCandidates(t *testing.T) {
	in := &inputs{
		arns: map[string]map[string]string{"x": {
			"cluster": "arn:${Partition}:x:${Region}:${Account}:cluster/${ClusterName}", "node": "arn:${Partition}:x:${Region}:${Account}:node/${ClusterName}/${NodeName}/${UUID}",
			"plan": "arn:${Partition}:x:${Region}:${AccountId}:plan:${PlanName}-${PlanId}", "policy": "arn:${Partition}:x::${Account}:policy/p-${PolicyId}",
			"volume": "arn:${Partition}:x:${Region}:${Account}:volume/${VolumeId}",
		}},
		services: []sdkService{{id: "X", prefix: "x"}},
	}
	for _, tt := range []struct {
		typ, operation string
		members        members
		want           []string
	}{
		{"cluster", "DescribeCluster", members{"ClusterName": "ClusterName"}, []string{"ClusterName=cluster"}},
		{"cluster", "DescribeCluster", members{"Name": "Name"}, []string{"Name=cluster"}},
		{"cluster", "StartClusterUpdate", members{"Name": "Name"}, []string{"Name=cluster"}},
		{"cluster", "DescribeNode", members{"Name": "Name"}, nil},
		{"cluster", "DescribeCluster", members{"ClusterArn": "ClusterArn"}, []string{"ClusterArn"}},
		{"cluster", "DescribeClusters", members{"ClusterIdentifiers": "ClusterIdentifiers[]"}, []string{"ClusterIdentifiers[]=cluster"}},
		{"cluster", "CreateCluster", members{"Cluster.Name": "Cluster.Name"}, []string{"Cluster.Name=cluster"}},
		{"node", "DescribeNode", members{"ClusterName": "ClusterName", "NodeName": "NodeName"}, []string{"ClusterName+NodeName=node/$/$/*"}},
		{"plan", "DescribePlan", members{"PlanName": "PlanName"}, []string{"PlanName=plan:$-*"}},
		{"policy", "DescribePolicy", members{"Id": "Id"}, []string{"Id=policy"}},
		{"volume", "CreateVolume", members{"VolumeName": "VolumeName", "Name": "Name"}, nil},
	} {
		if got := in.entriesFor("x", tt.typ, tt.operation, tt.members, true); !slices.Equal(got, tt.want) {
			t.Errorf("%s of %v: %v, want %v", tt.typ, tt.members, got, tt.want)
		}
	}
}

func TestGlobs(t *testing.T) {
	names := []string{"CreateCluster", "DeleteCluster", "ListNodes"}
	if got := globs(names, append(names, "CreateNode")); !slices.Equal(got, []string{"*Cluster", "ListNodes"}) {
		t.Error(got)
	}
	if got := globs(names, append(names, "UpdateCluster")); !slices.Equal(got, names) {
		t.Error(got)
	}
}

func TestPacked(t *testing.T) {
	lines := []string{"a=Name=name Name=name Name=name", "b=Name=name@Get|Put Name=name"}
	tokens, out := packed(lines)
	if len(tokens) == 0 || len(out[0]) >= len(lines[0]) {
		t.Fatal(tokens, out)
	}
	var unpack func(b byte) string
	unpack = func(b byte) string {
		if b < 0x80 {
			return string([]byte{b})
		}
		pair := tokens[b-0x80]
		return unpack(pair[0]) + unpack(pair[1])
	}
	for i, line := range out {
		got := ""
		for _, b := range []byte(line) {
			got += unpack(b)
		}
		if got != lines[i] {
			t.Errorf("%q", got)
		}
	}
}

// A client's source has the types of its inputs.
func TestReadV2(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"api_client.go":     "package x\n\nconst ServiceID = \"X Y\"\n",
		"auth.go":           "package x\n\nfunc f() { smithyhttp.SetSigV4SigningName(&props, \"xy\") }\n",
		"api_op_Get.go":     "package x\n\ntype GetInput struct {\n\tName *string\n\tKind types.Kind\n\tOf types.Of\n\tdocument int\n}\n",
		"types/types.go":    "package types\n\ntype Of interface{ isOf() }\n\ntype OfMemberId struct{ Value string }\n\ntype Kind string\n",
		"endpoints_test.go": "package x\n\nfunc TestA() { url.Parse(\"https://xy.eu-west-1.amazonaws.com\") }\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m, err := readV2(dir)
	if err != nil {
		t.Fatal(err)
	}
	if m.id != "X Y" || m.signed != "xy" || len(m.hosts) != 1 {
		t.Errorf("%+v", m)
	}
	for path, want := range map[string]bool{"Name": true, "Kind": true, "Of.Id": true, "Of": false, "Document": false} {
		if got := m.inputs["Get"].has(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
