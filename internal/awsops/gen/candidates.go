package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// models is the module whose models of AWS's services generated.txt is made from (Apache-2.0).
const models = "github.com/aws/aws-sdk-go@v1.55.8"

// fetchCandidates downloads the models with go. For the services that resources.txt does not have,
// it writes the resource paths that names show.
func fetchCandidates(dir string, iam map[string]*iamService) error {
	in, err := readInputs(dir)
	if err != nil {
		return err
	}
	out, err := exec.Command("go", "mod", "download", "-json", models).Output()
	if err != nil {
		return fmt.Errorf("go mod download %s: %w", models, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(module.Dir, "models", "apis", "*", "*", "api-2.json"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s has no models", models)
	}
	slices.Sort(files) // of two versions of a service, the later one comes last
	inputs := map[string]map[string]members{}
	for _, file := range files {
		if err := in.readModel(file, inputs); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Resource paths by name, of the services that resources.txt does not have. Made by gen -fetch from\n"+
		"# the models in %s (Apache-2.0) and the ARNs in iam.txt. Do not edit:\n# a section in resources.txt takes the place of one here.\n", models)
	for _, prefix := range slices.Sorted(maps.Keys(inputs)) {
		if iam[prefix] == nil {
			continue
		}
		if lines := in.candidates(prefix, inputs[prefix], iam[prefix]); len(lines) > 0 {
			fmt.Fprintf(&b, "\n[%s]\n%s\n", prefix, strings.Join(lines, "\n"))
		}
	}
	return os.WriteFile(filepath.Join(dir, "generated.txt"), b.Bytes(), 0o644)
}

// members are the members of an operation's input that hold a text, or a list of texts. The value
// is the path to the texts.
type members map[string]string

// readModel adds the inputs of a model's operations to those of its IAM prefix.
func (in *inputs) readModel(file string, to map[string]map[string]members) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var model struct {
		Metadata   struct{ ServiceID string }
		Operations map[string]struct{ Input struct{ Shape string } }
		Shapes     map[string]struct {
			Type    string
			Member  struct{ Shape string }
			Members map[string]struct{ Shape string }
		}
	}
	if err := json.Unmarshal(data, &model); err != nil {
		return err
	}
	prefix := in.prefixOf(normal(model.Metadata.ServiceID))
	if prefix == "" || in.byHand(prefix) || in.byHand(normal(model.Metadata.ServiceID)) {
		return nil
	}
	if to[prefix] == nil {
		to[prefix] = map[string]members{}
	}
	for name, op := range model.Operations {
		m := members{}
		for member, ref := range model.Shapes[op.Input.Shape].Members {
			shape := model.Shapes[ref.Shape]
			switch {
			case shape.Type == "string":
				m[member] = member
			case shape.Type == "list" && model.Shapes[shape.Member.Shape].Type == "string":
				m[member] = member + "[]"
			}
		}
		to[prefix][name] = m
	}
	return nil
}

func (in *inputs) byHand(service string) bool {
	return slices.ContainsFunc(in.resources, func(r [2]string) bool { return normal(r[0]) == normal(service) })
}

var variables = regexp.MustCompile(`\$\{(\w+)\}`)

// candidates returns the entries of one service. It covers an operation only if input members name
// every resource that IAM requires: by an ARN of its kind, or by the variables of its ARN.
// Entries of several names come first, because they take the first away from the others.
func (in *inputs) candidates(prefix string, operations map[string]members, iam *iamService) []string {
	found := map[string][]string{} // the operations of each entry
	for name, m := range operations {
		a, ok := iam.actions[strings.ToLower(name)]
		if !ok {
			continue
		}
		var entries []string
		known := len(a.ResourceTypes) > 0
		for _, t := range a.ResourceTypes {
			e := in.entriesFor(prefix, t.Name, m)
			entries = append(entries, e...)
			known = known && (len(e) > 0 || !t.Required && len(a.ResourceTypes) > 1)
		}
		if !known {
			continue
		}
		for _, e := range entries {
			if !slices.Contains(found[e], name) {
				found[e] = append(found[e], name)
			}
		}
	}
	var lines []string
	for e, names := range found {
		if len(names) < in.having(e, operations) {
			slices.Sort(names)
			e += "@" + strings.Join(names, "|")
		}
		if in.check(prefix, cutEntry(e)) == nil {
			lines = append(lines, e)
		}
	}
	slices.SortFunc(lines, func(a, b string) int {
		if n := strings.Count(b, "+") - strings.Count(a, "+"); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return lines
}

// having counts the operations whose inputs have all the paths of an entry.
func (in *inputs) having(entry string, operations map[string]members) (n int) {
	for _, m := range operations {
		all := true
		for _, path := range cutEntry(entry).paths {
			all = all && m[strings.TrimSuffix(path, "[]")] == path
		}
		if all {
			n++
		}
	}
	return n
}

// entriesFor returns the entries by which an input names a resource of a type.
func (in *inputs) entriesFor(prefix, typ string, m members) (entries []string) {
	for member, path := range m {
		name, ok := strings.CutSuffix(strings.TrimSuffix(strings.ToLower(member), "s"), "arn")
		if ok && (name == "" || name == "resource" || name == normal(typ) || name+"s" == normal(typ)) {
			entries = append(entries, path)
		}
	}
	arn := in.arns[prefix][typ]
	if arn == "" || strings.Contains(typ, " ") {
		return entries
	}
	var paths []string
	vars := variables.FindAllStringSubmatch(strings.SplitN(arn, ":", 6)[5], -1)
	for _, v := range vars {
		if path := m.like(v[1], typ); path != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	if len(vars) > 0 && len(paths) == len(vars) && len(paths) <= maxPaths {
		text := strings.Join(paths, "+") + "=" + typ
		if _, err := in.expand(prefix, text); err == nil {
			entries = append(entries, text)
		}
	}
	return entries
}

// like returns the path of the member that is named like a variable of a type's ARN. Names that say
// nothing ("Id") count only with the type before them.
func (m members) like(variable, typ string) string {
	want := []string{normal(variable)}
	switch want[0] {
	case "id", "name", "resourceid", "resourcename", "identifier":
		want = []string{normal(typ) + "id", normal(typ) + "name", normal(typ) + "identifier"}
	}
	for _, member := range slices.Sorted(maps.Keys(m)) {
		for _, w := range want {
			if n := strings.ToLower(member); n == w || n == w+"s" && strings.HasSuffix(m[member], "[]") {
				return m[member]
			}
		}
	}
	return ""
}
