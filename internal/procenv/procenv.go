// Package procenv reads the environment that the process was started with.
//
// The kernel keeps that block; os.Setenv does not change it, not even in an init function or from
// C. What decides about calls is read from it, so that code in the process cannot change the
// decision by setting a variable.
package procenv

import (
	"bytes"
	"errors"
	"os"
	"strings"
)

// path is where Linux shows the block of the process.
const path = "/proc/self/environ"

// An Env is an environment. It never changes.
type Env struct {
	block string // "NAME=value" and a zero byte, again and again
	// Err says why the block could not be read; the values are then those of os.Environ at the
	// time of Read.
	Err error
}

// Read reads the block. Where it cannot be read, the result has the variables of os.Environ, and
// Err is set.
// See decision 28.
func Read() *Env {
	block, err := read()
	if err == nil && len(block) == 0 && len(os.Environ()) > 0 {
		err = errors.New(path + " is empty")
	}
	if err != nil {
		return &Env{block: strings.Join(os.Environ(), "\x00"), Err: err}
	}
	return &Env{block: string(block)}
}

// read reads the block. The kernel does not say how long it is. The first buffer holds most, so
// that this takes the same few allocations in every environment.
func read() ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	block := bytes.NewBuffer(make([]byte, 0, 8<<10))
	_, err = block.ReadFrom(f)
	return block.Bytes(), err
}

// Getenv returns the value of a variable, "" when it is not set. Of equal names the first counts,
// as in os.Getenv. It searches the block: few variables are read, and only once. A nil Env has no
// variables.
func (e *Env) Getenv(name string) string {
	// A name is not empty, and has "=" at most in front.
	if e == nil || name == "" || strings.Contains(name[1:], "=") {
		return ""
	}
	for entry := range strings.SplitSeq(e.block, "\x00") {
		if value, ok := strings.CutPrefix(entry, name); ok && strings.HasPrefix(value, "=") {
			return value[1:]
		}
	}
	return ""
}
