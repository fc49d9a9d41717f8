// Package roles makes a policy of the permissions that functions have already. [Reader.Read] takes
// an IAM document, a SAM or CloudFormation template, a Terraform plan or a serverless.yml, and
// [Reader.Policy] returns a policy with a section for each function: its role's statements as
// rules.
//
// A role and a policy are not about the same things. What no code calls, and what no rule can
// express, is never dropped silently: it is Left, with the reason. A rule is wider than its
// statement only where that is Left too.
package roles

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Reader reads files and makes one policy of them. It is not for concurrent use.
type Reader struct {
	// Function is the name of the section of IAM documents, which name no function.
	Function string
	// Params are the values of parameters of templates, and of pseudo parameters such as
	// AWS::StackName.
	Params map[string]string
	// Wrong returns what is wrong with an operation of the service with an IAM prefix, and what to
	// do; "" for one that exists. nil: nothing is wrong.
	// CheckOperations calls it with "s3" and "GetObjekt", for example.
	Wrong func(prefix, operation string) (problem, fix string)

	// Open reads a file that a template names as that of a nested stack; nil: none is read.
	Open func(file string) ([]byte, error)

	functions []*function
	file      string          // that is read
	opened    int             // files by Open
	seen      map[string]bool // files whose functions are in the policy
	left      []Left
	notes     []string
	asked     map[[2]string][2]string // what Wrong returned
}

// Left is what is not in the policy, or what the policy allows beyond the role.
type Left struct {
	Function string // or another part of the file; "" for the file as a whole
	What     string
	Reason   string
	Kind     Kind
}

// A Kind says what the author has to do about what is Left.
type Kind int

// The kinds. The zero value needs the most attention.
const (
	Missing  Kind = iota // the policy lacks it: write a rule by hand if the function needs it
	Wider                // the policy allows more than the role
	Uncalled             // no code of the function calls it
)

// A function is a function with what its role says.
// name is a glob where the template knows only a part of it, such as orders-Worker-*.
type function struct {
	name       string // of the section: a name or a glob
	statements []statement
}

// A statement is a statement of an IAM policy.
type statement struct {
	deny, not  bool     // not: the actions are those of NotAction
	notOn      bool     // the resources are those of NotResource
	actions    []string // "s3:GetObject", "*"
	resources  []string // texts with the marks of values.go, or "*"
	conditions []condition
	from       string // where it stands, for comments
	when       string // the condition of the template that it is there on; "": it always is
}

// A condition is one key of a statement's Condition: {"StringEquals": {"aws:RequestedRegion":
// ["eu-west-1"]}}. A value of "?" is unknown.
type condition struct {
	op, key string
	values  []string
}

// Left returns what is not in the policy, in the order of the functions, each once.
func (r *Reader) Left() []Left {
	var all []Left
	// Two policies of one role often have the same statement, and so the same reason.
	seen := map[Left]bool{}
	for _, l := range r.left {
		if !seen[l] {
			seen[l] = true
			all = append(all, l)
		}
	}
	// Stable, so that within a function the order is that of the file.
	slices.SortStableFunc(all, func(a, b Left) int { return cmp.Compare(a.Function, b.Function) })
	return all
}

// Notes returns what was assumed, each once.
func (r *Reader) Notes() []string { return r.notes }

// Functions returns the names of the sections, in their order.
func (r *Reader) Functions() (names []string) {
	for _, f := range r.functions {
		names = append(names, f.name)
	}
	return names
}

// Read reads a file and adds its functions. name is for errors.
func (r *Reader) Read(name string, data []byte) error {
	// A nested template may also have been given by itself.
	file := filepath.Clean(name)
	if r.seen[file] {
		return nil
	}
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	r.file, r.seen[file] = file, true
	t, err := parseTree(data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	// The first kind that fits counts.
	for _, k := range kinds {
		if k.is(t) {
			if err := k.read(r, t); err != nil {
				return fmt.Errorf("%s, %s: %w", name, k.name, err)
			}
			return nil
		}
	}
	return fmt.Errorf("%s is not a file that init reads: %s", name, readable)
}

// readable names what can be read.
const readable = "it reads an IAM document, a SAM or CloudFormation template, a Terraform plan or state as JSON (terraform show -json), and serverless.yml"

// kinds are the kinds of files, recognized by their content.
var kinds = [...]struct {
	name string
	is   func(*tree) bool
	read func(*Reader, *tree) error
}{
	{"an IAM document", func(t *tree) bool { return iamDocument(t) != nil }, (*Reader).readIAM},
	{"a template", isTemplate, (*Reader).readTemplate},
	{"a Terraform plan", isTerraform, (*Reader).readTerraform},
	{"a serverless.yml", isServerless, (*Reader).readServerless},
}

// function returns the function of a section, which it adds if it is new.
func (r *Reader) function(name string) *function {
	for _, f := range r.functions {
		if f.name == name {
			return f
		}
	}
	f := &function{name: name}
	r.functions = append(r.functions, f)
	return f
}

// another returns the function of the section for one more function of a file.
// Two names can become the same section when the unknown parts are globs: *-Worker-* of two stacks.
func (r *Reader) another(name string) *function {
	if slices.Contains(r.Functions(), name) {
		r.wider(name, "the section", "it is for several functions, whose rules add up; name the stack with -param AWS::StackName=NAME, or write the functions' names")
	}
	return r.function(name)
}

// leave reports what the policy lacks, as Missing.
func (r *Reader) leave(function, what, reason string) {
	r.left = append(r.left, Left{Function: function, What: what, Reason: reason})
}

// uncalled reports what no code calls.
func (r *Reader) uncalled(function, what, reason string) {
	r.left = append(r.left, Left{function, what, reason, Uncalled})
}

// wider reports what the policy allows beyond the role.
func (r *Reader) wider(function, what, reason string) {
	r.left = append(r.left, Left{function, what, reason, Wider})
}

// note adds an assumption that the author may want to change. A template repeats most of them.
func (r *Reader) note(text string) {
	if !slices.Contains(r.notes, text) {
		r.notes = append(r.notes, text)
	}
}

// sectionName keeps the characters of a function's name and of globs; "" if nothing but * is left.
// It keeps what Lambda allows in names. Any other character, such as the marks of values.go for an
// account, becomes a glob.
func sectionName(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '*':
			return c
		}
		return '*'
	}, s)
	// ** would mean the same, but looks like a path glob.
	for strings.Contains(s, "**") {
		s = strings.ReplaceAll(s, "**", "*")
	}
	// A section of "*" would be for every function, and add its rules to all of them.
	if strings.Trim(s, "*-_") == "" {
		return ""
	}
	return s
}
