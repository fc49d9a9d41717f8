package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
)

// early reports HTTP requests that are made before the guard is loaded: in init functions, in the
// values of package variables, and in main before its first call of the guard.
func (c *checker) early() {
	for _, f := range c.pass.Files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				// Package variables are set before any init runs.
				if d.Tok == token.VAR {
					c.tooEarly(d, token.NoPos, "a package variable is set")
				}
			case *ast.FuncDecl:
				switch {
				// Methods and functions without a body are judged by their calls.
				case d.Recv != nil || d.Body == nil:
				case d.Name.Name == "init":
					c.tooEarly(d.Body, token.NoPos, "init runs")
				// In main, everything after the guard is loaded is fine.
				case d.Name.Name == "main" && c.pass.Pkg.Name() == "main":
					if end := c.guarded(d.Body); end.IsValid() {
						c.tooEarly(d.Body, end, "main has run so far")
					}
				}
			}
		}
	}
}

// guarded returns where main first loads the guard, or starts the runtime.
func (c *checker) guarded(body ast.Node) (first token.Pos) {
	ast.Inspect(body, func(n ast.Node) bool {
		// A function literal runs later, or is followed where it is called.
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || first.IsValid() {
			return true
		}
		// The handlers run after Start, so that Start ends the search.
		starts := isFunc(c.callee(call), lambdaPath, "Start", "StartWithOptions", "StartHandler", "StartHandlerFunc", "StartWithContext", "StartHandlerWithContext")
		// A helper of the package may load the guard.
		if starts || c.loads(call) || c.leadsTo(call, c.loads, map[ast.Node]bool{}) != nil {
			first = call.Pos()
		}
		return true
	})
	return first
}

// tooEarly reports the requests made in n before end.
func (c *checker) tooEarly(n ast.Node, end token.Pos, when string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok {
			// func() { … }() runs at once.
			call, called := c.parent[lit].(*ast.CallExpr)
			return called && call.Fun == lit
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || end.IsValid() && call.Pos() >= end {
			return true
		}
		if c.requests(call) {
			// The call itself, or a function of this package by which it is made.
			c.out.report(finding{kind: kindEarly, at: call, text: text(call.Fun) + " calls out before the guard is loaded, because " + when + " first: call it after guard.Load in main"})
		} else if by := c.leadsTo(call, c.requests, map[ast.Node]bool{}); by != nil {
			at := c.pass.Fset.Position(by.Pos())
			c.out.report(finding{kind: kindEarly, at: call, text: fmt.Sprintf("%s calls out by %s (%s:%d) before the guard is loaded, because %s first: call it after guard.Load in main",
				text(call.Fun), text(by.Fun), filepath.Base(at.Filename), at.Line, when)})
		}
		return true
	})
}

// requests reports whether a call sends an HTTP request by net/http's functions or by a client that
// is not guarded by itself.
func (c *checker) requests(call *ast.CallExpr) bool {
	f := c.callee(call)
	if isFunc(f, "net/http", "Get", "Head", "Post", "PostForm") {
		return true
	}
	return isFunc(f, "net/http", "Client.Do", "Client.Get", "Client.Head", "Client.Post", "Client.PostForm") && !c.guardedReceiver(call)
}

// leadsTo returns a call that wanted is true for and that a function of this package makes when it
// is called.
func (c *checker) leadsTo(call *ast.CallExpr, wanted func(*ast.CallExpr) bool, seen map[ast.Node]bool) (found *ast.CallExpr) {
	f := c.callee(call)
	// A function is followed once, so that recursion ends.
	if f == nil || c.decls[f] == nil || seen[c.decls[f]] {
		return nil
	}
	seen[c.decls[f]] = true
	ast.Inspect(c.decls[f], func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok || found != nil {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok {
			if wanted(call) {
				found = call
			} else {
				found = c.leadsTo(call, wanted, seen)
			}
		}
		return found == nil
	})
	return found
}
