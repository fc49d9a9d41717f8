package main

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

var versionCommand = command{
	name:    "version",
	summary: "print the version of this command and of Go",
	help:    "Prints the version of the module that the command was built from, the commit when that is known, and Go's version.",
	setup: func(*flag.FlagSet) action {
		return func(std stdio, args []string) (int, error) {
			if len(args) > 0 {
				return 0, fmt.Errorf("takes no arguments, got %q", args)
			}
			fmt.Fprintln(std.out, version())
			return exitOK, nil
		}
	},
}

// version reads what the linker recorded: "outguard v1.2.3 go1.26.8 linux/amd64"; "(devel)" outside a release.
func version() string {
	module, commit := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			module = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && module == "(devel)" {
				commit = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return fmt.Sprintf("outguard %s%s %s %s/%s", module, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
