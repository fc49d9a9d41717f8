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

// Read reads the block. Where it cannot be read, the result has the variables of os.Environ, and
// Err is set.
// See decision 28.
func Read() *Env {
	block, err := os.ReadFile(path)
	if err == nil && len(block) == 0 && len(os.Environ()) > 0 {
		err = errors.New(path + " is empty")
	}
	if err != nil {
		return &Env{values: parse(os.Environ()), Err: err}
	}
	var entries []string
	for entry := range bytes.SplitSeq(bytes.TrimSuffix(block, []byte{0}), []byte{0}) {
		entries = append(entries, string(entry))
	}
	return &Env{values: parse(entries)}
}

// parse turns entries "NAME=value" into a map. Of equal names the first counts, as in os.Getenv.
func parse(entries []string) map[string]string {
	values := make(map[string]string, len(entries))
	for _, entry := range entries {
		for i := 1; i < len(entry); i++ { // a name is not empty, but may begin with "="
			if entry[i] == '=' {
				if _, ok := values[entry[:i]]; !ok {
					values[entry[:i]] = entry[i+1:]
				}
				break
			}
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
