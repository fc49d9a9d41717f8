// Package toolexec inserts Outguard's calls into the packages of a build. The go command runs it,
// by its flag -toolexec, in place of each tool of the toolchain.
//
// [Run] does the work of one such run: when one of a few packages is handed to the compiler, it
// adds a file to it and inserts one call at the start of a few functions (see targets). The linker
// gets the names of the packages to initialize first. Everything else is handed on as it is. It
// needs the standard library only, downloads nothing, and writes only into the folder that the go
// command made for the package.
package toolexec

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Command is the argument of the outguard command that makes it a -toolexec tool.
const Command = "toolexec"

// Flag returns the value of the go command's flag -toolexec that runs self, the path of the
// outguard command. chain is what else would be run by -toolexec, in the form of that flag; "":
// nothing. It is run by self.
func Flag(self, chain string) (string, error) {
	// The number of words stands in front, so that Run knows where the chained command ends.
	next, err := splitQuoted(chain)
	if err != nil {
		return "", fmt.Errorf("-toolexec %s: %w", chain, err)
	}
	return joinQuoted(append([]string{self, Command, strconv.Itoa(len(next))}, next...))
}

// Run runs a tool of the toolchain. args are those after Command: the number of words of the
// chained command, these words, the tool and its arguments. It returns an exit code only if the
// tool was not run in place of this process.
func Run(args []string, stdout, stderr io.Writer) int {
	r, err := parse(args)
	// An error of this tool itself is printed as one line; a tool's own messages have been printed.
	if err == nil {
		err = r.run(stdout, stderr)
	}
	var exit *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.code
	}
	fmt.Fprintf(stderr, "outguard: %v\n", err)
	return 1
}

// A toolRun is one run of a tool.
type toolRun struct {
	chain []string // runs before the tool
	tool  string   // its path
	args  []string
}

// parse reads the words that Flag wrote.
func parse(args []string) (*toolRun, error) {
	if len(args) == 0 {
		return nil, errors.New("toolexec is for the go command's flag -toolexec; use: outguard go build")
	}
	n, err := strconv.Atoi(args[0])
	// At least the tool must follow the chained command.
	if err != nil || n < 0 || len(args) < n+2 {
		return nil, errors.New("toolexec is for the go command's flag -toolexec; use: outguard go build")
	}
	rest := args[n+1:]
	return &toolRun{chain: args[1 : n+1], tool: rest[0], args: rest[1:]}, nil
}

// run changes the arguments of compile, link and cover, and hands every other tool on.
func (r *toolRun) run(stdout, stderr io.Writer) error {
	// On Windows, tools end in .exe.
	name := strings.TrimSuffix(filepath.Base(r.tool), ".exe")
	switch {
	// The go command asks for the version before it uses the build cache.
	case (name == "compile" || name == "link") && len(r.args) == 1 && r.args[0] == "-V=full":
		return r.version(name, stdout, stderr)
	case name == "compile":
		args, err := patchedArgs(r.args)
		if err != nil {
			return err
		}
		r.args = args
	case name == "cover":
		if err := giveCover(r.args); err != nil {
			return err
		}
	case name == "link":
		args, err := linkArgs(r.args)
		if err != nil {
			return err
		}
		r.args = args
	}
	return replace(r.command())
}

// command returns the whole command line: the chained words, the tool and its arguments.
func (r *toolRun) command() []string {
	return append(append(append([]string{}, r.chain...), r.tool), r.args...)
}

// An exitError is the exit code of a tool that has reported its failure itself.
type exitError struct{ code int }

func (e *exitError) Error() string { return "exit code " + strconv.Itoa(e.code) }

// patchedArgs returns the arguments of a run of the compiler, with changed files in place of some.
func patchedArgs(args []string) ([]string, error) {
	args, err := expandResponse(args)
	if err != nil {
		return nil, err
	}
	// -p is the import path. Most packages are not in the table.
	t := targetOf(flagValue(args, "-p"))
	if t == nil {
		return args, nil
	}
	// The folder of the output is temporary, and the go command deletes it.
	out := flagValue(args, "-o")
	if out == "" {
		return nil, fmt.Errorf("%s: the compiler was run without -o", t.pkg)
	}
	return t.patch(args, filepath.Dir(out))
}

// flagValue returns the value of a flag of the compiler or the linker, or "".
func flagValue(args []string, name string) string {
	// The toolchain accepts -p net/http and -p=net/http.
	for i, a := range args {
		if a == name && i+1 < len(args) {
			return args[i+1]
		}
		if v, ok := strings.CutPrefix(a, name+"="); ok {
			return v
		}
	}
	return ""
}

// expandResponse replaces "@file", which the go command uses for long argument lists, by the
// arguments in the file: one a line, with \n for a new line and \\ for a backslash.
func expandResponse(args []string) ([]string, error) {
	// The go command puts all arguments into the file or none.
	if len(args) != 1 || !strings.HasPrefix(args[0], "@") {
		return args, nil
	}
	text, err := os.ReadFile(args[0][1:])
	if err != nil {
		return nil, err
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		all = append(all, strings.NewReplacer(`\\`, `\`, `\n`, "\n").Replace(line))
	}
	return all, nil
}
