package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/roles"
)

// fromRoles is init -from: a policy of what the functions' roles allow.
type fromRoles struct {
	files, params stringList
	function      string
	json          bool
}

// fromFlags declares the flags of init -from.
func fromFlags(fs *flag.FlagSet) *fromRoles {
	var f fromRoles
	fs.Var(&f.files, "from", "`file` that says what functions may do; more may follow, and - is standard input")
	// Values that only the deployment knows make names exact that would be globs.
	fs.Var(&f.params, "param", "`NAME=VALUE` of a template's parameter, or of AWS::StackName; may be given several times")
	fs.StringVar(&f.function, "function", "", "`name` of the section for an IAM document, which names no function")
	fs.BoolVar(&f.json, "json", false, `print {"wrote"} for each file; with -from, list what it leaves out, on standard error; a line of JSON each`)
	return &f
}

// maxSource bounds a file of -from, in bytes.
const maxSource = 64 << 20

// run reads all sources and writes one policy of them, or reports why it cannot.
func (f *fromRoles) run(std stdio, more []string, output string) (int, error) {
	// Wrong is the check that validate makes too, so that the result has no fault of that kind.
	r := roles.Reader{Function: f.function, Params: map[string]string{}, Wrong: wrongOperation, Open: readNested}
	for _, p := range f.params {
		name, value, ok := strings.Cut(p, "=")
		// An empty value is a value: a parameter may have one.
		if !ok || name == "" {
			return 0, fmt.Errorf("-param %q is not NAME=VALUE", p)
		}
		// Of a parameter that is given twice, the last value counts.
		r.Params[name] = value
	}
	// Arguments are further sources, so that a glob of the shell works.
	files := slices.Concat(f.files, more)
	// The second reading would find nothing.
	if n := len(slices.DeleteFunc(slices.Clone(files), func(name string) bool { return name != "-" })); n > 1 {
		return 0, errors.New("standard input can be read once")
	}
	// The place to write is checked before sources are read, because reading may ask a pipe for
	// data.
	name := cmp.Or(output, "policy.yaml")
	if output != "-" {
		if _, err := os.Lstat(name); err == nil {
			return 0, &inputError{errExists(name)}
		}
	}
	// All sources are read, so that one run shows every one that is broken.
	var errs []error
	for _, file := range files {
		data, err := readSource(std.in, file)
		if err == nil {
			err = r.Read(file, data)
		}
		errs = append(errs, err)
	}
	// A policy of the files that could be read would look complete, and lack the others.
	if err := errors.Join(errs...); err != nil {
		return 0, &inputError{err}
	}
	// All sources are read before the policy is made: a role may be in another file than its
	// function.
	text, err := r.Policy()
	if err != nil {
		// What was read explains why no policy could be made of it.
		f.report(std.err, &r)
		return 0, &inputError{err}
	}
	if output == "-" {
		_, err = std.out.Write(text)
	} else {
		err = writeFirst(name, string(text))
	}
	if err != nil {
		return 0, &inputError{err}
	}
	// The report goes to standard error, because standard output may be the policy.
	exit := f.report(std.err, &r)
	if output != "-" {
		fmt.Fprintf(std.out, "wrote %s\n\nIn main.go:\n%s\nNext: outguard validate, deploy, and read the alerts. The policy lets every call go.\n", name, linesFor(name))
	}
	return exit, nil
}

// readSource reads a file, or standard input for "-", up to maxSource.
func readSource(stdin io.Reader, name string) ([]byte, error) {
	in := stdin
	if name == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, fileError(name, err)
		}
		defer f.Close()
		// Reading a folder fails with an error that does not say so.
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a folder; name a file in it", name)
		}
		in = f
	}
	// One byte more than the bound shows that there is more.
	data, err := io.ReadAll(io.LimitReader(in, maxSource+1))
	if err == nil && len(data) > maxSource {
		err = fmt.Errorf("more than %d MB", maxSource>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// readNested reads a file that a template names. A device or a pipe would never end.
func readNested(name string) ([]byte, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	defer f.Close()
	return readSource(f, "-")
}

// report prints what the policy lacks and what was assumed.
func (f *fromRoles) report(w io.Writer, r *roles.Reader) (exit int) {
	out := bufio.NewWriter(w)
	defer out.Flush()
	if f.json {
		return reportJSON(out, r)
	}
	var names []string
	for _, name := range r.Functions() {
		names = append(names, printable(name))
	}
	// Five names show which template it was.
	if len(names) > 5 {
		names = append(names[:5], fmt.Sprintf("%d more", len(names)-5))
	}
	if len(names) > 0 {
		fmt.Fprintf(out, "outguard init: sections for %s\n", strings.Join(names, ", "))
	}
	// Notes say what was assumed, and are about no single function.
	for _, note := range r.Notes() {
		fmt.Fprintf(out, "outguard init: %s\n", printable(note))
	}
	// What is missing comes first: only that can break a function.
	for _, kind := range [...]struct {
		kind roles.Kind
		text string
	}{{roles.Missing, "left out"}, {roles.Wider, "wider than the role"}, {roles.Uncalled, "not called by code"}} {
		for _, l := range r.Left() {
			if l.Kind == kind.kind {
				fmt.Fprintf(out, "%s: %s  %s\n    %s\n", kind.text, printable(cmp.Or(l.Function, "the file")), printable(l.What), printable(l.Reason))
				// What is wider needs a look but breaks nothing, and so does not change the exit
				// code.
				if kind.kind == roles.Missing {
					exit = exitFound
				}
			}
		}
	}
	return exit
}

// reportJSON is report for programs: {"kind","function","what","reason"}, a line for each.
func reportJSON(w io.Writer, r *roles.Reader) (exit int) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	line := func(kind, function, what, reason string) {
		_ = e.Encode(struct {
			Kind     string `json:"kind"` // missing, wider, uncalled, note
			Function string `json:"function,omitempty"`
			What     string `json:"what,omitempty"`
			Reason   string `json:"reason"`
		}{kind, function, what, reason})
	}
	for _, note := range r.Notes() {
		line("note", "", "", note)
	}
	for _, l := range r.Left() {
		// The three kinds of Left; the words are keys of programs.
		kind := "uncalled"
		switch l.Kind {
		case roles.Missing:
			kind, exit = "missing", exitFound
		case roles.Wider:
			kind = "wider"
		}
		line(kind, l.Function, l.What, l.Reason)
	}
	return exit
}
