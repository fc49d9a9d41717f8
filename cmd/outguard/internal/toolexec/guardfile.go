package toolexec

import (
	"os"
	"path/filepath"
	"slices"
)

// GuardFile is added to main packages by an overlay, so that a program links the guard without a
// change to its code.
// The name sorts last and is unlikely to exist.
const (
	GuardFile     = "zz_outguard_build.go"
	GuardFileText = `// Added to the build by "outguard go build".

package main

import _ "github.com/outguard/outguard/guard"
`
)

// giveCover gives the coverage tool GuardFile as a real file beside its results: it does not know
// overlays.
func giveCover(args []string) error {
	// With -cover, the go command runs the tool cover before the compiler, with all files as
	// arguments.
	i := slices.IndexFunc(args, func(a string) bool { return filepath.Base(a) == GuardFile })
	results := flagValue(args, "-outfilelist")
	if i < 0 || results == "" {
		return nil
	}
	// The file need not have coverage, but its path must exist.
	args[i] = filepath.Join(filepath.Dir(results), GuardFile)
	return os.WriteFile(args[i], []byte(GuardFileText), 0o666)
}
