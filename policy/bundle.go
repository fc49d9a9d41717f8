package policy

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/syntax"
)

// This file writes the part of a policy file that one function needs, line for line.

// Bundle returns the text of the file without the sections of other functions: what a build puts
// beside one function's binary, so that a file of hundreds of functions costs a cold start no
// more than one of a single function.
//
// Lines that are left out stay as empty lines, so that the places in alerts are those of the file
// that was reviewed. The error is of type [Errors]: no section matches the function, or sections
// share a line.
func (f *File) Bundle(function string) ([]byte, error) {
	// Without sections, everything is for every function.
	r := &report.Reporter{File: f.tree.Name}
	if len(f.tree.Functions) == 0 {
		return bytes.Clone(f.data), nil
	}
	// The same error that the function would have at its start.
	if len(f.tree.Matching(function)) == 1 {
		c := &compiler{Reporter: r, file: f, env: Env{Function: function}}
		c.noSection()
		return nil, errorOf(r)
	}
	// Lines keep their ends, so that the bytes of what stays do not change.
	lines := bytes.SplitAfter(f.data, []byte("\n"))
	// Each section of another function goes from its name to the name of the next one.
	for i := range f.tree.Functions {
		start := f.tree.Functions[i].Name.Line
		end := endOfFunctions(lines, start)
		if i+1 < len(f.tree.Functions) {
			end = f.tree.Functions[i+1].Name.Line
		}
		// "functions: {a: {}, b: {}}" cannot be cut by lines.
		if start == f.tree.FunctionsAt.Line || start == end {
			r.Fail(f.tree.Functions[i].Name.Place, "sections share a line", "write each function's section on lines of its own")
			return nil, errorOf(r)
		}
		// Comments right above a section belong to it.
		if !syntax.MatchesName(f.tree.Functions[i].Name.Value, function) {
			blank(lines[leading(lines, start)-1 : leading(lines, end)-1])
		}
	}
	out := bytes.Join(lines, nil)
	// The cut is checked: what counts for the function must be the same as before.
	if g, err := ParseFile(f.tree.Name, out); err != nil || !reflect.DeepEqual(meaning(f.tree, function), meaning(g.tree, function)) {
		r.Fail(f.tree.FunctionsAt, fmt.Sprintf("the sections of other functions than %q cannot be cut out line by line", report.Short(function)),
			"indent every line of a section, also those of texts in quotes")
		return nil, errorOf(r)
	}
	return out, nil
}

// meaning is what of the file counts for one function. A bundle must have the same: text at the
// left margin of what is left out, in quotes there, would be keys of the file itself.
func meaning(f *syntax.File, function string) (m syntax.File) {
	m.Stage, m.Accounts, m.StageAt, m.Next, m.Targets = f.Stage, f.Accounts, f.StageAt, f.Next, f.Targets
	for _, s := range f.Matching(function) {
		section := *s
		section.Warnings = nil // some are about other functions
		section.White, section.Black = unnumbered(section.White), unnumbered(section.Black)
		m.Functions = append(m.Functions, section)
	}
	return m
}

// unnumbered returns the drafts without their numbers, which count the rules of other functions
// too.
func unnumbered(drafts []syntax.Draft) []syntax.Draft {
	drafts = slices.Clone(drafts)
	for i := range drafts {
		drafts[i].Number = 0
	}
	return drafts
}

// endOfFunctions returns the line, from 1, of the next key at the left margin after a section's
// start, or the one after the last.
func endOfFunctions(lines [][]byte, start int) int {
	for n := start + 1; n <= len(lines); n++ {
		if line := lines[n-1]; len(line) > 0 && !strings.ContainsRune(" \t#\r\n", rune(line[0])) {
			return n
		}
	}
	return len(lines) + 1
}

// leading returns the first of the comment and empty lines right above a line: a comment belongs
// to what follows it.
func leading(lines [][]byte, n int) int {
	for ; n > 1 && n <= len(lines); n-- {
		if line := bytes.TrimSpace(lines[n-2]); len(line) > 0 && line[0] != '#' {
			break
		}
	}
	return n
}

// blank empties lines. Their line feeds stay, so that others keep their numbers.
func blank(lines [][]byte) {
	for i := range lines {
		if bytes.HasSuffix(lines[i], []byte("\n")) {
			lines[i] = []byte("\n")
		} else {
			lines[i] = nil
		}
	}
}
