package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/outguard/outguard/cmd/outguard/internal/toolexec"
)

// goHelp is printed for -h and without arguments, because the go command's own help says nothing of
// what is added.
const goHelp = `Usage: outguard go COMMAND [arguments]

outguard go is the go command. What its build, install, run and test build has every outbound call judged in full: AWS operations, HTTP
requests of every transport, dials, and system calls that connect or send. Other commands run as they are.

A function needs no line of code for this: a policy.yaml beside the binary or in /opt/outguard, or $OUTGUARD_POLICY, is enough. Where code calls
guard.Load, the guard that it loads judges. A program that finds no policy refuses every call.

The module that is built must require Outguard. Nothing else changes: go.mod and go.sum stay as they are, nothing is downloaded for it, and
vendor folders and workspaces work. The first build compiles the standard library once more; go's build cache keeps the result.
A -toolexec of your own still runs. docs/coverage.md in the module says what is seen and what is not.

A worked example: a function is built, deployed beside its policy, and tested.

  go get -tool github.com/outguard/outguard/cmd/outguard
  GOARCH=arm64 $(go tool -n outguard) go build -tags lambda.norpc -o build/bootstrap ./cmd/fn
  cp policy.yaml build/
  OUTGUARD_POLICY=$PWD/policy.yaml AWS_LAMBDA_FUNCTION_NAME=checkout go tool outguard go test ./...

Exit codes are those of the go command; 2 if it cannot be run.
`

// runGo is the command "go": it takes any arguments, so it parses none as flags of its own.
func runGo(std stdio, args []string) int {
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		io.WriteString(std.out, goHelp)
		if len(args) == 0 {
			return exitUsage
		}
		return exitOK
	}
	exit, err := goCommand(std, args)
	if err != nil {
		fmt.Fprintf(std.err, "outguard go: %v\n", err)
		return exitUsage
	}
	return exit
}

// goCommand runs the go command and returns its exit code. An error means that it was not run.
func goCommand(std stdio, args []string) (exit int, err error) {
	// The go command in $PATH is the one that a build without Outguard uses.
	path, err := exec.LookPath("go")
	if err != nil {
		return 0, errors.New("there is no go command in $PATH; install Go from https://go.dev/dl")
	}
	g := goArgs{path: path, args: args}
	// Commands such as go env run as they are.
	if g.builds() {
		// The folder has the overlay. It must stay until the go command has ended.
		dir, err := os.MkdirTemp("", "outguard")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		if err := g.guard(dir); err != nil {
			return 0, err
		}
	}
	return runForeground(std, exec.Command(path, g.args...))
}

// guard changes the arguments so that what is built is guarded. dir is for files that live as long
// as the go command.
func (g *goArgs) guard(dir string) error {
	// The go command starts this very command for each tool, such as the compiler.
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// A -toolexec of the user's is run by this command in turn.
	chain, err := g.takeFlag("toolexec")
	if err != nil {
		return err
	}
	tool, err := toolexec.Flag(self, chain)
	if err != nil {
		return err
	}
	// The user's overlay is merged with the one that adds the guard.
	overlay, err := g.takeFlag("overlay")
	if err != nil {
		return err
	}
	// linkGuard may add a file to the arguments, so that flags are inserted after it.
	overlay, err = g.linkGuard(dir, overlay)
	if err != nil {
		return err
	}
	// These flags take the place of those that takeFlag has removed.
	g.insert("-toolexec="+tool, "-overlay="+overlay)
	return nil
}

// runForeground runs a command that has the terminal. Signals are the command's business: this
// process passes them on and waits for it.
func runForeground(std stdio, cmd *exec.Cmd) (exit int, err error) {
	// go run passes the terminal on to the program that it runs.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = std.in, std.out, std.err
	// Notify does not wait, so that the channel has room for a signal.
	signals := make(chan os.Signal, 1)
	// Without this, an interrupt would end this process before the go command.
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	done := make(chan struct{})
	defer close(done)
	// The goroutine ends with the go command.
	go func() {
		for {
			select {
			case s := <-signals:
				_ = cmd.Process.Signal(s) // it may have ended
			case <-done:
				return
			}
		}
	}()
	err = cmd.Wait()
	// The go command has said why it failed.
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return max(1, failed.ExitCode()), nil // -1: a signal ended it
	}
	return 0, err
}
