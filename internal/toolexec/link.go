package toolexec

import (
	"bufio"
	"errors"
	"os"
	"strings"
)

// checkLink refuses to link a program without Outguard: it would run unguarded. A test binary may
// do without, because only the tests of packages that import Outguard have a guard.
func checkLink(args []string) error {
	args, err := expandResponse(args)
	if err != nil {
		return err
	}
	list := flagValue(args, "-importcfg")
	if list == "" {
		return nil // -V=full
	}
	f, err := os.Open(list)
	if err != nil {
		return err
	}
	defer f.Close()
	guarded, test, program := false, false, true
	for s := bufio.NewScanner(f); s.Scan(); {
		pkg, _, _ := strings.Cut(strings.TrimPrefix(s.Text(), "packagefile "), "=")
		switch pkg {
		case hooksPackage:
			guarded = true
		case "testing/internal/testdeps":
			test = true
		}
	}
	switch flagValue(args, "-buildmode") {
	case "shared", "plugin":
		program = false // it is loaded by a program
	}
	if guarded || test || !program {
		return nil
	}
	return errors.New("this program does not link github.com/outguard/outguard/guard, so nothing would judge its calls; " +
		"build it by its package (not by package@version) in a module that requires Outguard")
}
