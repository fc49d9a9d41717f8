// Command outguard-vet finds outbound calls of a Go program that Outguard does not guard.
package main

import (
	"fmt"
	"os"

	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/outguard/outguard/vet"
)

// usage shows an example first, which the help of singlechecker does not have.
const usage = `outguard-vet finds outbound calls of a Go program that Outguard does not guard.

  outguard-vet [flags] PACKAGE…
  go vet -vettool=$(which outguard-vet) [flags] PACKAGE…

For a function in ./cmd/fn with

  lambda.Start(handle)

it prints

  cmd/fn/main.go:12:2: the handler is not wrapped: lambda.Start(guard.Wrap(handle))

Flags:
  -fix        make the changes that are safe
  -diff       with -fix: print the changes instead
  -json       print the findings as JSON; the exit code is then 0
  -skip LIST  leave out kinds of findings, for example -skip process,aws-v1
  -test=false do not load tests. Findings in _test.go files are never reported

A comment on the line, or alone on the line above, accepts a finding. It needs a reason:

  exec.Command("git", "log") //outguard:ok reads a local repository

All kinds, and what is not followed: https://github.com/outguard/outguard/blob/main/docs/vet.md
Exit codes: 0 nothing found, 1 it could not do its work, 3 something was found. Under go vet: 0 and 1.
`

func main() {
	// Without a package, singlechecker would print its own help.
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		// The exit code for work that could not be done.
		os.Exit(1)
	}
	// Help is looked for among all arguments, since flags may come before it.
	for _, arg := range os.Args[1:] {
		switch arg {
		case "-h", "-help", "--help", "help":
			// Help that was asked for goes to standard output, and is a success.
			fmt.Print(usage)
			return
		}
	}
	// The same binary serves go vet -vettool, whose protocol singlechecker knows.
	singlechecker.Main(vet.Analyzer)
}
