// Command outguard checks policy files and says what they decide, so that a policy is reviewed and tested before it is
// deployed: [validate] finds what is wrong with a file, [check] judges calls by it.
//
// Run outguard -h for the list, and outguard COMMAND -h for one of them.
//
// [validate]: https://pkg.go.dev/github.com/outguard/outguard/cmd/outguard#hdr-validate
// [check]: https://pkg.go.dev/github.com/outguard/outguard/cmd/outguard#hdr-check
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	os.Exit(run(os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// Exit codes, the same for every command.
const (
	exitOK    = 0 // all is well
	exitFound = 1 // what the command looks for was found: a violation, a fault in a policy
	exitUsage = 2 // the command could not do its work: bad flags, no such file, input that cannot be read
)

type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// A command is one subcommand. Its setup declares flags and returns what runs once they are parsed.
type command struct {
	name, summary string
	args          string // what follows the flags, for the usage line
	help          string // paragraphs between the usage line and the flags
	examples      string
	setup         func(*flag.FlagSet) action
}

// An action does the work of a command. An error means exitUsage.
type action func(io stdio, args []string) (exit int, err error)

func commands() []command {
	return []command{checkCommand, validateCommand, bundleCommand, versionCommand}
}

func run(args []string, io stdio) int {
	if len(args) == 0 {
		usage(io.err)
		return exitUsage
	}
	name, rest := args[0], args[1:]
	if name == "help" && len(rest) > 0 {
		name, rest = rest[0], []string{"-h"}
	}
	switch name {
	case "help", "-h", "-help", "--help":
		usage(io.out)
		return exitOK
	case "-version", "--version":
		name = "version"
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(io, rest)
		}
	}
	fmt.Fprintf(io.err, "outguard: no command %q\n\n", name)
	usage(io.err)
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprint(w, "outguard says what a policy lets a Lambda function call.\n\nUsage: outguard COMMAND [flags] [arguments]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\noutguard COMMAND -h says more. Exit codes: 0 all is well, 1 something was found, 2 the command could not run.\n")
}

func (c command) run(io stdio, args []string) int {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(discard{})
	act := c.setup(fs)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		c.usage(io.out, fs)
		return exitOK
	case err != nil:
		return c.fail(io, err)
	}
	for _, a := range fs.Args() {
		if strings.HasPrefix(a, "-") && a != "-" {
			return c.fail(io, fmt.Errorf("flag %s stands after an argument; put flags first", a))
		}
	}
	exit, err := act(io, fs.Args())
	if err != nil {
		return c.fail(io, err)
	}
	return exit
}

func (c command) fail(io stdio, err error) int {
	fmt.Fprintf(io.err, "outguard %s: %v\n", c.name, err)
	if !errors.As(err, new(*inputError)) {
		fmt.Fprintf(io.err, "outguard %s -h shows how it is used\n", c.name)
	}
	return exitUsage
}

func (c command) usage(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(w, "Usage: outguard %s\n\n%s\n", strings.TrimSpace(c.name+" "+c.args), strings.TrimSpace(c.help))
	any := false
	fs.VisitAll(func(*flag.Flag) { any = true })
	if any {
		fmt.Fprint(w, "\nFlags:\n")
		fs.SetOutput(w)
		fs.PrintDefaults()
	}
	if c.examples != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", strings.Trim(c.examples, "\n"))
	}
}

// An inputError is trouble with what the user gave, where the usage text would not help.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }
func (e *inputError) Unwrap() error { return e.err }

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
