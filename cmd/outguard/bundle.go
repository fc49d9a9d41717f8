package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
)

var bundleCommand = command{
	name:    "bundle",
	summary: "write one function's policy file at build time",
	args:    "[flags] FUNCTION@ | -function NAME [FILE]",
	help: `
Writes a policy file with only what concerns one function: the rules for all, and the sections that match its name. A file of
hundreds of functions then costs a cold start no more than one of a single function, and a function's package holds no other's
rules. Stages and variables stay as they are written; copy the files that feed: names beside the bundle.`,
	examples: `
  outguard bundle -function checkout policy.yaml > build/checkout/policy.yaml
  outguard bundle -function checkout -o build/checkout/policy.yaml policy.yaml`,
	setup: func(fs *flag.FlagSet) action {
		function := fs.String("function", os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), "`name` of the function (default $AWS_LAMBDA_FUNCTION_NAME)")
		output := fs.String("o", "", "`file` to write (default: standard output)")
		file := fs.String("policy", "", "policy `file`, as if it were the argument")
		asJSON := fs.Bool("json", false, `print {"function","file","policy"} in one line of JSON`)
		return func(std stdio, args []string) (int, error) {
			var named place
			args = named.named(args)
			*function = cmp.Or(named.function, *function)
			if *file != "" {
				args = append(args, *file)
			}
			switch {
			case *function == "":
				return 0, errors.New("say which function with -function")
			case len(args) > 1:
				return 0, errors.New("takes one file")
			case len(args) == 0:
				args = []string{"policy.yaml"}
			}
			data, err := bundle(args[0], *function)
			if err != nil {
				return 0, &inputError{err}
			}
			if sameFile(*output, args[0]) {
				return 0, fmt.Errorf("-o %s would overwrite the policy itself; name another file", *output)
			}
			if *output != "" {
				return exitOK, writeFile(*output, data)
			}
			if *asJSON {
				e := json.NewEncoder(std.out)
				e.SetEscapeHTML(false)
				return exitOK, e.Encode(struct {
					Function string `json:"function"`
					File     string `json:"file"`
					Policy   string `json:"policy"`
				}{*function, args[0], string(data)})
			}
			_, err = std.out.Write(data)
			return exitOK, err
		}
	},
}

func bundle(name, function string) ([]byte, error) {
	file, err := parsePolicy(name, false)
	if err != nil {
		return nil, err
	}
	return file.Bundle(function)
}
