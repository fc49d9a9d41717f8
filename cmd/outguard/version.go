package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/outguard/outguard/internal/awsops"
)

// versionCommand prints what a bug report needs: which command, which Go, and how old the tables of
// AWS are.
var versionCommand = command{
	name:    "version",
	summary: "print the version of this command, of Go and of the tables of AWS",
	help:    "Prints the version of the module that the command was built from, the commit when that is known, Go's version, and the day of the tables of AWS's operations.",
	examples: `
  outguard version
  outguard version -json`,
	setup: func(fs *flag.FlagSet) action {
		asJSON := fs.Bool("json", false, `print {"version","go","tables"} in one line of JSON`)
		// It takes no arguments: a file name here would be a slip for another command.
		return func(std stdio, args []string) (int, error) {
			if len(args) > 0 {
				return 0, fmt.Errorf("takes no arguments, got %q", args)
			}
			if *asJSON {
				// The commit is left out: programs compare the version alone.
				return exitOK, json.NewEncoder(std.out).Encode(map[string]string{"version": moduleVersion(), "go": runtime.Version(), "tables": awsops.Date})
			}
			fmt.Fprintln(std.out, version())
			return exitOK, nil
		}
	},
}

// version reads what the linker recorded: "outguard v1.2.3 go1.26.8 linux/amd64, tables of AWS of
// 2026-09-26"; "(devel)" outside a release.
func version() string {
	module, commit := moduleVersion(), ""
	if info, ok := debug.ReadBuildInfo(); ok {
		// A version names its commit already, and "(devel)" does not.
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && module == "(devel)" {
				// Twelve digits are as many as Go's pseudo-versions have.
				commit = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return fmt.Sprintf("outguard %s%s %s %s/%s, tables of AWS of %s", module, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, awsops.Date)
}

// moduleVersion returns the version of the module; "(devel)" outside a release.
func moduleVersion() string {
	// Builds of single files and by other tools may record no version.
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
