package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/outguard/outguard/internal/feedfiles"
	"github.com/outguard/outguard/policy"
)

// bundleCommand is for builds of many functions that share one policy file.
var bundleCommand = command{
	name:    "bundle",
	summary: "write one function's policy file at build time",
	args:    "[flags] FUNCTION@ | -function NAME [FILE]",
	help: `
Writes a policy file with only what concerns one function: the rules for all, and the sections that match its name. A file of
hundreds of functions then costs a cold start no more than one of a single function, and a function's package holds no other's
rules. Stages and variables stay as they are written.

The policy that next: names is checked, and with -o it is written too, beside the bundle under the same name and for the same
function. Copy the files that feed: names there.`,
	examples: `
  outguard bundle -function checkout policy.yaml > build/checkout/policy.yaml
  outguard bundle -function checkout -o build/checkout/policy.yaml policy.yaml`,
	setup: func(fs *flag.FlagSet) action {
		function := fs.String("function", os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), "`name` of the function (default $AWS_LAMBDA_FUNCTION_NAME)")
		output := fs.String("o", "", "`file` to write (default: standard output)")
		// Other commands name the file with -policy.
		file := fs.String("policy", "", "policy `file`, as if it were the argument")
		// A build script gets the bundle and its next policy in one run, without files.
		asJSON := fs.Bool("json", false, `print {"function","file","policy","next","next_policy"} in one line of JSON`)
		return func(std stdio, args []string) (int, error) {
			var named place
			args = named.named(args)
			// FUNCTION@ names the function, as in the other commands; a stage makes no difference
			// here.
			*function = cmp.Or(named.function, *function)
			if len(args) == 2 && isFunction(args) {
				*function, args = args[0], args[1:]
			}
			if *file != "" {
				args = append(args, *file)
			}
			switch {
			case *function == "":
				return 0, errors.New("say which function with -function, or as FUNCTION@")
			case len(args) > 1:
				return 0, errors.New("takes one file")
			case len(args) == 0:
				args = []string{"policy.yaml"}
			}
			// The bundle is made as a whole before a file is written.
			b, err := makeBundle(args[0], *function)
			if err != nil {
				return 0, &inputError{err}
			}
			// A bundle has the rules of one function, so that it must not replace the file of all.
			if sameFile(*output, args[0]) {
				return 0, fmt.Errorf("-o %s would overwrite the policy itself; name another file", *output)
			}
			if err := b.write(std, *output, *asJSON); err != nil {
				return 0, &inputError{err}
			}
			return exitOK, nil
		}
	},
}

// A bundle is a policy file with what concerns one function.
type bundle struct {
	function, file string
	text           []byte
	next           string // the path of the next policy, from the folder of the file; "": there is none
	nextFile       string // its file
	nextText       []byte
	note           string
}

// makeBundle reads the policy and makes the bundle, without writing anything.
func makeBundle(name, function string) (*bundle, error) {
	file, err := parsePolicy(name, false)
	if err != nil {
		return nil, err
	}
	b := &bundle{function: function, file: name}
	// Bundle fails if no section is for the function: the policy would not load for it either.
	if b.text, err = file.Bundle(function); err != nil {
		return nil, err
	}
	return b, b.addNext(file)
}

// The key stands at the top of the file, without indentation.
var nextKey = regexp.MustCompile(`(?m)^next:`)

// addNext finds the next policy, and makes a bundle of it too.
func (b *bundle) addNext(file *policy.File) error {
	// Names in a policy start at its folder.
	folder := filepath.Dir(b.file)
	// CheckNext expands the name and opens the file. openedFS shows which file that is.
	opened := &openedFS{FS: feedfiles.Dir(folder)}
	next, err := file.CheckNext(policy.Env{Function: b.function, Getenv: os.Getenv, FS: opened})
	if err != nil || next == nil {
		// The bundle still names its next policy, whose name a variable decides.
		if err == nil && nextKey.Match(b.text) {
			b.note = "the name after next: depends on a variable that is not set here; write that file beside the bundle yourself"
		}
		return err
	}
	b.next = opened.name
	// The file is compared with the target later: it must not be written over itself.
	b.nextFile = filepath.Join(folder, filepath.FromSlash(opened.name))
	// The next policy is bundled too, since the function's package holds no other's rules.
	b.nextText, err = next.Bundle(b.function)
	return err
}

// An openedFS notes which file was opened last.
type openedFS struct {
	fs.FS
	name string
}

func (o *openedFS) Open(name string) (fs.File, error) {
	o.name = name
	return o.FS.Open(name)
}

// write writes the bundle to a file, with its next policy beside it, or to standard output.
func (b *bundle) write(std stdio, output string, asJSON bool) error {
	// The note is about the name in the file, and so is printed whatever the output is.
	if b.note != "" {
		fmt.Fprintln(std.err, "outguard bundle: "+b.note)
	}
	// The next policy is written first: the bundle must not name a file that is not there.
	switch {
	case output != "":
		if b.next != "" {
			if err := b.writeNext(filepath.Join(filepath.Dir(output), filepath.FromSlash(b.next))); err != nil {
				return err
			}
		}
		return writeFile(output, b.text)
	case asJSON:
		e := json.NewEncoder(std.out)
		// Globs and URLs keep their characters.
		e.SetEscapeHTML(false)
		return e.Encode(struct {
			Function   string `json:"function"`
			File       string `json:"file"`
			Policy     string `json:"policy"`
			Next       string `json:"next,omitempty"`
			NextPolicy string `json:"next_policy,omitempty"`
		}{b.function, b.file, string(b.text), b.next, string(b.nextText)})
	// On standard output, there is room for one of the two files.
	case b.next != "":
		fmt.Fprintf(std.err, "outguard bundle: the bundle needs its next policy beside it; -o FILE writes %s too\n", printable(b.next))
	}
	_, err := std.out.Write(b.text)
	return err
}

// writeNext writes the next policy, before the bundle that names it.
func (b *bundle) writeNext(name string) error {
	if sameFile(name, b.nextFile) {
		return nil // the bundle is written into the folder of the policy
	}
	// The name may have folders in it, which exist beside the policy and not yet beside the bundle.
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return writeFile(name, b.nextText)
}
