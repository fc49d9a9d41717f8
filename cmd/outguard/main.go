// Command outguard says what a policy lets a Lambda function call, so that a policy is reviewed and
// tested before it is deployed.
//
//	outguard init
//	outguard validate policy.yaml
//	outguard check checkout@prod GET https://api.stripe.com/v1/charges
//	outguard explain checkout@prod GET https://api.stripe.com/v1/charges
//	outguard test
//	outguard diff -gate policy-main.yaml policy.yaml
//	outguard check -policy policy.yaml -function checkout -json < calls.jsonl
//	outguard learn function.log > policy.yaml
//	outguard report -o report.html function.log
//	outguard local -event event.json -- ./bootstrap
//	outguard bundle -function checkout policy.yaml > build/policy.yaml
//	outguard sign -key fleet.key -function 'pay-*' -version 7 policy.yaml > signed.yaml
//	outguard go build -o bootstrap ./cmd/fn
//
// Each command explains itself: outguard COMMAND -h. All have the same exit codes: 0 all is well, 1
// something was found, 2 the command could not do its work.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/toolexec"
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

// stdio are the streams of a command, which tests replace.
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
type action func(std stdio, args []string) (exit int, err error)

// commands returns all subcommands but go, in the order of the help. A variable would refer to
// itself.
func commands() []command {
	return []command{
		initCommand, learnCommand, validateCommand, checkCommand, explainCommand, testCommand, diffCommand,
		bundleCommand, reportCommand, localCommand, signCommand, versionCommand,
	}
}

// run runs the command that the arguments name, and returns the exit code.
func run(args []string, std stdio) int {
	if len(args) == 0 {
		usage(std.err)
		return exitUsage
	}
	name, rest := args[0], args[1:]
	// "outguard help check" is "outguard check -h".
	if name == "help" && len(rest) > 0 {
		name, rest = rest[0], []string{"-h"}
	}
	switch name {
	case "help", "-h", "-help", "--help":
		usage(std.out)
		return exitOK
	case "-version", "--version":
		name = "version"
	}
	// These two take the arguments of other programs, and have no flags of their own.
	switch name {
	case "go":
		return runGo(std, rest)
	case toolexec.Command:
		return toolexec.Run(rest, std.out, std.err)
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(std, rest)
		}
	}
	// "outguard build" is a likely slip for "outguard go build".
	if slices.Contains(goCommands, name) {
		fmt.Fprintf(std.err, "outguard: no command %q; did you mean outguard go %s?\n", name, name)
		return exitUsage
	}
	fmt.Fprintf(std.err, "outguard: %s\n\n", noCommand(name))
	usage(std.err)
	return exitUsage
}

// usage prints all commands with a line for each.
func usage(w io.Writer) {
	fmt.Fprint(w, "outguard says what a policy lets a Lambda function call.\n\nUsage: outguard COMMAND [flags] [arguments]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "  %-10s %s\n", "go", "the go command, whose builds have every call judged")
	fmt.Fprint(w, "\noutguard COMMAND -h says more. Exit codes: 0 all is well, 1 something was found, 2 the command could not run.\n")
}

// run parses the flags of the command and does its work.
func (c command) run(std stdio, args []string) int {
	// Package flag would print its own usage for each error.
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	act := c.setup(fs)
	rest, err := parseFlags(fs, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		c.usage(std.out, fs)
		return exitOK
	case err != nil:
		return c.fail(std, flagError(fs, err))
	}
	// A full disk or a closed pipe must not look like success.
	out := &checkedWriter{to: coloured(std.out)}
	std.out = out
	exit, err := act(std, rest)
	if err == nil && out.err != nil {
		err = out.err // of a command that has not looked
	}
	if err != nil {
		return c.fail(std, err)
	}
	return exit
}

// A checkedWriter remembers that something could not be written.
type checkedWriter struct {
	to  io.Writer
	err error
}

func (w *checkedWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// parseFlags parses flags that stand before, between or after arguments, and returns the arguments.
// What follows "--" is an argument.
func parseFlags(fs *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		// Parse stops at the first argument: it is taken, and what follows is parsed again.
		read := len(args) - fs.NArg()
		if fs.NArg() == 0 || read > 0 && args[read-1] == "--" {
			return append(rest, fs.Args()...), nil
		}
		rest, args = append(rest, fs.Arg(0)), fs.Args()[1:]
	}
}

// fail prints an error, and how to get help where that helps.
func (c command) fail(std stdio, err error) int {
	fmt.Fprintf(std.err, "outguard %s: %v\n", c.name, err)
	if !errors.As(err, new(*inputError)) && !errors.As(err, new(*fs.PathError)) { // nor does it help a full disk
		fmt.Fprintf(std.err, "outguard %s -h shows how it is used\n", c.name)
	}
	return exitUsage
}

// usage prints the help of one command.
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
