package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// assignment reports what changes net/http's defaults for the whole process.
func (c *checker) assignment(a *ast.AssignStmt) {
	// := makes a new variable, and cannot assign to a package's.
	if a.Tok == token.DEFINE {
		return
	}
	for i, lhs := range a.Lhs {
		var rhs ast.Expr
		// a, b = f() has no value of its own for each side.
		if len(a.Lhs) == len(a.Rhs) {
			rhs = a.Rhs[i]
		}
		c.assigned(lhs, rhs)
		// client.Transport = …, as in a literal of http.Client.
		if s, ok := ast.Unparen(lhs).(*ast.SelectorExpr); ok && rhs != nil && s.Sel.Name == "Transport" && isType(c.info.TypeOf(s.X), "net/http", "Client") {
			c.foreignTransport(rhs)
		}
	}
}

// assigned reports an assignment to one of the defaults, or to a field of one.
func (c *checker) assigned(lhs, rhs ast.Expr) {
	switch base, field := c.defaults(lhs); {
	case base == "DefaultTransport" && field == "":
		c.out.report(finding{kind: kindDefault, at: lhs, text: "http.DefaultTransport is replaced, and the guard in place may be lost: " +
			"leave it, and use the new transport in an http.Client through g.Transport(…)"})
	// The guard wraps the default transport and keeps using it, so that these fields go past it.
	case base == "DefaultTransport" && matches("Proxy Dial*", field):
		c.out.report(finding{kind: kindDefault, at: lhs, text: "the guard in place uses http.DefaultTransport's " + field +
			": set it on a clone, and use that in an http.Client through g.Transport(…)"})
	// Without a transport, http.DefaultClient uses http.DefaultTransport, which is guarded.
	case base == "DefaultClient" && (field == "" || field == "Transport"):
		if rhs == nil || !c.harmless(rhs, field) {
			c.out.report(finding{kind: kindDefault, at: lhs, text: "http.DefaultClient gets a transport that is not guarded: give it one from g.Transport(…)"})
		}
	}
}

// defaults returns which of net/http's default variables lhs assigns to, and the field, if one.
func (c *checker) defaults(lhs ast.Expr) (base, field string) {
	e := ast.Unparen(lhs)
	// *http.DefaultClient = http.Client{}
	if star, ok := e.(*ast.StarExpr); ok {
		e = ast.Unparen(star.X)
	}
	if name := c.isDefault(e); name != "" {
		return name, ""
	}
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	return c.aliased(s.X), s.Sel.Name
}

// aliased follows a type assertion and a local variable that holds one of the defaults.
func (c *checker) aliased(e ast.Expr) string {
	e = ast.Unparen(e)
	if t, ok := e.(*ast.TypeAssertExpr); ok {
		return c.isDefault(ast.Unparen(t.X))
	}
	if name := c.isDefault(e); name != "" {
		return name
	}
	// t := http.DefaultTransport.(*http.Transport); t.Proxy = nil
	if id, ok := e.(*ast.Ident); ok {
		// A name that is defined by another name could lead in a circle.
		if def := c.definition(c.info.Uses[id]); def != nil && !isIdent(def) {
			return c.aliased(def)
		}
	}
	return ""
}

// isIdent reports whether an expression is a name alone.
func isIdent(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.Ident)
	return ok
}

// isDefault returns "DefaultTransport" or "DefaultClient" if the expression names it, else "".
func (c *checker) isDefault(e ast.Expr) string {
	v, ok := c.object(e).(*types.Var)
	if !ok || v.Pkg() == nil || v.Pkg().Path() != "net/http" || v.IsField() || !matches("DefaultTransport DefaultClient", v.Name()) {
		return ""
	}
	return v.Name()
}

// definition returns the expression that a local variable is defined by with := or var.
func (x *index) definition(o types.Object) ast.Expr {
	if o == nil {
		return nil
	}
	for n := range x.nodes() {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && x.info.Defs[id] == o {
					// a, b := f() has one value for both.
					return n.Rhs[min(i, len(n.Rhs)-1)]
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if x.info.Defs[id] == o && len(n.Values) > 0 {
					return n.Values[min(i, len(n.Values)-1)]
				}
			}
		}
	}
	return nil
}

// harmless reports whether what http.DefaultClient gets is guarded: a guarded value, nil as
// transport, or a client without a transport, which uses http.DefaultTransport.
func (c *checker) harmless(rhs ast.Expr, field string) bool {
	if c.call.exprs[rhs] || c.info.Types[rhs].IsNil() || c.isDefault(rhs) != "" {
		return true
	}
	e := ast.Unparen(rhs)
	// &http.Client{…}
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = ast.Unparen(u.X)
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok || field != "" || !isType(c.info.TypeOf(lit), "net/http", "Client") {
		return false
	}
	value := keyed(lit, "Transport")
	return value == nil || c.call.exprs[value] || c.isDefault(value) != ""
}

// keyed returns the value of a key in a literal.
func keyed(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		// A literal without keys is rare, and go vet reports it for other packages' structs.
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// setsDefault reports whether a value flows to one of net/http's default variables.
func (c *checker) setsDefault(e ast.Expr, f *reach) bool {
	// The defaults are the only variables of net/http that code assigns.
	for o := range f.objects {
		if v, ok := o.(*types.Var); ok && v.Pkg() != nil && v.Pkg().Path() == "net/http" && !v.IsField() {
			return true
		}
	}
	return false
}

// register reports protocols that are registered on http.DefaultTransport.
func (c *checker) register(call *ast.CallExpr) bool {
	s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	// The registered transport makes requests of its own, and no guard wraps it.
	if !ok || !isFunc(c.callee(call), "net/http", "Transport.RegisterProtocol") || c.aliased(s.X) == "" {
		return false
	}
	c.out.report(finding{kind: kindDefault, at: call, text: "a protocol of http.DefaultTransport is not guarded: " +
		"use its transport in an http.Client through g.Transport(…)"})
	return true
}
