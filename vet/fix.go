package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/analysis"
)

// guardName returns how code at n names a guard: a variable of type *guard.Guard that is in scope,
// else the package.
func (c *checker) guardName(n ast.Node) string {
	if v := c.guardVar(n.Pos()); v != "" {
		return v
	}
	name, _ := c.guardImport(n.Pos())
	return name
}

// awsOption is the expression that guards AWS clients at n.
func (c *checker) awsOption(n ast.Node) string { return c.guardName(n) + ".AWS()" }

// guardVar returns a local variable of type *guard.Guard that is in scope at pos, or "". A package
// variable may not be set yet.
func (c *checker) guardVar(pos token.Pos) string {
	// From the innermost scope outwards, up to the package's.
	scope := c.pass.Pkg.Scope().Innermost(pos)
	for s := scope; s != nil && s.Parent() != nil && s != c.pass.Pkg.Scope(); s = s.Parent() {
		for _, name := range s.Names() {
			o := s.Lookup(name)
			v, ok := o.(*types.Var)
			if !ok || name == "_" || !isType(v.Type(), guardPath, "Guard") {
				continue
			}
			// A variable of the same name in an inner scope would hide it.
			if _, found := scope.LookupParent(name, pos); found == o {
				return name
			}
		}
	}
	return ""
}

// guardImport returns the name of package guard at pos and the edit that imports it, if it is not
// imported. The name is "guard" and the edit nil if that name means something else there.
func (c *checker) guardImport(pos token.Pos) (name string, edits []analysis.TextEdit) {
	f := c.file(pos)
	if f == nil {
		return "guard", nil
	}
	for _, spec := range f.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == guardPath {
			// An import without a name has the name of the package.
			if spec.Name == nil {
				return "guard", []analysis.TextEdit{}
			}
			return spec.Name.Name, []analysis.TextEdit{}
		}
	}
	// Another thing with the name guard: then no edit is offered.
	if scope := c.pass.Pkg.Scope().Innermost(pos); scope != nil {
		if _, o := scope.LookupParent("guard", token.NoPos); o != nil {
			return "guard", nil
		}
	}
	// The import is added to the first declaration of imports, in its form.
	quoted := strconv.Quote(guardPath)
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			if g.Rparen.IsValid() {
				return "guard", []analysis.TextEdit{{Pos: g.Rparen, End: g.Rparen, NewText: []byte("\n\t" + quoted + "\n")}}
			}
			return "guard", []analysis.TextEdit{{Pos: g.End(), End: g.End(), NewText: []byte("\nimport " + quoted + "\n")}}
		}
	}
	return "guard", []analysis.TextEdit{{Pos: f.Name.End(), End: f.Name.End(), NewText: []byte("\n\nimport " + quoted + "\n")}}
}

// withGuard returns edits that may name a guard at n, and that name. ok is false if no guard can be
// named there.
func (c *checker) withGuard(n ast.Node) (name string, edits []analysis.TextEdit, ok bool) {
	if v := c.guardVar(n.Pos()); v != "" {
		return v, nil, true
	}
	name, edits = c.guardImport(n.Pos())
	return name, edits, edits != nil
}

// insert returns an edit that adds text.
func insert(pos token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: pos, End: pos, NewText: []byte(text)}
}

// fixed returns a fix with a message.
func fixed(message string, edits []analysis.TextEdit) *analysis.SuggestedFix {
	return &analysis.SuggestedFix{Message: message, TextEdits: edits}
}

// wrapHandler wraps the handler of lambda.Start and its kin.
func (c *checker) wrapHandler(call *ast.CallExpr, name string, arg int) *analysis.SuggestedFix {
	guard, edits, ok := c.withGuard(call)
	if !ok {
		return nil
	}
	h := call.Args[arg]
	// Each of these functions needs another one to take a wrapped handler.
	switch name {
	case "StartHandlerWithContext":
		return nil // the arguments change their places
	case "StartHandler", "StartHandlerFunc":
		s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil // for example with type arguments
		}
		to := map[string]string{"StartHandler": "Start", "StartHandlerFunc": "StartWithOptions"}[name]
		edits = append(edits, analysis.TextEdit{Pos: s.Sel.Pos(), End: s.Sel.End(), NewText: []byte(to)})
	}
	return fixed("wrap the handler", append(edits, insert(h.Pos(), guard+".Wrap("), insert(h.End(), ")")))
}

// addConfigOption adds the option to LoadDefaultConfig.
func (c *checker) addConfigOption(call *ast.CallExpr) *analysis.SuggestedFix {
	s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	guard, edits, named := c.withGuard(call)
	// A spread argument, opts..., cannot be followed by another.
	if !ok || !named || call.Ellipsis.IsValid() || len(call.Args) == 0 {
		return nil
	}
	option := ", " + types.ExprString(s.X) + ".WithAPIOptions(" + guard + ".AWS())"
	return fixed("add the option that guards AWS clients", append(edits, insert(call.Args[len(call.Args)-1].End(), option)))
}

// addField adds APIOptions to a literal of aws.Config.
func (c *checker) addField(lit *ast.CompositeLit) *analysis.SuggestedFix {
	guard, edits, ok := c.withGuard(lit)
	if !ok || keyed(lit, "APIOptions") != nil {
		return nil
	}
	field := "APIOptions: " + guard + ".AWS()"
	if len(lit.Elts) == 0 {
		return fixed("add the option that guards AWS clients", append(edits, insert(lit.Rbrace, field)))
	}
	// A literal without keys has no place for one more field.
	if _, ok := lit.Elts[0].(*ast.KeyValueExpr); !ok {
		return nil
	}
	return fixed("add the option that guards AWS clients", append(edits, insert(lit.Elts[0].Pos(), field+", ")))
}

// wrapTransport wraps a transport that stands where an http.RoundTripper is wanted.
func (c *checker) wrapTransport(e ast.Expr) *analysis.SuggestedFix {
	// A transport needs a guard variable: package guard has no Transport.
	g := c.guardVar(e.Pos())
	// &http.Transport{…} is wrapped with its ampersand.
	if u, ok := c.parent[e].(*ast.UnaryExpr); ok {
		e = u
	}
	if g == "" || !c.wantsRoundTripper(e) {
		return nil
	}
	return fixed("guard the transport", []analysis.TextEdit{insert(e.Pos(), g+".Transport("), insert(e.End(), ")")})
}

// wantsRoundTripper reports whether the place accepts any RoundTripper, as the wrapped one is.
func (c *checker) wantsRoundTripper(e ast.Expr) bool {
	switch p := c.parent[e].(type) {
	case *ast.KeyValueExpr:
		return p.Value == e && isType(c.info.TypeOf(p.Key), "net/http", "RoundTripper")
	case *ast.AssignStmt:
		return p.Tok == token.ASSIGN && len(p.Lhs) == 1 && isType(c.info.TypeOf(p.Lhs[0]), "net/http", "RoundTripper")
	default:
		return false
	}
}
