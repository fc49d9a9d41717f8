package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// writeNever writes the operations that take a resource which their input never shows: they go by
// an id, or make something that has no name yet.
func (in *inputs) writeNever(dir string, models []*model) error {
	shown := map[string]bool{} // by "prefix:Operation", of operations that a model has and that take a resource
	for _, m := range models {
		prefix := in.serviceOf(m.id)
		if prefix == "" {
			continue
		}
		entries := in.entriesOf(normal(m.id), prefix)
		for name, input := range m.inputs {
			key := prefix + ":" + name
			if !in.takes(prefix, name) {
				continue
			}
			// Of several models, one that shows the resource is enough: functions may use any
			// version of the SDK.
			shown[key] = shown[key] || shows(entries, name, input)
		}
	}
	never := map[string][]string{}
	for key, ok := range shown {
		if prefix, name, _ := strings.Cut(key, ":"); !ok {
			never[prefix] = append(never[prefix], name)
		}
	}
	for _, s := range in.services { // IAM's names of such operations
		for _, op := range s.operations {
			// A rule may name the action in place of the operation.
			for _, action := range op.actions {
				key := s.prefix + ":" + action
				if _, isOperation := shown[key]; isOperation || strings.Contains(action, ":") || slices.Contains(never[s.prefix], action) {
					continue
				}
				// One operation that shows the resource makes a rule about the action useful.
				if in.actions[key].takes && in.allNever(s.prefix, action, shown) {
					never[s.prefix] = append(never[s.prefix], action)
				}
			}
		}
	}
	var b bytes.Buffer
	b.WriteString("# The operations that take a resource which their input never shows. Made by gen -fetch from the\n" +
		"# modules in sources.txt (Apache-2.0), iam.txt and resources.txt. Do not edit.\n")
	// Sorted, so that a renewal shows as a small diff.
	for _, prefix := range slices.Sorted(maps.Keys(never)) {
		slices.Sort(never[prefix])
		fmt.Fprintf(&b, "[%s]\n", prefix)
		wrap(&b, "", never[prefix])
	}
	return os.WriteFile(filepath.Join(dir, "never.txt"), b.Bytes(), 0o644)
}

// takes reports whether IAM has a resource for an operation.
func (in *inputs) takes(prefix, name string) bool {
	for _, s := range in.services {
		if s.prefix != prefix {
			continue
		}
		for _, op := range s.operations {
			// The operation's own entry counts before an action of the same name.
			if op.name == name {
				k, ok := in.levelOf(prefix, op)
				return ok && k.takes
			}
		}
	}
	// No operation has the name, so that it is an action of IAM alone.
	return in.actions[prefix+":"+name].takes
}

// allNever reports whether every operation of the services with a prefix that takes an action is
// known, and never shows its resource.
func (in *inputs) allNever(prefix, action string, shown map[string]bool) bool {
	for _, s := range in.services {
		if s.prefix != prefix {
			continue
		}
		for _, op := range s.operations {
			if op.name == action || slices.Contains(op.actions, action) {
				// An operation without a model may show anything.
				if shows, known := shown[prefix+":"+op.name]; shows || !known {
					return false
				}
			}
		}
	}
	return true
}

// entriesOf returns the resource paths of a service, by its id as one word or by its prefix.
func (in *inputs) entriesOf(id, prefix string) (entries []entry) {
	// A section for the service's id counts in place of the one for its prefix.
	for _, name := range [...]string{id, normal(prefix)} {
		// Generated entries come behind those by hand, as in the table.
		for _, r := range append(slices.Clone(in.resources), in.generated...) {
			if normal(r[0]) != name {
				continue
			}
			for text := range strings.FieldsSeq(r[1]) {
				entries = append(entries, cutEntry(text))
			}
		}
		if entries != nil {
			return entries
		}
	}
	return nil
}

// shows reports whether an input can show what its operation acts on.
func shows(entries []entry, operation string, input *shape) bool {
	return slices.ContainsFunc(entries, func(e entry) bool {
		// The entry is limited to some operations, and this is not one of them.
		if e.operations != nil && !slices.ContainsFunc(e.operations, func(p string) bool { ok, _ := path.Match(p, operation); return ok }) {
			return false
		}
		// An entry about another action, or one that only a blacklist reads, does not show the
		// operation's own resource.
		if e.blacklistOnly || strings.Contains(e.action, ":") || !e.names() {
			return false
		}
		return !slices.ContainsFunc(e.paths, func(p string) bool { return !input.has(p) })
	})
}

// names reports whether an entry reads the name of a resource, and not something else about it.
func (e entry) names() bool {
	switch e.parser {
	// These parsers read something beside the resource, such as its owner or its version.
	case "account", "accounts", "adds", "destination", "opaque", "owner", "phone", "version", "versions":
		return false
	}
	return true
}
