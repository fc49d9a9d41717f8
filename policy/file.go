package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// A File is a policy file, checked as a whole and not yet compiled for a function. It never changes.
type File struct {
	tree   *tree
	data   []byte   // the text, for Bundle
	sha256 string   // of data, in hex
	rules  [][]rule // by draft: the rules without variables, which are the same for every function
}

// ParseFile reads a policy file and checks all of it, whatever function it is for later. name is for messages and
// alerts: the file's name, without its directory. The error is of type [Errors] and holds everything that is wrong.
//
// Only values with variables that have neither a default nor a built-in meaning are left for [File.For] to check.
func ParseFile(name string, data []byte) (*File, error) {
	sum := sha256.Sum256(data)
	f := &File{data: data, sha256: hex.EncodeToString(sum[:])}
	r := &reporter{file: name}
	if f.tree = parseTree(r, data); f.tree != nil {
		f.rules = make([][]rule, f.tree.drafts)
		c := &compiler{reporter: r, file: f, checking: true, parsing: true}
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
	c := &compiler{reporter: &reporter{file: f.tree.name}, file: f, env: env}
	set, rules := c.compile()
	if err := errorOf(c.reporter); err != nil {
		return nil, err
	}
	p, err := newPolicy(set, rules)
	if err != nil {
		c.fail(place{}, err.Error(), "")
		return nil, errorOf(c.reporter)
	}
	return p, nil
}

// Functions returns the names and globs under functions:, in the order written.
func (f *File) Functions() []string {
	names := make([]string, len(f.tree.functions))
	for i, s := range f.tree.functions {
		names[i] = s.name.value
	}
	return names
}

// Stages returns every stage that the file names, sorted: those of accounts, of on_violation and of rules.
func (f *File) Stages() []string {
	var stages []string
	add := func(t text) {
		if t.value != "" && t.value != "*" && !strings.Contains(t.value, "${") && !slices.Contains(stages, t.value) {
			stages = append(stages, t.value)
		}
	}
	add(f.tree.stage)
	for _, a := range f.tree.accounts {
		add(a.word)
	}
	for _, s := range f.tree.sections() {
		s.eachStage(add)
	}
	slices.Sort(stages)
	return stages
}

// Warnings returns what in the file has a meaning, but hardly the one that was meant, in the order of the lines. Each
// function's own policy adds what depends on its variables.
func (f *File) Warnings() []Warning {
	c := &compiler{reporter: &reporter{file: f.tree.name}, file: f, checking: true}
	c.check(true)
	return warningsOf(c.reporter)
}
