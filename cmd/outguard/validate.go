package main

import (
	"flag"
	"fmt"

	"github.com/outguard/outguard/policy"
)

var validateCommand = command{
	name:    "validate",
	summary: "find everything that is wrong with policy files",
	args:    "[flags] [FILE…]",
	help: `
Reads policy files (default policy.yaml) whole, every function and stage, and prints each fault with its place, what is
wrong and what to do. What Load only warns of, such as a rule that another one shadows, an entry inside a blacklist or a date
in the past, is a fault here: run it in CI. Variables need not be set.

Exit codes: 0 no fault, 1 some file has one, 2 a file cannot be read.`,
	examples: `
  outguard validate policy.yaml
  outguard validate policies/*.yaml`,
	setup: func(fs *flag.FlagSet) action {
		quiet := fs.Bool("q", false, "print faults only, nothing for files without any")
		return func(io stdio, args []string) (int, error) {
			if len(args) == 0 {
				args = []string{"policy.yaml"}
			}
			exit := exitOK
			for _, name := range args {
				exit = max(exit, validate(io, name, *quiet))
			}
			return exit, nil
		}
	},
}

func validate(io stdio, name string, quiet bool) int {
	data, err := readPolicy(name)
	if err != nil {
		fmt.Fprintf(io.err, "outguard validate: %v\n", err)
		return exitUsage
	}
	file, err := policy.ParseFile(name, data)
	if err != nil {
		fmt.Fprintln(io.out, err)
		return exitFound
	}
	warnings := file.Warnings()
	for _, w := range warnings {
		fmt.Fprintln(io.out, w)
	}
	if len(warnings) > 0 {
		return exitFound
	}
	if !quiet {
		fmt.Fprintf(io.out, "%s: ok\n", name)
	}
	return exitOK
}
