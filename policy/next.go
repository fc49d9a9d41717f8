package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file reads the next policy: the file beside a policy that its next: names. It is judged
// beside the policy, and its verdicts have no effect. So nothing that is wrong with it is an error
// of the policy.

// A nextFile is what of a policy file it takes to find its next policy: the policy itself may have
// been freed.
type nextFile struct {
	name    string // of the policy file
	text    syntax.Text
	central bool
	parsed  *atomic.Pointer[File] // the next policy as it was read last, for the next function
}

// nextFile takes what load needs out of f, before f is freed.
func (f *File) nextFile() nextFile {
	return nextFile{f.tree.Name, f.tree.Next, f.central, &f.next}
}

// CheckNext reads the policy that next: names, below the folder of the policy, and checks all of it
// as ParseFile does. It returns nil without next:, and where the name depends on a variable without
// a value. The error is of type [Errors], and holds what keeps a function from judging by the next
// policy; the File is then for Warnings alone, or nil.
func (f *File) CheckNext(env Env) (*File, error) {
	if f.tree.Next.Value == "" {
		return nil, nil
	}
	n := f.nextFile()
	c := n.compiler(env)
	// A missing variable is then no error.
	c.checking = true
	return n.read(c)
}

// compiler returns a compiler that knows the place of next: alone.
func (n *nextFile) compiler(env Env) *compiler {
	file := &File{tree: &syntax.File{Name: n.name}, central: n.central}
	return &compiler{Reporter: &report.Reporter{File: n.name}, file: file, env: env}
}

// read reads and checks the next policy. It returns nil without an error only if c is checking and
// the name is not known.
func (n *nextFile) read(c *compiler) (*File, error) {
	// The name may have variables: policy-${stage}.yaml.
	name, ok := c.text(n.text)
	var data string
	if ok {
		// A function's memory limits what it may read beside its own policy.
		most, mb := syntax.MaxSize(c.env.process())
		// One byte more, so that too large a file shows.
		data, ok = c.readBeside("next policy", n.text, name, int64(most)+1)
		if ok && mb > 0 && len(data) > most {
			c.Fail(n.text.Place, fmt.Sprintf("next policy %q has more than %d KB, which is too much for a function with %d MB of memory", report.Short(name), most>>10, mb),
				"put long lists of hosts into a file of their own and name it with feed:")
			ok = false
		}
	}
	if !ok {
		return nil, errorOf(c.Reporter)
	}
	// A process may compile the same file for several functions.
	sum := sha256.Sum256([]byte(data))
	if f := n.parsed.Load(); f != nil && f.sha256 == hex.EncodeToString(sum[:]) {
		return f, f.err
	}
	// The name in messages is relative to the same folder as the policy's.
	folder, _ := filepath.Split(n.name)
	f, err := n.parse(folder+path.Clean(name), []byte(data))
	if f != nil {
		n.parsed.Store(f)
	}
	return f, err
}

// parse reads a next policy. One that names another is an error, so that chains end.
func (n *nextFile) parse(name string, data []byte) (*File, error) {
	f, err := parseFile(name, data, n.central, nil)
	if f == nil || f.tree.Next.Value == "" {
		return f, err
	}
	var all Errors
	errors.As(err, &all)
	at := f.tree.Next
	f.err = append(all, &Error{
		File: f.tree.Name, Line: at.Line, Column: at.Col, Problem: "a next policy names another one", Fix: "delete next: there",
	})
	return f, f.err
}

// load compiles the next policy for one function. What keeps it from being judged becomes a
// warning. With last, there is no other function.
func (n *nextFile) load(env, known Env, last bool) (p *Policy, warnings []Warning) {
	// known has the stage that the policy was compiled for.
	c := n.compiler(known)
	file, err := n.read(c)
	if err == nil {
		p, err = file.compile(env, last)
	}
	// Its own warnings are also the policy's: people fix both at once.
	if p != nil {
		return p, append(warningsOf(c.Reporter), p.set.warnings...)
	}
	const noEffect = "next: has no effect: "
	// Either the file is wrong, or the key that names it.
	if len(c.Errors) == 0 {
		c.Warn(n.text.Place, noEffect+firstOf(err), "outguard validate shows all that is wrong with it")
	}
	for _, f := range c.Errors {
		c.Warn(n.text.Place, noEffect+f.Problem, f.Fix)
	}
	return nil, warningsOf(c.Reporter)
}

// firstOf returns the first error of a file, and how many there are.
func firstOf(err error) string {
	var all Errors
	if !errors.As(err, &all) || len(all) == 0 {
		return fmt.Sprint(err)
	}
	if len(all) == 1 {
		return all[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", all[0], len(all)-1)
}

// A Next is what would hold if a next policy took the place of the file that names it.
type Next struct {
	Info   *Info // of the next policy
	Policy *Policy
}

// Next returns, for each file with a next policy, all files joined with that next policy in its
// place.
func (p *Policy) Next() (all []Next) {
	parts := p.parts()
	// Only the part with a next policy is replaced. The others stay, as they would.
	for i, part := range parts {
		if part.next != nil {
			replaced := slices.Clone(parts)
			replaced[i] = part.next
			all = append(all, Next{&part.next.set.info, Join(replaced...)})
		}
	}
	return all
}
