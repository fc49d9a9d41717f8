package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// initCommand makes the first day easy: files that load, forbid nothing, and can be deployed as
// they are.
var initCommand = command{
	name:    "init",
	summary: "write a first policy, which logs every call and forbids none",
	args:    "[flags] [FOLDER]",
	help: `
Writes policy.yaml and policy.policytest into a folder (default: this one), and prints the lines that main.go needs. The
policy logs each distinct call and lets it go, so it can be deployed at once. No file is ever overwritten.

With -from, the policy is made of what the functions' roles allow already: a section for each function, with on_violation:
alert. A file is an IAM document, a SAM or CloudFormation template, a Terraform plan or state as JSON, or a serverless.yml; -
is standard input. Names that CloudFormation generates become globs. Listed with its reason is all that the policy lacks, all
that it allows beyond the role, and what no code calls.

Exit codes: 0 the policy is written, 1 so it is, and it lacks something that the role allows, 2 a file cannot be read.`,
	examples: `
  outguard init
  outguard init cmd/checkout
  outguard init -o - > policy.yaml
  outguard init -from template.yaml -param AWS::StackName=shop
  terraform show -json plan.out | outguard init -from - -o policy.yaml
  aws iam get-role-policy --role-name checkout --policy-name data | outguard init -from - -function checkout -o -`,
	setup: func(fs *flag.FlagSet) action {
		var output string
		// Other commands name the policy with -policy, so that people try it here too.
		fs.StringVar(&output, "policy", "", "policy `file`, the same as -o")
		fs.StringVar(&output, "o", "", "policy `file` to write; - prints the policy alone (default policy.yaml in the folder)")
		from := fromFlags(fs)
		return func(std stdio, args []string) (int, error) {
			// -from is a command of its own that shares the name and the output.
			if len(from.files) > 0 {
				return from.run(std, args, output)
			}
			switch {
			// The first policy has no sections: it is for any function.
			case from.function != "" || len(from.params) > 0:
				return 0, errors.New("-function and -param are for -from")
			case len(args) > 1:
				return 0, errors.New("takes one folder")
			case output != "" && len(args) > 0:
				return 0, errors.New("takes -o or a folder, not both")
			// Tests stand beside the policy's file, and this one has none.
			case output == "-":
				_, err := fmt.Fprint(std.out, firstPolicy)
				return exitOK, err
			}
			// guard.Load looks for this name beside the binary.
			name := "policy.yaml"
			// A folder keeps the usual names in it; -o gives the file any name.
			if len(args) > 0 {
				if info, err := os.Stat(args[0]); err == nil && !info.IsDir() {
					return 0, &inputError{fmt.Errorf("%s is a file; init takes a folder, -o with the file to write, or -from with a file of roles", args[0])}
				}
				name = filepath.Join(args[0], name)
			} else if output != "" {
				name = output
			}
			// If a file exists already, the flags were right, so that no usage follows.
			if err := initialize(std, name, from.json); err != nil {
				return 0, &inputError{err}
			}
			return exitOK, nil
		}
	},
}

// firstPolicy forbids nothing: log lets every call go. Its only rule is one that any function can
// have.
const firstPolicy = `# What this function may call. policy.example.yaml shows every key:
# https://github.com/outguard/outguard/blob/main/policy.example.yaml
version: 1

# log writes a line for each distinct call that breaks the policy, and lets it go. When the whitelist
# is right, write alert, which also notifies, and then block, which refuses the call. With stages:
#   stage: ${STAGE}
#   on_violation: {dev: block, prod: "${OUTGUARD_MODE:-block}"}
# Setting OUTGUARD_MODE=alert in the function's configuration is then the emergency exit for on-call.
on_violation: log

# Nothing is allowed yet, so that every call is logged, with the entry that would allow it.
whitelist: []

blacklist:
  - ip: [169.254.169.254, "fd00:ec2::254"]
    id: no-metadata
    reason: a function has no instance metadata; only an attack asks for it
`

// firstTests are cases that hold for firstPolicy, one for each list. They show the form.
const firstTests = `# What the policy must decide, one case to a line: VERDICT [FUNCTION@STAGE] CALL [by RULE].
# Run them with: outguard test
log  GET http://169.254.169.254/latest/meta-data/  by no-metadata
log  GET https://api.example.com/                  by whitelist
`

// firstLines are what main.go needs. linesFor puts in the name of the policy's file.
const firstLines = `
//go:embed policy.yaml
var policyYAML []byte

	g, err := guard.Load(&guard.Options{Policy: policyYAML}) // first in main
	lambda.Start(g.Wrap(handle))                              // in place of lambda.Start(handle)
	config.WithAPIOptions(g.AWS())                            // an option of config.LoadDefaultConfig
`

// initialize writes the policy and its tests, and prints what comes next.
func initialize(std stdio, name string, asJSON bool) error {
	// The tests have the name of the policy, and stand beside it.
	tests := strings.TrimSuffix(name, filepath.Ext(name)) + ".policytest"
	for _, file := range []string{name, tests} { // before one of them is written
		// A link that leads nowhere is also somebody's.
		if _, err := os.Lstat(file); err == nil {
			return errExists(file)
		}
	}
	// The policy comes first: tests without a policy would be of no use.
	for _, file := range []struct{ name, text string }{{name, firstPolicy}, {tests, firstTests}} {
		if err := writeFirst(file.name, file.text); err != nil {
			return err
		}
		if asJSON {
			_ = json.NewEncoder(std.out).Encode(map[string]string{"wrote": file.name})
		} else {
			fmt.Fprintln(std.out, "wrote "+file.name)
		}
	}
	if asJSON {
		return nil
	}
	fmt.Fprintf(std.out, "\nIn main.go:\n%s\nNext: go get github.com/outguard/outguard, deploy, and read the log. outguard test runs the tests.\n", linesFor(name))
	return nil
}

// linesFor returns what main.go needs for a policy.
func linesFor(name string) string {
	// The directive takes a path below the folder of main.go. The policy is taken to be beside it.
	return strings.ReplaceAll(firstLines, "embed policy.yaml", "embed "+filepath.Base(name))
}

// writeFirst writes a file that does not exist yet.
func writeFirst(name, text string) error {
	// Another program may have made the file since it was looked for.
	err := writeNew(name, []byte(text), 0o644)
	if errors.Is(err, fs.ErrExist) {
		return errExists(name)
	}
	return err
}

// errExists is the error for a file that init would have to overwrite.
func errExists(name string) error {
	// A policy is the work of people, so that no flag overwrites one.
	return fmt.Errorf("%s exists, and init overwrites nothing; name another file with -o", name)
}
