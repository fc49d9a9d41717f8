package policy

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Bundle returns the text of the file without the sections of other functions: what a build puts beside one function's
// binary, so that a file of hundreds of functions costs a cold start no more than one of a single function.
//
// Lines that are left out stay as empty lines, so that the places in alerts are those of the file that was reviewed. The
// error is of type [Errors]: no section matches the function, or sections share a line.
func (f *File) Bundle(function string) ([]byte, error) {
	r := &reporter{file: f.tree.name}
	if len(f.tree.functions) == 0 {
		return bytes.Clone(f.data), nil
	}
	if len(f.tree.matching(function)) == 1 {
		c := &compiler{reporter: r, file: f, env: Env{Function: function}}
		c.noSection()
		return nil, errorOf(r)
	}
	lines := bytes.SplitAfter(f.data, []byte("\n"))
	for i := range f.tree.functions {
		start := f.tree.functions[i].name.line
		end := endOfFunctions(lines, start)
		if i+1 < len(f.tree.functions) {
			end = f.tree.functions[i+1].name.line
		}
		if start == f.tree.functionsAt.line || start == end {
			r.fail(f.tree.functions[i].name.place, "sections share a line", "write each function's section on lines of its own")
			return nil, errorOf(r)
		}
		if !matchesName(f.tree.functions[i].name.value, function) {
			blank(lines[leading(lines, start)-1 : leading(lines, end)-1])
		}
	}
	out := bytes.Join(lines, nil)
	if g, err := ParseFile(f.tree.name, out); err != nil || !reflect.DeepEqual(meaning(f.tree, function), meaning(g.tree, function)) {
		r.fail(f.tree.functionsAt, fmt.Sprintf("the sections of other functions than %q cannot be cut out line by line", short(function)),
			"indent every line of a section, those of texts in quotes as well")
		return nil, errorOf(r)
	}
	return out, nil
}

// meaning is what of the file counts for one function. A bundle must have the same: text at the left margin of what is left
// out, in quotes there, would be keys of the file itself.
func meaning(f *tree, function string) (m tree) {
	m.owner, m.stage, m.accounts, m.stageAt, m.targets = f.owner, f.stage, f.accounts, f.stageAt, f.targets
	for _, s := range f.matching(function) {
		section := *s
		section.warnings = nil // some are about other functions
		section.white, section.black = unnumbered(section.white), unnumbered(section.black)
		m.functions = append(m.functions, section)
	}
	return m
}

// unnumbered returns the drafts without their numbers, which count the rules of other functions too.
func unnumbered(drafts []draft) []draft {
	drafts = slices.Clone(drafts)
	for i := range drafts {
		drafts[i].number = 0
	}
	return drafts
}

// endOfFunctions returns the line, from 1, of the next key at the left margin after a section's start, or the one after the last.
func endOfFunctions(lines [][]byte, start int) int {
	for n := start + 1; n <= len(lines); n++ {
		if line := lines[n-1]; len(line) > 0 && !strings.ContainsRune(" \t#\r\n", rune(line[0])) {
			return n
		}
	}
	return len(lines) + 1
}

// leading returns the first of the comment and empty lines right above a line: a comment belongs to what follows it.
func leading(lines [][]byte, n int) int {
	for ; n > 1 && n <= len(lines); n-- {
		if line := bytes.TrimSpace(lines[n-2]); len(line) > 0 && line[0] != '#' {
			break
		}
	}
	return n
}

func blank(lines [][]byte) {
	for i := range lines {
		if bytes.HasSuffix(lines[i], []byte("\n")) {
			lines[i] = []byte("\n")
		} else {
			lines[i] = nil
		}
	}
}
