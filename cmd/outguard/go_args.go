package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// goArgs are the arguments of the go command.
type goArgs struct {
	path string   // of the go command
	args []string // its subcommand first
}

// builds reports whether the subcommand makes programs that run.
func (g *goArgs) builds() bool {
	return slices.Contains(goCommands, g.args[0])
}

// goCommands are the subcommands of go that make programs.
var goCommands = []string{"build", "install", "run", "test"}

// valueFlags are the flags of build, install, run and test that take a value, which may be the next
// argument.
var valueFlags = func() map[string]bool {
	names := `C asmflags bench benchtime blockprofile blockprofilerate buildmode compiler count covermode coverpkg coverprofile cpu cpuprofile
		debug-actiongraph debug-runtime-trace debug-trace exec fuzz fuzzminimizetime fuzztime gccgoflags gcflags installsuffix ldflags list
		memprofile memprofilerate mod modfile mutexprofile mutexprofilefraction o outputdir overlay p parallel pgo pkgdir run shuffle skip
		tags timeout toolexec trace vet`
	all := map[string]bool{}
	for _, name := range strings.Fields(names) {
		// go test also takes its flags with test. in front.
		all[name], all["test."+name] = true, true
	}
	return all
}()

// A goFlag is one flag of the go command, and where it stands.
type goFlag struct {
	name, value string
	at, words   int // index of its first word in the arguments, and number of words
}

// scan splits the arguments after the subcommand into the go command's own flags and what else
// there is: packages, or files. What is for the program that runs (after the package of run, after
// -args of test) belongs to neither.
func (g *goArgs) scan() (flags []goFlag, rest []int) {
	for i := 1; i < len(g.args); i++ {
		arg := g.args[i]
		switch {
		case arg == "--", arg == "-args", arg == "--args":
			// Behind --, all are packages; behind -args of go test, all belongs to the program.
			if arg == "--" && g.args[0] != "test" {
				for k := i + 1; k < len(g.args); k++ {
					rest = append(rest, k)
				}
			}
			return flags, rest
		// A flag has one or two dashes, and its value behind = or as the next argument.
		case len(arg) > 1 && arg[0] == '-':
			f := goFlag{at: i, words: 1}
			var hasValue bool
			f.name, f.value, hasValue = strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
			if !hasValue && valueFlags[f.name] && i+1 < len(g.args) {
				i++
				f.value, f.words = g.args[i], 2
			}
			flags = append(flags, f)
		default:
			rest = append(rest, i)
			// In go run, what follows the package is for the program.
			if g.args[0] != "run" {
				continue
			}
			// go run may name several files instead of a package.
			for strings.HasSuffix(arg, ".go") && i+1 < len(g.args) && strings.HasSuffix(g.args[i+1], ".go") {
				i++
				rest = append(rest, i)
			}
			return flags, rest // the program's arguments follow
		}
	}
	return flags, rest
}

// takeFlag removes a flag that may stand once, from the arguments or from $GOFLAGS, which counts
// less, and returns its value.
func (g *goArgs) takeFlag(name string) (string, error) {
	flags, _ := g.scan()
	var found []goFlag
	for _, f := range flags {
		if f.name == name {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		// $GOFLAGS has -name=value or --name=value, separated by blanks.
		for _, word := range strings.Fields(os.Getenv("GOFLAGS")) {
			if value, ok := strings.CutPrefix(strings.TrimPrefix(word, "-"), "-"+name+"="); ok {
				return value, nil // the flag on the command line replaces it
			}
			if value, ok := strings.CutPrefix(word, "-"+name+"="); ok {
				return value, nil
			}
		}
		return "", nil
	case 1:
		g.args = slices.Delete(slices.Clone(g.args), found[0].at, found[0].at+found[0].words)
		return found[0].value, nil
	}
	return "", fmt.Errorf("-%s is given %d times; give it once", name, len(found))
}

// insert puts flags in front of the others; only -C must come before them.
func (g *goArgs) insert(flags ...string) {
	at := 1
	// The go command wants -C first.
	if all, _ := g.scan(); len(all) > 0 && all[0].name == "C" && all[0].at == 1 {
		at += all[0].words
	}
	g.args = slices.Insert(slices.Clone(g.args), at, flags...)
}
