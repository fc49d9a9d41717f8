package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// writeCandidates writes the resource paths that names show. Of a service that resources.txt has,
// they are those of the operations whose resources nothing there shows.
func (in *inputs) writeCandidates(dir string, models []*model, iam map[string]*iamService) error {
	// Both are by IAM prefix, and then by the name of the operation.
	inputs, byHand := map[string]map[string]members{}, map[string]map[string]bool{}
	for _, m := range models {
		prefix := in.serviceOf(m.id)
		// Left out are services without a prefix and those whose paths are by hand alone.
		if prefix == "" || ofS3(prefix) || in.ownSection(m.id, prefix) {
			continue
		}
		if inputs[prefix] == nil {
			inputs[prefix], byHand[prefix] = map[string]members{}, map[string]bool{}
		}
		// Two clients of one prefix share its section.
		entries := in.byHand(prefix)
		for name, input := range m.inputs {
			inputs[prefix][name] = input.members()
			byHand[prefix][name] = shows(entries, name, input)
		}
	}
	var b bytes.Buffer
	b.WriteString("# Resource paths by name. Made by gen -fetch from the modules in sources.txt (Apache-2.0) and the ARNs\n" +
		"# in iam.txt. Do not edit: they come behind those in resources.txt, for operations that it leaves out.\n")
	for _, prefix := range slices.Sorted(maps.Keys(inputs)) {
		// Without IAM's data, nobody knows which operations take a resource.
		if iam[prefix] == nil {
			continue
		}
		if lines := in.candidates(prefix, inputs[prefix], byHand[prefix], iam[prefix]); len(lines) > 0 {
			fmt.Fprintf(&b, "\n[%s]\n%s\n", prefix, strings.Join(lines, "\n"))
		}
	}
	return os.WriteFile(filepath.Join(dir, "generated.txt"), b.Bytes(), 0o644)
}

// ownSection reports whether resources.txt has a section for the service's id and not for its
// prefix.
func (in *inputs) ownSection(id, prefix string) bool {
	return normal(id) != normal(prefix) && slices.ContainsFunc(in.resources, func(r [2]string) bool { return normal(r[0]) == normal(id) })
}

// byHand returns the entries that resources.txt has for a prefix.
func (in *inputs) byHand(prefix string) (entries []entry) {
	for _, r := range in.resources {
		if normal(r[0]) != normal(prefix) {
			continue
		}
		for text := range strings.FieldsSeq(r[1]) {
			entries = append(entries, cutEntry(text))
		}
	}
	return entries
}

// folds has the services whose ARNs have names in lower case, whatever the input has.
var folds = map[string]bool{"rds": true, "redshift": true, "sagemaker": true, "dms": true}

// variables finds the names in an ARN of IAM's data: "${TableName}".
var variables = regexp.MustCompile(`\$\{(\w+)\}`)

// candidates returns the entries of one service. It covers an operation only if input members name
// every resource that IAM requires: by an ARN of its kind, or by the variables of its ARN.
// Entries of several names come first, because they take the first away from the others.
func (in *inputs) candidates(prefix string, operations map[string]members, byHand map[string]bool, iam *iamService) []string {
	found := map[string][]string{} // the operations of each entry
	takes := map[string]members{}  // the operations that take a resource
	for name, m := range operations {
		// An operation that takes no resource needs no path.
		a, ok := iam.actions[strings.ToLower(name)]
		if !ok || len(a.ResourceTypes) == 0 {
			continue
		}
		// Operations by hand count here too: an entry must not match them by accident.
		takes[name] = m
		if byHand[name] {
			continue
		}
		var entries []string
		// known: every resource that IAM requires has an entry. An optional one may lack it, unless
		// it is the only one.
		known := true
		for _, t := range a.ResourceTypes {
			e := in.entriesFor(prefix, t.Name, name, m, t.Required)
			entries = append(entries, e...)
			known = known && (len(e) > 0 || !t.Required && len(a.ResourceTypes) > 1)
		}
		// Without an entry, the only ARN in the input is taken for the resource.
		if arn := m.onlyARN(); len(entries) == 0 && arn != "" {
			entries, known = []string{arn}, true
		}
		if !known {
			continue
		}
		for _, e := range entries {
			// Two types of resources may give the same entry.
			if !slices.Contains(found[e], name) {
				found[e] = append(found[e], name)
			}
		}
	}
	var lines []string
	for e, names := range found {
		// An entry that other operations could also read is limited to its own.
		if having := having(e, takes); len(names) < len(having) {
			e += "@" + strings.Join(globs(names, having), "|")
		}
		// What awscall could not read is not worth a line.
		if in.check(prefix, cutEntry(e)) == nil {
			lines = append(lines, e)
		}
	}
	slices.SortFunc(lines, func(a, b string) int {
		// First by the number of names, then by text, so that the file is the same each time.
		if n := strings.Count(b, "+") - strings.Count(a, "+"); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return lines
}

// having returns the operations whose inputs have all the paths of an entry.
func having(entry string, operations map[string]members) (names []string) {
	for name, m := range operations {
		all := true
		for _, path := range cutEntry(entry).paths {
			all = all && m[strings.TrimSuffix(path, "[]")] == path
		}
		if all {
			names = append(names, name)
		}
	}
	return names
}

// globs returns patterns for some of the operations that have the paths of an entry. "*Workflow"
// stands for several that end so, where it matches none of the others.
func globs(names, having []string) (patterns []string) {
	left := slices.Clone(names)
	slices.Sort(left)
	for len(left) > 0 {
		// A pattern is taken only if it makes the text shorter than the names that it stands for.
		best, saved := left[0], 0
		var covered []string
		for _, p := range ends(left[0]) {
			var these []string
			alone, length := true, 0
			for _, h := range having {
				if !strings.HasSuffix(h, p[1:]) {
					continue
				}
				// The pattern would also match an operation that the entry is not for.
				if !slices.Contains(names, h) {
					alone = false
					break
				}
				if slices.Contains(left, h) {
					these = append(these, h)
					length += len(h) + 1
				}
			}
			if alone && len(these) > 1 && length-len(p)-1 > saved {
				best, saved, covered = p, length-len(p)-1, these
			}
		}
		// No pattern helps, so that the name stands for itself.
		if covered == nil {
			covered = left[:1]
		}
		patterns = append(patterns, best)
		left = slices.DeleteFunc(left, func(n string) bool { return slices.Contains(covered, n) })
	}
	return patterns
}

// ends returns a pattern for each end of a name that begins with a capital.
func ends(name string) (patterns []string) {
	for i := 1; i < len(name); i++ {
		if 'A' <= name[i] && name[i] <= 'Z' {
			patterns = append(patterns, "*"+name[i:])
		}
	}
	return patterns
}

// entriesFor returns the entries by which the input of an operation names a resource of a type. An
// ARN with a part that no member names has a * there. Only of a type that IAM requires is that
// enough.
func (in *inputs) entriesFor(prefix, typ, operation string, m members, required bool) (entries []string) {
	names := members{} // the members without those that hold ARNs
	for member, path := range m {
		// A member that ends in "arn" or "arns" holds ARNs.
		name, ok := strings.CutSuffix(strings.TrimSuffix(nameOf(member), "s"), "arn")
		switch {
		case !ok:
			names[member] = path
		// An "Arn" inside another member says nothing of whose it is.
		case strings.Contains(member, ".") && name == "":
		// The name says that the ARN is of the resource itself, or of its type.
		case name == "" || name == "resource" || name == normal(typ) || name+"s" == normal(typ):
			entries = append(entries, path)
		}
	}
	arn := in.arns[prefix][typ]
	if arn == "" || strings.Contains(typ, " ") {
		return entries
	}
	// The sixth part of an ARN names the resource.
	resource := strings.SplitN(arn, ":", 6)[5]
	vars := variables.FindAllStringSubmatch(resource, -1)
	found := names.assign(vars, typ, operation)
	var paths []string
	for i, v := range vars {
		before, _, _ := strings.Cut(resource, v[0])
		switch {
		// The mark stands for a variable that a member names, until all are replaced.
		case found[i] != "":
			paths = append(paths, found[i])
			resource = strings.Replace(resource, v[0], "$\x00", 1)
		case before != "" && !strings.HasSuffix(before, "/") && !strings.HasSuffix(before, ":") && !strings.HasSuffix(before, "$\x00-"):
			return entries // "p-${PolicyId}": ids often have that beginning themselves
		default:
			resource = strings.Replace(resource, v[0], "*", 1)
		}
	}
	// An ARN with unknown parts is worth an entry only if IAM requires the resource and no ARN
	// names it.
	if len(paths) == 0 || len(paths) > maxPaths || len(paths) < len(vars) && (!required || len(entries) > 0) {
		return entries
	}
	text := strings.Join(paths, "+") + "=" + typ
	if len(paths) < len(vars) {
		text = strings.Join(paths, "+") + "=" + short(arn, strings.ReplaceAll(resource, "$\x00", "${x}"))
	}
	if folds[prefix] {
		text += "~folded"
	}
	// A type whose ARN cannot be written as a template gives no entry.
	if _, err := in.expand(prefix, text); err == nil {
		entries = append(entries, text)
	}
	return entries
}

// ofS3 reports whether a service is S3 under one of its names, whose resources and hosts
// internal/awscall reads.
func ofS3(prefix string) bool {
	switch prefix {
	case "s3", "s3express", "s3-object-lambda", "s3-outposts":
		return true
	}
	return false
}
