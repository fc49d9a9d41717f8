package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/outguard/outguard/cmd/outguard/internal/policytest"
)

// This file writes the cases of learn -tests.

// A casesFile is a policytest file that cases are added to.
type casesFile struct {
	name string
	text []byte // nil: it does not exist yet
}

// readCases reads the file of -tests. Cases in it are the author's, and stay.
func readCases(name string) (*casesFile, error) {
	// What is neither a file nor a folder, such as /dev/stdout, is written to.
	if info, err := os.Stat(name); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return &casesFile{name: name}, nil
	}
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return &casesFile{name: name}, nil
	case err != nil:
		return nil, fileError(name, err)
	case looksLikePolicy.Match(text):
		return nil, fmt.Errorf("%s is a policy; name a *.policytest file", name)
	}
	return &casesFile{name, text}, nil
}

// add writes the file with the cases of those calls that it does not have, behind all that it has.
func (f *casesFile) add(cases []byte) error {
	if f.text == nil {
		return writeFile(f.name, cases)
	}
	// Cases are compared by what they say, and not by their text: the author may have aligned them.
	all, _ := policytest.Read(bytes.NewReader(f.text)) // outguard test reports broken lines
	had := map[string]bool{}
	for i := range all {
		had[subjectOf(&all[i])] = true
	}
	text := slices.Clone(f.text)
	// Only what is new is added, so that a second run over the same log changes nothing.
	for line := range strings.Lines(string(cases)) {
		one, err := policytest.Read(strings.NewReader(line))
		// A line without a case is the comment above them.
		if err != nil || len(one) > 0 && had[subjectOf(&one[0])] || len(one) == 0 && bytes.Contains(f.text, []byte(strings.TrimSpace(line))) {
			continue
		}
		// Without this, the first new case would continue the last line.
		if len(text) > 0 && text[len(text)-1] != '\n' {
			text = append(text, '\n')
		}
		text = append(text, line...)
	}
	// A file that stays as it is keeps its time, too.
	if bytes.Equal(text, f.text) {
		return nil
	}
	info, err := os.Stat(f.name)
	if err != nil {
		return err
	}
	// The file is edited, and not a link to it.
	name, err := filepath.EvalSymlinks(f.name)
	if err != nil {
		return err
	}
	return writeFileMode(name, text, info.Mode().Perm())
}

// subjectOf returns the place and the call of a case, whatever it expects of them.
func subjectOf(c *policytest.Case) string {
	// The verdict is left out: the author may have decided otherwise than the log.
	return strings.Join(append([]string{c.Function, c.Stage}, c.Call...), " ")
}
