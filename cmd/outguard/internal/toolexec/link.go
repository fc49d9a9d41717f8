package toolexec

import "errors"

// linkArgs returns the linker's arguments for a guarded program, and refuses to link one without
// Outguard: it would run unguarded. A test binary may do without, because only the tests of
// packages that import Outguard have a guard.
func linkArgs(args []string) ([]string, error) {
	args, err := expandResponse(args)
	if err != nil {
		return nil, err
	}
	list := flagValue(args, "-importcfg")
	// Without a list of packages, the linker only prints something, such as its version.
	if list == "" {
		return args, nil
	}
	files, err := packageFiles(list)
	if err != nil {
		return nil, err
	}
	// The guard imports the hooks, so that a guarded program has this archive.
	if files[hooksPackage] != "" {
		first, err := firstFlag(files)
		if err != nil {
			return nil, err
		}
		// -X sets a string variable of package runtime.
		return append([]string{first}, args...), nil
	}
	switch flagValue(args, "-buildmode") {
	case "shared", "plugin": // a program loads it
		return args, nil
	}
	// Only test binaries link it.
	if files["testing/internal/testdeps"] != "" {
		return args, nil
	}
	return nil, errors.New("this program does not link github.com/outguard/outguard/guard, so nothing would judge its calls; " +
		"build it by its package (not by package@version) in a module that requires Outguard")
}
