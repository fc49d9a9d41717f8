package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"
	"time"
)

// A File is a policy file, checked as a whole and not yet compiled for a function. It never changes.
type File struct {
	data        []byte // the text, for Bundle
	name        string
	sha256      string // hex
	owner       text
	stage       text        // stage: as one word; "" for none and for accounts
	accounts    []stageWord // stage: accounts:
	stageAt     place
	targets     []target
	top         section
	functions   []section
	functionsAt place // line 0: there is no functions: key
}

// ParseFile reads a policy file and checks all of it, whatever function it is for later. name is for messages and
// alerts: the file's name, without its directory. The error is of type [Errors] and holds everything that is wrong.
//
// Only values with variables that have neither a default nor a built-in meaning are left for [File.For] to check.
func ParseFile(name string, data []byte) (*File, error) {
	sum := sha256.Sum256(data)
	f := &File{data: data, name: name, sha256: hex.EncodeToString(sum[:])}
	r := &reporter{file: name}
	root := parseYAML(r, data)
	if root != nil {
		d := &decoder{reporter: r}
		d.checkNodes(root, 0)
		d.file(root, f)
		f.top.warnings, r.warnings = r.warnings, nil
		c := &compiler{reporter: r, file: f, checking: true, parsing: true}
		c.check(false)
	}
	if err := r.err(); err != nil {
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
	c := &compiler{reporter: &reporter{file: f.name}, file: f, env: env}
	set, rules := c.compile()
	if err := c.err(); err != nil {
		return nil, err
	}
	p, err := newPolicy(set, rules)
	if err != nil {
		c.fail(place{}, err.Error(), "")
		return nil, c.err()
	}
	return p, nil
}

// Functions returns the names and globs under functions:, in the order written.
func (f *File) Functions() []string {
	names := make([]string, len(f.functions))
	for i, s := range f.functions {
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
	add(f.stage)
	for _, a := range f.accounts {
		add(a.word)
	}
	for _, s := range f.sections() {
		s.eachStage(add)
	}
	slices.Sort(stages)
	return stages
}

// Warnings returns what in the file has a meaning, but hardly the one that was meant, in the order of the lines. Each
// function's own policy adds what depends on its variables.
func (f *File) Warnings() []Warning {
	c := &compiler{reporter: &reporter{file: f.name}, file: f, checking: true}
	c.check(true)
	return c.warned()
}

// eachStage calls f for every stage that a section names.
func (s *section) eachStage(f func(text)) {
	words := func(a *action) {
		if a == nil {
			return
		}
		for _, w := range a.byStage {
			f(w.key)
		}
	}
	words(s.onViolation)
	for e := range s.drafts {
		for _, t := range e.stages {
			f(t)
		}
		words(e.onViolation)
	}
}

// drafts yields the rules of a section.
func (s *section) drafts(yield func(*draft) bool) {
	for _, list := range [][]draft{s.white, s.black} {
		for i := range list {
			if !yield(&list[i]) {
				return
			}
		}
	}
}

// sections returns the top of the file and the section of each function.
func (f *File) sections() []*section {
	all := make([]*section, 0, 1+len(f.functions))
	all = append(all, &f.top)
	for i := range f.functions {
		all = append(all, &f.functions[i])
	}
	return all
}

// matching returns the sections that apply to a function: the top of the file, and those whose glob matches.
func (f *File) matching(function string) []*section {
	all := f.sections()
	return slices.DeleteFunc(all, func(s *section) bool {
		return s != &f.top && !matchesName(s.name.value, function)
	})
}

// matchesName reports whether a function's name matches a glob. Neither holds "/" nor any of path.Match's other
// special characters, so that "*" stands for any text.
func matchesName(glob, name string) bool {
	ok, _ := path.Match(glob, name)
	return ok
}
