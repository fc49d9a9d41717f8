package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A finding is one place where a call can go out unguarded.
type finding struct {
	kind   kind
	at     ast.Node
	text   string // what is wrong: the fix
	recipe string // heading in docs/recipes.md
	fix    *analysis.SuggestedFix
}

// A reporter reports findings in the order of the source, leaves out those in tests and those that
// a comment accepts, and reports comments that cannot accept anything.
type reporter struct {
	pass     *analysis.Pass
	skip     []string
	accepted map[string]map[int]bool // by file and line
	seen     map[string]bool
	all      []analysis.Diagnostic
}

// A directive, without a blank, so that gofmt leaves it alone.
const marker = "//outguard:ok"

// newReporter reads -skip and the comments. Its error is about -skip.
func newReporter(pass *analysis.Pass, skip string) (*reporter, error) {
	r := &reporter{pass: pass, accepted: map[string]map[int]bool{}, seen: map[string]bool{}}
	for name := range strings.SplitSeq(skip, ",") {
		name = strings.TrimSpace(name)
		// A typing error in a kind would skip nothing, and nobody would notice.
		if name != "" && !slices.Contains(kindNames(), name) {
			return nil, fmt.Errorf("-skip: unknown kind %q; the kinds are %s", name, strings.Join(kindNames(), ", "))
		}
		r.skip = append(r.skip, name)
	}
	// A comment behind code accepts its own line.
	for _, f := range pass.Files {
		code := codeLines(pass, f)
		for _, group := range f.Comments {
			for _, c := range group.List {
				if rest, ok := strings.CutPrefix(c.Text, marker); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
					r.comment(c, rest, code)
				}
			}
		}
	}
	return r, nil
}

// comment notes the lines that a comment accepts: its own, or the next one if it stands alone.
func (r *reporter) comment(c *ast.Comment, reason string, code map[int]bool) {
	// A second comment in the line, such as // want, is not a reason.
	reason, _, _ = strings.Cut(reason, "//")
	if strings.TrimSpace(reason) == "" {
		r.report(finding{kind: kindComment, at: c, text: marker + " accepts nothing without a reason: write the reason after it"})
		return
	}
	at := r.pass.Fset.Position(c.Pos())
	if r.accepted[at.Filename] == nil {
		r.accepted[at.Filename] = map[int]bool{}
	}
	// Alone on its line, a comment is about the next.
	if !code[at.Line] {
		at.Line++
	}
	r.accepted[at.Filename][at.Line] = true
}

// codeLines are the lines of a file on which something other than a comment begins or ends.
func codeLines(pass *analysis.Pass, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		// Comments do not make a line one of code.
		switch n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup:
			return false
		case *ast.File:
			return true
		}
		lines[pass.Fset.Position(n.Pos()).Line] = true
		lines[pass.Fset.Position(n.End()).Line] = true
		return true
	})
	return lines
}

// reportable is false for tests and for files that the go command made.
// Cgo's files are made from files that are reported as they are.
func (r *reporter) reportable(n ast.Node) bool {
	name := r.pass.Fset.Position(n.Pos()).Filename
	return !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(filepath.Base(name), "_cgo_") && !strings.Contains(name, "go-build")
}

// report keeps a finding. A line has at most one finding of a kind.
func (r *reporter) report(f finding) {
	at := r.pass.Fset.Position(f.at.Pos())
	// Two rows may match one call.
	key := fmt.Sprint(at.Filename, ":", at.Line, f.kind)
	if r.seen[key] || !r.reportable(f.at) || slices.Contains(r.skip, string(f.kind)) {
		return
	}
	r.seen[key] = true
	d := analysis.Diagnostic{Pos: f.at.Pos(), End: f.at.End(), Category: string(f.kind), URL: site + "vet.md#" + string(f.kind), Message: f.text}
	// A tested recipe says more than the page of the kind.
	if f.recipe != "" {
		d.URL = site + "recipes.md#" + anchor(f.recipe)
	}
	if f.fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{*f.fix}
	}
	r.all = append(r.all, d)
}

// flush reports what no comment accepts. A comment may be at the first line or at the last.
func (r *reporter) flush() {
	// Steps find things in an order of their own. Readers expect that of the source.
	slices.SortStableFunc(r.all, func(a, b analysis.Diagnostic) int { return int(a.Pos - b.Pos) })
	for _, d := range r.all {
		if at := r.pass.Fset.Position(d.Pos); d.Category == string(kindComment) || !r.isAccepted(at) && !r.isAccepted(r.pass.Fset.Position(lineEnd(r.pass, d))) {
			r.pass.Report(d)
		}
	}
}

// lineEnd is the end of what was found: a comment behind a call of several lines counts too.
func lineEnd(_ *analysis.Pass, d analysis.Diagnostic) token.Pos { return max(d.Pos, d.End) }

// isAccepted reports whether a comment accepts the line.
func (r *reporter) isAccepted(at token.Position) bool { return r.accepted[at.Filename][at.Line] }
