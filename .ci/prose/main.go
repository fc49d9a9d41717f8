// Command prose checks comments, texts in quotes and documents: their line lengths, and wordings
// that readers stumble over.
//
//	go run -C .ci/prose .     check all packages and documents
//
// A line that holds only a comment has at most 100 characters. A tab counts as four. Directives,
// generated files and lines with a URL are exempt. Texts in quotes, such as errors, are checked for
// wordings, except in tests. So are documents, whose lines have at most 100 characters outside of
// tables and code. The exit status is 1 if something needs an edit.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// widest is the longest line, in characters, a tab as four.
const widest = 100

// stumbles are wordings that have a plainer form, which the message gives. Each is specific enough
// to have no false alarms.
var stumbles = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?i)\bnone's\b`), "name whose it is"},
	{regexp.MustCompile(`(?i)\b(un)?told\b`), "logged, reported, counted or known"},
	{regexp.MustCompile(`(?i)\bof which\b`), "start a new sentence"},
	{regexp.MustCompile(`(?i)\bwhat it cannot\b`), "name the thing"},
	{regexp.MustCompile(`(?i)\bsees to it\b`), "ensures, or the verb itself"},
	{regexp.MustCompile(`(?i)\bby its looks\b`), "say what is compared"},
	{regexp.MustCompile(`(?i)\bare none\b`), "are not"},
	{regexp.MustCompile(`(?i)\bis none of\b`), "is not"},
	{regexp.MustCompile(`(?i)\bhardly (the one|what)\b`), "probably not"},
	{regexp.MustCompile(`(?i)\bas well([.,;:)]|$)`), "also, in front of the verb, or too"},
	{regexp.MustCompile(`(?i)\bnot to be gone\b`), "do not, and a verb"},
}

// isNo matches sentences that deny by a noun. Some matches are plain English, such as those with
// "longer" behind them. checkFile leaves these out.
var isNo = regexp.MustCompile(`(?i)(\w+)\s+(?:is|are|was|were) no (\w+)`)

func main() {
	log.SetFlags(0)
	const root = "../.."
	// All problems are printed, so that one run is enough to mend them.
	var problems []string
	for _, dir := range folders(root) {
		problems = append(problems, checkFolder(root, dir)...)
	}
	problems = append(problems, checkDocuments(root)...)
	for _, problem := range problems {
		fmt.Println(problem)
	}
	if len(problems) > 0 {
		log.Fatalf("prose: %d lines to edit", len(problems))
	}
}

// folders returns the folders that hold Go files, relative to root, without this one, which names
// the wordings that it looks for.
func folders(root string) (found []string) {
	check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			if d.Name() == ".git" || d.Name() == "testdata" {
				return fs.SkipDir
			}
			if files, _ := filepath.Glob(filepath.Join(path, "*.go")); len(files) > 0 && d.Name() != "prose" {
				dir, err := filepath.Rel(root, path)
				check(err)
				found = append(found, dir)
			}
		}
		return err
	}))
	return found
}

// checkFolder checks the Go files of one folder, tests too.
func checkFolder(root, dir string) (problems []string) {
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	check(err)
	for _, file := range files {
		src, err := os.ReadFile(file)
		check(err)
		problems = append(problems, checkFile(filepath.Join(dir, filepath.Base(file)), string(src))...)
	}
	return problems
}

// checkFile returns one line for each comment line that needs an edit, as file:line: problem.
func checkFile(name, src string) (problems []string) {
	fset := token.NewFileSet()
	// Comments are read by the parser, because a // in a text is not one.
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	check(err)
	// What is generated is checked where its text comes from.
	if ast.IsGenerated(f) {
		return nil
	}
	// The lines themselves are measured, with what stands in front of a comment.
	source := strings.Split(src, "\n")
	for _, group := range f.Comments {
		for _, c := range group.List {
			// Directives have forms of their own.
			if strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//line ") {
				continue
			}
			from := fset.Position(c.Pos())
			for i, text := range strings.Split(c.Text, "\n") {
				report := func(format string, args ...any) {
					problems = append(problems, fmt.Sprintf("%s:%d: %s", name, from.Line+i, fmt.Sprintf(format, args...)))
				}
				line := source[from.Line+i-1]
				// A comment behind code may make its line longer.
				alone := i > 0 || strings.TrimSpace(line[:from.Column-1]) == ""
				if n := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")); alone && n > widest && !strings.Contains(line, "://") {
					report("a comment line of %d characters; the limit is %d", n, widest)
				}
				for _, problem := range wordings(text) {
					report("%s", problem)
				}
			}
		}
	}
	// Texts in tests may quote what is wrong on purpose.
	if strings.HasSuffix(name, "_test.go") {
		return problems
	}
	// Texts in quotes are what users read: errors, help and reports.
	ast.Inspect(f, func(n ast.Node) bool {
		// A text of several lines is checked line by line, to name the right one.
		if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
			for i, line := range strings.Split(text.Value, "\n") {
				for _, problem := range wordings(strings.Trim(line, "\"`")) {
					problems = append(problems, fmt.Sprintf("%s:%d: %s", name, fset.Position(n.Pos()).Line+i, problem))
				}
			}
		}
		return true
	})
	return problems
}

// wordings returns what is wrong with the words of a line.
func wordings(line string) (problems []string) {
	for _, s := range stumbles {
		if word := s.pattern.FindString(line); word != "" {
			problems = append(problems, fmt.Sprintf("%q: instead, %s", word, s.instead))
		}
	}
	// "There is no x" is plain English, and so is "no longer".
	for _, m := range isNo.FindAllStringSubmatch(line, -1) {
		if !strings.EqualFold(m[1], "there") && m[2] != "longer" && m[2] != "more" {
			problems = append(problems, fmt.Sprintf("%q: instead, is not", m[0]))
		}
	}
	return problems
}

// checkDocuments checks every document of the tree.
func checkDocuments(root string) (problems []string) {
	check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "dist") {
			return fs.SkipDir
		}
		// What the build of the page makes is in dist, and has been checked before.
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		src, err := os.ReadFile(path)
		// Names are those of the tree, for editors that jump to them.
		name, _ := filepath.Rel(root, path)
		problems = append(problems, checkDocument(name, string(src))...)
		return err
	}))
	return problems
}

// checkDocument returns one line for each line of a document that needs an edit.
func checkDocument(name, src string) (problems []string) {
	// Code in a document has lines of its own making, and is not prose.
	code := false
	for i, line := range strings.Split(src, "\n") {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			code = !code
			continue
		case code:
			continue
		}
		n := utf8.RuneCountInString(line)
		// Rows of tables and addresses cannot be wrapped.
		if n > widest && !strings.HasPrefix(line, "|") && !strings.Contains(line, "://") && !strings.HasPrefix(line, "<!--") {
			problems = append(problems, fmt.Sprintf("%s:%d: a line of %d characters; the limit is %d", name, i+1, n, widest))
		}
		for _, problem := range wordings(line) {
			problems = append(problems, fmt.Sprintf("%s:%d: %s", name, i+1, problem))
		}
	}
	return problems
}

// check ends the program for an error of reading: a file that was skipped would look right.
func check(err error) {
	if err != nil {
		log.Fatal("prose: ", err)
	}
}
