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
	binary, dir string
	limit       time.Duration
}

func build(tmp, pkg string) *suite {
	s := &suite{filepath.Join(tmp, strings.ReplaceAll(pkg, "/", "_")+".test"), filepath.Join(root, pkg), 5 * time.Minute}
	command("go", "test", "-c", "-vet=off", "-overlay", filepath.Join(tmp, "overlay.json"), "-o", s.binary, "./"+pkg)
	if _, err := os.Stat(s.binary); err != nil {
		return s // it has no tests
	}
	began := time.Now()
	s.mustPass()
	s.limit = 5*time.Since(began) + 5*time.Second
	return s
}

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
	cmd := exec.CommandContext(ctx, "sh", "-c", `ulimit -v 8000000; exec "$0" -test.failfast -test.skip='`+timed+`'`, s.binary)
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), fmt.Sprintf("%s=%d", variable, id))
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}
