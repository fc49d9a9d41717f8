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
	inputs, byHand := map[string]map[string]members{}, map[string]map[string]bool{}
	for _, m := range models {
		prefix := in.serviceOf(m.id)
		if prefix == "" || strings.HasPrefix(prefix, "s3") || in.ownSection(m.id, prefix) {
			continue
		}
		if inputs[prefix] == nil {
			inputs[prefix], byHand[prefix] = map[string]members{}, map[string]bool{}
		}
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

var variables = regexp.MustCompile(`\$\{(\w+)\}`)

// candidates returns the entries of one service. It covers an operation only if input members name
// every resource that IAM requires: by an ARN of its kind, or by the variables of its ARN.
// Entries of several names come first, because they take the first away from the others.
func (in *inputs) candidates(prefix string, operations map[string]members, byHand map[string]bool, iam *iamService) []string {
	found := map[string][]string{} // the operations of each entry
	takes := map[string]members{}  // the operations that take a resource
	for name, m := range operations {
		a, ok := iam.actions[strings.ToLower(name)]
		if !ok || len(a.ResourceTypes) == 0 {
			continue
		}
		takes[name] = m
		if byHand[name] {
			continue
		}
		var entries []string
		known := true
		for _, t := range a.ResourceTypes {
			e := in.entriesFor(prefix, t.Name, name, m, t.Required)
			entries = append(entries, e...)
			known = known && (len(e) > 0 || !t.Required && len(a.ResourceTypes) > 1)
		}
		if arn := m.onlyARN(); len(entries) == 0 && arn != "" {
			entries, known = []string{arn}, true
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
		if having := having(e, takes); len(names) < len(having) {
			e += "@" + strings.Join(globs(names, having), "|")
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
		best, saved := left[0], 0
		var covered []string
		for _, p := range ends(left[0]) {
			var these []string
			alone, length := true, 0
			for _, h := range having {
				if !strings.HasSuffix(h, p[1:]) {
					continue
				}
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
		name, ok := strings.CutSuffix(strings.TrimSuffix(nameOf(member), "s"), "arn")
		switch {
		case !ok:
			names[member] = path
		case strings.Contains(member, ".") && name == "":
		case name == "" || name == "resource" || name == normal(typ) || name+"s" == normal(typ):
			entries = append(entries, path)
		}
	}
	arn := in.arns[prefix][typ]
	if arn == "" || strings.Contains(typ, " ") {
		return entries
	}
	resource := strings.SplitN(arn, ":", 6)[5]
	vars := variables.FindAllStringSubmatch(resource, -1)
	found := names.assign(vars, typ, operation)
	var paths []string
	for i, v := range vars {
		before, _, _ := strings.Cut(resource, v[0])
		switch {
		case found[i] != "":
			paths = append(paths, found[i])
			resource = strings.Replace(resource, v[0], "$\x00", 1)
		case before != "" && !strings.HasSuffix(before, "/") && !strings.HasSuffix(before, ":") && !strings.HasSuffix(before, "$\x00-"):
			return entries // "p-${PolicyId}": ids often have that beginning themselves
		default:
			resource = strings.Replace(resource, v[0], "*", 1)
		}
	}
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
	if _, err := in.expand(prefix, text); err == nil {
		entries = append(entries, text)
	}
	return entries
}

// assign returns the path of a member for each variable of a type's ARN, "" where there is none.
// Members that are named like a variable come before those that are named like it but for what says
// that it is a name, and those before the ones that go by the type alone.
func (m members) assign(vars [][]string, typ, operation string) []string {
	found := make([]string, len(vars))
	used := map[string]bool{}
	for _, like := range []func(members, string, string, string) string{members.plainly, members.exactly, members.nearly, members.byType} {
		for i := len(vars) - 1; i >= 0; i-- {
			if found[i] != "" {
				continue
			}
			last := ""
			if i == len(vars)-1 {
				last = normal(typ)
			}
			if path := like(m, normal(vars[i][1]), last, operation); path != "" && !used[path] {
				found[i], used[path] = path, true
			}
		}
	}
	return found
}

// short writes an ARN with an unknown part as a type of resources.txt.
func short(arn, resource string) string {
	parts := strings.SplitN(arn, ":", 6)
	parts[5] = resource
	text, _, err := template(parts[2], strings.Join(parts, ":"))
	if err != nil {
		return ""
	}
	for strings.HasSuffix(text, "/*/*") {
		text = strings.TrimSuffix(text, "/*")
	}
	return text
}

// isGeneric reports whether a variable's name does not say of what it is.
func isGeneric(variable string) bool {
	switch variable {
	case "id", "name", "resourceid", "resourcename", "identifier", "resource", "uuid", "arn":
		return true
	}
	return false
}

// plainly returns the path of the member that is named like a variable which says of what it is.
func (m members) plainly(variable, _, _ string) string {
	if isGeneric(variable) {
		return ""
	}
	return m.one(func(name string) bool { return name == variable })
}

// exactly returns the path of the member that a variable like "Name" stands for. typ is the type
// for the variable that names the resource, and "" for those that name what it is in.
func (m members) exactly(variable, typ, operation string) string {
	if !isGeneric(variable) {
		return ""
	}
	if path := m.one(func(name string) bool {
		return typ != "" && (name == typ+"id" || name == typ+"name" || name == typ+"identifier")
	}); path != "" {
		return path
	}
	if typ == "" || isAbout(operation, typ, typ) {
		return m.one(func(name string) bool { return name == variable })
	}
	return ""
}

// nearly returns the path of the member whose name has the variable's stem, or the type's.
func (m members) nearly(variable, typ, _ string) string {
	of := stem(variable)
	return m.one(func(name string) bool {
		s := stem(name)
		return s != "" && !isNameOf(name, variable) && (s == of || typ != "" && s == typ && len(typ) > 2)
	})
}

// isNameOf reports whether a member has a name where the variable is an id.
func isNameOf(member, variable string) bool {
	return strings.HasSuffix(variable, "id") && (strings.HasSuffix(member, "name") || strings.HasSuffix(member, "names"))
}

// byType returns the path of a member that names the resource by the type: "Name" of an operation
// that is named after the type, or a name that ends like the type's.
func (m members) byType(variable, typ, operation string) string {
	if typ == "" {
		return ""
	}
	of := stem(variable)
	if of == "" || isGeneric(variable) {
		of = typ
	}
	if isAbout(operation, typ, of) {
		isID := strings.HasSuffix(variable, "id") && !isGeneric(variable) // the name is another than the id
		if path := m.one(func(name string) bool { return name == "id" || name == "identifier" || name == "name" && !isID }); path != "" {
			return path
		}
	}
	return m.one(func(name string) bool {
		s := stem(name)
		if s == name || isNameOf(name, variable) {
			return false
		}
		return len(of) > 4 && strings.HasSuffix(s, of) && !another(s, of) || len(s) > 2 && strings.HasSuffix(of, s) || len(typ) > 3 && strings.HasSuffix(s, typ) && !another(s, typ)
	})
}

// isAbout reports whether an operation is named after a type, or after a variable of it:
// "StartPipelineExecution" is about a pipeline.
func isAbout(operation, typ, of string) bool {
	noun := strings.ToLower(strings.TrimLeft(operation[1:], "abcdefghijklmnopqrstuvwxyz"))
	return noun == typ || noun == of || strings.HasSuffix(noun, typ) || strings.HasPrefix(noun, typ) && len(typ) > 3 || strings.HasSuffix(noun, of) && len(of) > 3
}

// another reports whether a name is about another resource than the operation's own: the source of
// a copy, a parent, a default.
func another(name, ends string) bool {
	switch strings.TrimSuffix(name, ends) {
	case "source", "target", "destination", "parent", "default", "new", "old", "kms", "master", "original", "next", "previous", "additional", "excluded", "included":
		return true
	}
	return false
}

// stem returns a name without what says that it is one: "dbinstance" for "dbinstanceidentifier".
func stem(name string) string {
	for _, end := range []string{"identifiers", "identifier", "ids", "id", "names", "name", "arns", "arn"} {
		if s, ok := strings.CutSuffix(name, end); ok {
			return s
		}
	}
	return name
}

// one returns the path of the only member whose name in lower case is as wanted. Lists count too,
// and members of structs where the input itself has none.
func (m members) one(wanted func(name string) bool) (path string) {
	for _, nested := range []bool{false, true} {
		for member, p := range m {
			if strings.Contains(member, ".") != nested {
				continue
			}
			name := nameOf(member)
			if !wanted(name) && !(strings.HasSuffix(p, "[]") && wanted(strings.TrimSuffix(name, "s"))) {
				continue
			}
			if path != "" {
				return ""
			}
			path = p
		}
		if path != "" {
			return path
		}
	}
	return ""
}

// foreign are parts of the names of ARNs that are of other services.
var foreign = regexp.MustCompile(`(?i)actor|user|author|role|kms|topic|sns|lambda|function|bucket|loggroup|stream|certificate|secret|subnet|securitygroup|boundary|encryption|notification|sqs|queue|vpc|iam|principal|s3`)

// onlyARN returns the path of the only member that holds an ARN which may be of the service's own
// resources; "" if there is none, or more than one.
func (m members) onlyARN() string {
	only := members{}
	for member, path := range m {
		if name := strings.TrimSuffix(strings.ToLower(member), "s"); !strings.Contains(member, ".") && strings.HasSuffix(name, "arn") && !foreign.MatchString(member) {
			only[member] = path
		}
	}
	return only.one(func(string) bool { return true })
}
