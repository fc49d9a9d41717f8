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
	"sync/atomic"
)

// path is where Linux shows the block of the process.
const path = "/proc/self/environ"

// An Env is an environment. It never changes.
type Env struct {
	values map[string]string
	// Err says why the block could not be read; the values are then those of os.Environ at the
	// time of Read.
	Err error
}

// once is the block, once it has been read. A start reads it in several places, and it never
// changes.
var once atomic.Pointer[Env]

// Read reads the block. Where it cannot be read, the result has the variables of os.Environ, and
// Err is set.
// See decision 28.
func Read() *Env {
	if e := once.Load(); e != nil {
		return e
	}
	block, err := read()
	if err == nil && len(block) == 0 && len(os.Environ()) > 0 {
		err = errors.New(path + " is empty")
	}
	if err != nil {
		return &Env{valuesOf(strings.Join(os.Environ(), "\x00")), err}
	}
	e := &Env{values: valuesOf(string(block))}
	once.Store(e)
	return e
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

// valuesOf returns the values of a block: "NAME=value" and a zero byte, again and again. Of equal
// names the first counts, as in os.Getenv.
func valuesOf(block string) map[string]string {
	values := make(map[string]string, strings.Count(block, "\x00")+1)
	for block != "" {
		var entry string
		entry, block, _ = strings.Cut(block, "\x00")
		// A name is not empty, and has "=" at most in front.
		i := strings.IndexByte(entry[min(1, len(entry)):], '=') + 1
		if i == 0 {
			continue
		}
		if _, ok := values[entry[:i]]; !ok {
			values[entry[:i]] = entry[i+1:]
		}
	}
	return values
}

// Getenv returns the value of a variable, "" when it is not set. A nil Env has no variables.
func (e *Env) Getenv(name string) string {
	if e == nil {
		return ""
	}
	return e.values[name]
}
