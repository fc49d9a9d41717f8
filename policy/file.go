package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
	"github.com/outguard/outguard/internal/syntax"
)

// A File is a policy file, checked as a whole and not yet compiled for a function. It never changes.
type File struct {
	tree   *syntax.File
	data   []byte        // the text, for Bundle
	sha256 string        // of data, in hex
	rules  [][]rule.Rule // by draft: the rules without variables, which are the same for every function
}

// ParseFile reads a policy file and checks all of it, whatever function it is for later. name is for messages and
// alerts: the file's name, without its directory. The error is of type [Errors] and holds everything that is wrong.
//
// Only values with variables that have neither a default nor a built-in meaning are left for [File.For] to check.
func ParseFile(name string, data []byte) (*File, error) {
	sum := sha256.Sum256(data)
	f := &File{data: data, sha256: hex.EncodeToString(sum[:])}
	r := &report.Reporter{File: name}
	if f.tree = syntax.Parse(r, data); f.tree != nil {
		f.rules = make([][]rule.Rule, f.tree.Drafts)
		c := &compiler{Reporter: r, file: f, checking: true, parsing: true}
		c.check(false)
	}
	if err := errorOf(r); err != nil {
		return nil, err
	}
	return f, nil
}

// Parse reads a policy file and compiles it for one function: ParseFile and For in one. Its error is of type [Errors].
func Parse(name string, data []byte, env Env) (*Policy, error) {
	f, err := ParseFile(name, data)
	if err != nil {
		return nil, err
	}
	return f.For(env)
}

// For compiles the sections that apply to env.Function. Its error is of type [Errors].
func (f *File) For(env Env) (*Policy, error) {
	if env.Now.IsZero() {
		env.Now = time.Now()
	}
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, env: env}
	set, rules := c.compile()
	if err := errorOf(c.Reporter); err != nil {
		return nil, err
	}
	p, err := newPolicy(set, rules)
	if err != nil {
		c.Fail(report.Place{}, err.Error(), "")
		return nil, errorOf(c.Reporter)
	}
	return p, nil
}

// Functions returns the names and globs under functions:, in the order written.
func (f *File) Functions() []string {
	names := make([]string, len(f.tree.Functions))
	for i, s := range f.tree.Functions {
		names[i] = s.Name.Value
	}
	return names
}

// Stages returns every stage that the file names, sorted: those of accounts, of on_violation and of rules.
func (f *File) Stages() []string {
	var stages []string
	add := func(t syntax.Text) {
		if t.Value != "" && t.Value != "*" && !strings.Contains(t.Value, "${") && !slices.Contains(stages, t.Value) {
			stages = append(stages, t.Value)
		}
	}
	add(f.tree.Stage)
	for _, a := range f.tree.Accounts {
		add(a.Word)
	}
	for _, s := range f.tree.Sections() {
		s.EachStage(add)
	}
	slices.Sort(stages)
	return stages
}

// Warnings returns what in the file has a meaning, but hardly the one that was meant, in the order of the lines. Each
// function's own policy adds what depends on its variables.
func (f *File) Warnings() []Warning {
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, checking: true}
	c.check(true)
	return warningsOf(c.Reporter)
}
