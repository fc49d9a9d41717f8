package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// A File is a policy file, checked as a whole and not yet compiled for a function. It never
// changes, as far as can be seen: goroutines may share it.
type File struct {
	tree   *syntax.File
	data   []byte // the text, for Bundle
	sha256 string // of data, in hex
	made   []made // by draft: the rules without variables, which are the same for every function
	err    error  // what ParseFile returned: such a file is for Warnings alone

	central bool // see ParseCentral

	next atomic.Pointer[File] // the next policy, once it was read
}

// ParseFile reads a policy file and checks all of it, for every function. name is for messages
// and alerts: the file's name, without its directory. The error is of type [Errors] and holds
// everything that is wrong.
//
// With an error, the File is nil if the text cannot be read at all. Otherwise it is for Warnings
// alone: [File.For] returns the error.
//
// Values with variables that have neither a default nor a built-in meaning are left for
// [File.For] to check.
func ParseFile(name string, data []byte) (*File, error) {
	return parseFile(name, data, false, nil)
}

// parseFile is ParseFile and ParseCentral. All of the file is checked. With only, the result is for
// the function of that name, and has no rules of sections for others.
func parseFile(name string, data []byte, central bool, only *string) (*File, error) {
	sum := sha256.Sum256(data)
	f := &File{data: data, sha256: hex.EncodeToString(sum[:]), central: central}
	r := &report.Reporter{File: name}
	f.tree = syntax.Parse(r, data)
	// The text cannot be read: there is nothing to check.
	if f.tree == nil {
		return nil, errorOf(r)
	}
	release(len(data))
	// One place for each draft. rules fills it while the file is checked.
	f.made = make([]made, f.tree.Drafts)
	c := &compiler{Reporter: r, file: f, checking: true, parsing: true, only: only, repeats: newRepeats(len(f.tree.Functions))}
	c.check()
	f.err = errorOf(r)
	return f, f.err
}

// release frees the memory of a step of reading a large file before the next one begins: a file of
// 1 MB takes 20 to 30 MB in each, and a function may have 128 in all.
func release(size int) {
	const large = 256 << 10
	if size >= large {
		runtime.GC()
	}
}

// Parse reads a policy file and compiles it for one function: ParseFile and For in one. Its error
// is of type [Errors].
func Parse(name string, data []byte, env Env) (*Policy, error) {
	f, err := parseFile(name, data, false, &env.Function)
	if err != nil {
		return nil, err
	}
	return f.compile(env, true)
}

// For compiles the sections that apply to env.Function. Its error is of type [Errors].
func (f *File) For(env Env) (*Policy, error) { return f.compile(env, false) }

// compile is For. With last, f is not used any more.
func (f *File) compile(env Env, last bool) (*Policy, error) {
	// An error of the file itself.
	c, err := f.compiler(env)
	if err != nil {
		return nil, err
	}
	// All errors of this function at once.
	set, all := c.compile()
	c.unknownOperations(all)
	set.warnings = warningsOf(c.Reporter)
	if err := errorOf(c.Reporter); err != nil {
		return nil, err
	}
	// f is freed before the rules are compiled, so that both do not need memory at once.
	rules, size, next := rulesOf(all), len(f.data), f.nextFile()
	if last {
		// Parse drops its only reference.
		*f, all = File{}, nil
		release(size)
	}
	// Left is what only the engines refuse.
	p, err := newPolicy(set, rules)
	if err != nil {
		c.Fail(report.Place{}, err.Error(), "")
		return nil, errorOf(c.Reporter)
	}
	// The next policy never fails this one: what is wrong with it is a warning.
	if next.text.Value != "" {
		var warnings []Warning
		p.next, warnings = next.load(env, set.env, last)
		p.set.warnings = append(p.set.warnings, warnings...)
		if p.next != nil {
			p.set.info.Next = &p.next.set.info
		}
	}
	return p, nil
}

// compiler returns a compiler for one function. The error is that of ParseFile.
func (f *File) compiler(env Env) (*compiler, error) {
	if f.err != nil {
		return nil, f.err
	}
	if env.Now.IsZero() {
		env.Now = time.Now()
	}
	if f.central {
		env.Stage = "" // the file itself determines it
	}
	return &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, env: env}, nil
}

// Rules returns the rules of the whole file, in the order written: those of every function and
// stage. An id with a variable is as written.
func (f *File) Rules() (all []RuleRef) {
	for _, s := range f.tree.Sections() {
		for d := range s.Rules {
			ref := RuleRef{ID: d.ID.Value, File: f.tree.Name, Line: d.Line, Column: d.Col, Reason: d.Reason.Value}
			if ref.ID == "" {
				ref.ID = fmt.Sprintf("%s:%d", ref.File, ref.Line)
			}
			all = append(all, ref)
		}
	}
	slices.SortStableFunc(all, func(a, b RuleRef) int { return a.Line - b.Line })
	return all
}

// Ends returns the days that rules end with (until:), sorted, each once. Days that depend on a
// variable are not among them.
func (f *File) Ends() (days []time.Time) {
	// Unreadable days are errors of ParseFile.
	for _, s := range f.tree.Sections() {
		for d := range s.Rules {
			if day, err := time.Parse(time.DateOnly, d.Until.Value); err == nil {
				days = append(days, day)
			}
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}

// Functions returns the names and globs under functions:, in the order written.
func (f *File) Functions() []string {
	names := make([]string, len(f.tree.Functions))
	for i, s := range f.tree.Functions {
		names[i] = s.Name.Value
	}
	return names
}

// Stages returns every stage that the file names, sorted: those of accounts, of on_violation and
// of rules.
func (f *File) Stages() []string {
	var stages []string
	add := func(t syntax.Text) {
		// What depends on a variable, and "*", is not a stage.
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

// Warnings returns the entries of the file that are valid but probably not what the author
// intended, in the order of the lines. What depends on the value of a variable is left for
// WarningsFor.
//
// Policy.Warnings has less: it leaves out what a comparison of all rules finds, so that functions
// do not have to link it.
func (f *File) Warnings() []Warning {
	// A compiler of its own, so that f does not change.
	c := &compiler{Reporter: &report.Reporter{File: f.tree.Name}, file: f, checking: true}
	all := c.check()
	// Then what compares rules, and is too slow for functions.
	c.checkFile(all)
	c.lint(all)
	c.checkStages(f.tree.Sections())
	return warningsOf(c.Reporter)
}

// WarningsFor returns the warnings about the sections that apply to env.Function, with its
// variables. Its error is the one that For returns.
func (f *File) WarningsFor(env Env) ([]Warning, error) {
	c, err := f.compiler(env)
	if err != nil {
		return nil, err
	}
	_, all := c.compile()
	if err := errorOf(c.Reporter); err != nil {
		return nil, err
	}
	c.lint(all)
	return warningsOf(c.Reporter), nil
}
