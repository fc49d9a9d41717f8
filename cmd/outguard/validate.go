package main

import (
	"cmp"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/awsops/names"
	"github.com/outguard/outguard/internal/feedfiles"
	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/policy"
)

// validateCommand looks at files as a whole: it needs no function, and no variable to be set.
var validateCommand = command{
	name:    "validate",
	summary: "find everything that is wrong with policy files",
	args:    "[flags] [FUNCTION@STAGE] [FILE…]",
	help: `
Reads policy files (default policy.yaml) whole: every function and stage, the feeds and the next policy beside them. Prints
each fault with its place, what is wrong and what to do, errors first and then warnings. What Load only
warns of is a fault here: an entry that can match no call, a rule that another one covers, a function
without any list, a target of notify: that receives nothing, a date in the past. Run it in CI. Variables
need not be set: a value that depends on one is checked only with -function, which looks at the file as that
function will, in this environment.

Exit codes: 0 no fault, 1 some file has one, 2 a file cannot be read.`,
	examples: `
  outguard validate policy.yaml
  outguard validate policies/*.yaml
  outguard validate -central layer/outguard/security.yaml
  outguard validate -format github policies/*.yaml
  outguard validate -format sarif policies/*.yaml > outguard.sarif
  STAGE=prod API_HOST=api.example.com outguard validate -function checkout -account 111122223333 policy.yaml`,
	setup: func(fs *flag.FlagSet) action {
		// at.function stays empty until the flags are read: $AWS_LAMBDA_FUNCTION_NAME must not make
		// a file be looked at for one function only.
		var at place
		at.where(fs)
		at.central(fs, "central policy `file`, of /opt/outguard; a variable that it does not expand is a fault; may be given several times")
		fs.Var(&at.files, "policy", "policy `file`, as if it were an argument; may be given several times")
		function := fs.String("function", "", "`name` of a function; look at the files also as it will, with the variables of this environment")
		built := fs.String("binary", "", "the function's `file`, as built; prints its versions and layers. Faults are AWS clients that do not work with its modules, and a pattern of callers: that matches no module")
		format := fs.String("format", "text", "`format` of faults: text; json, one line for each with its file, line, column and severity; github, as workflow commands, which GitHub shows beside the line; sarif, SARIF 2.1.0 for code scanning")
		// Other commands have -json too, so nobody has to look up how it is called here.
		fs.BoolFunc("json", "the same as -format json", func(string) error { *format = "json"; return nil })
		quiet := fs.Bool("q", false, "print faults only, nothing for files without any")
		return func(std stdio, args []string) (int, error) {
			// A place that the arguments name counts more than the flags.
			var named place
			args = append(named.named(args), at.files...)
			at.stage = cmp.Or(named.stage, at.stage)
			*function = cmp.Or(named.function, *function)
			// A central file alone is enough: it is in a repository without policy.yaml.
			if len(args) == 0 && len(at.centrals) == 0 {
				args = []string{"policy.yaml"}
			}
			// SARIF is one document. Its faults are collected and written at the end.
			print, ok := faultFormats[*format]
			var sarif *sarifLog
			if *format == "sarif" {
				sarif = newSARIF()
				print, ok = sarif.add, true
			}
			if !ok {
				return 0, fmt.Errorf("-format %s is not a format; write text, json, github or sarif", *format)
			}
			at.function = *function
			exit := exitOK
			if *built != "" {
				// The binary is read first: its modules are what callers: of each file is compared
				// with.
				b, err := readBinary(*built)
				if err != nil {
					return 0, &inputError{err}
				}
				at.binary = b
				// With SARIF, standard output has the document and nothing else.
				to := std.out
				if sarif != nil {
					to = std.err
				}
				if b.print(to, *quiet || *format != "text") {
					exit = exitFound
				}
			}
			// A file that cannot be read does not end the loop, so that one run shows all faults.
			for i, name := range slices.Concat(args, at.centrals) {
				// Each file has a printer of its own, because "ok" depends on the faults of that
				// file.
				p := faultPrinter{out: std.out, print: print}
				err := validate(&p, name, &at, i >= len(args))
				switch {
				case err != nil:
					fmt.Fprintf(std.err, "outguard validate: %v\n", err)
					if sarif != nil {
						sarif.failed(err)
					}
					exit = exitUsage
				case p.count > 0:
					// A fault must not hide that an earlier file could not be read.
					exit = max(exit, exitFound)
				case !*quiet && *format == "text":
					fmt.Fprintf(std.out, "%s: ok\n", name)
				}
			}
			if sarif != nil {
				return exit, sarif.write(std.out)
			}
			return exit, nil
		}
	},
}

// wrongOperation finds a typo in the name of an operation, and actions of IAM that no call takes.
// Package policy does not link all of the names.
func wrongOperation(prefix, operation string) (problem, fix string) {
	noCall, _ := awsops.NoCall(prefix, strings.ToLower(operation))
	switch {
	case noCall != "": // reported with the file's other warnings
		return "", ""
	case len(names.Of(prefix)) == 0: // of a service without an SDK, nothing is known
		return "", ""
	case names.Untaken(prefix, operation):
		return "is an action of IAM that no call of the SDK takes", "delete it, or name the operation that the function calls"
	// The names of operations may have globs, such as Get*, which must match some operation.
	case names.Matches(prefix, operation):
		return "", ""
	}
	// The nearest name is proposed, because most unknown names are typing errors.
	problem = "is not a known operation or action"
	if near := names.Nearest(prefix, operation); near != "" {
		return problem, fmt.Sprintf("did you mean %q?", prefix+":"+near)
	}
	return problem, "use the SDK's or IAM's name of the operation; if it is newer than this command, leave it"
}

// validate prints a file's faults. Its error is that of reading the file.
func validate(p *faultPrinter, name string, at *place, central bool) error {
	data, err := readPolicy(name)
	if err != nil {
		return err
	}
	// Errors of this file are those that are counted from here on.
	before := p.count
	file, err := parse(name, data, central)
	p.errors(name, err)
	// The text has no structure that could be looked at any further.
	if file == nil {
		return nil
	}
	validateFile(p, file, name, at, p.count > before)
	// Without -function, no variable is set. A name after next: that depends on one is left out.
	known := policy.Env{FS: feedfiles.Dir(filepath.Dir(name))}
	if at.function != "" {
		known = at.env(name)
	}
	if text, _ := signedpolicy.Split(data); signedpolicy.Beside(text) != nil {
		known.FS = signedpolicy.Beside(text) // a document of a source
	}
	before = p.count
	// The next policy is validated like the file itself: it is going to take its place.
	next, err := file.CheckNext(known)
	p.errors(name, err)
	if next != nil {
		validateFile(p, next, name, at, p.count > before)
	}
	return nil
}

// validateFile prints the other faults of a file, which stands beside the policy of that name.
// refused: it has errors, so no function can use it.
func validateFile(p *faultPrinter, file *policy.File, name string, at *place, refused bool) {
	// Feeds are looked for beside the policy, as the guard does.
	warnings, err := file.CheckFeeds(feedfiles.Dir(filepath.Dir(name)))
	p.errors(name, err)
	// The order of warnings is that of the checks.
	warnings = append(warnings, file.Warnings()...)
	if at.binary != nil {
		warnings = append(warnings, file.CheckCallers(at.binary.modules)...)
	}
	// Package policy has no table of all operations, since functions would link it.
	warnings = append(warnings, file.CheckOperations(wrongOperation)...)
	warnings = append(warnings, file.CheckResources(names.Kinds)...)
	// Only a file that loads can be compiled for a function.
	if at.function != "" && !refused && err == nil {
		own, err := file.WarningsFor(at.env(name))
		p.errors(name, err)
		// Most warnings for the function are warnings of the file, too.
		for _, w := range own {
			if !slices.Contains(warnings, w) {
				warnings = append(warnings, w)
			}
		}
	}
	for _, w := range warnings {
		p.warning(w)
	}
}
