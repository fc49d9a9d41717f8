package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A suite is the compiled tests of one package.
type suite struct {
	// dir is where the tests run, since they read files beside them.
	binary, dir string
	// limit is how long they may take with a mutant on.
	limit time.Duration
}

// build compiles the tests of a package with all mutants in them, and runs them once without any.
func build(tmp, pkg string) *suite {
	s := &suite{filepath.Join(tmp, strings.ReplaceAll(pkg, "/", "_")+".test"), filepath.Join(root, pkg), 5 * time.Minute}
	command("go", "test", "-c", "-vet=off", "-overlay", filepath.Join(tmp, "overlay.json"), "-o", s.binary, "./"+pkg)
	if _, err := os.Stat(s.binary); err != nil {
		return s // it has no tests
	}
	began := time.Now()
	s.mustPass()
	// Five times as long is enough for a mutant that makes the code slow. One that never ends is
	// killed.
	s.limit = 5*time.Since(began) + 5*time.Second
	return s
}

// mustPass ends the program if the tests fail with no mutant on: every mutant would then seem
// killed.
func (s *suite) mustPass() {
	if out, ok := s.pass(0); !ok {
		log.Fatalf("mutate: the tests in %s fail without a mutant:\n%s", s.dir, out)
	}
}

// pass runs the tests with one mutant on, except those that measure time: the switches in the code
// make it slower. A mutant that never ends may also never stop allocating, so memory is limited
// too.
func (s *suite) pass(id int) (string, bool) {
	if _, err := os.Stat(s.binary); err != nil {
		return "", true
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	defer cancel()
	// 8 GB, in the kilobytes of ulimit, are more than any test takes.
	cmd := exec.CommandContext(ctx, "sh", "-c", `ulimit -v 8000000; exec "$0" -test.failfast -test.skip='`+timed+`'`, s.binary)
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), fmt.Sprintf("%s=%d", variable, id), "WHOLE=1") // all of the long tests
	// A child of a test may keep the output open.
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}
