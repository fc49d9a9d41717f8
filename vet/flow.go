package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// This file has the steps by which a value flows on: from an expression to what it is part of, and
// from an object to its uses.

// expr adds an expression and what it flows to.
func (r *reach) expr(e ast.Expr) {
	if r.visited(e) {
		return
	}
	r.exprs[e] = true
	// The parent says what the expression becomes a part of.
	switch p := r.parent[e].(type) {
	case *ast.ParenExpr, *ast.StarExpr, *ast.UnaryExpr, *ast.TypeAssertExpr, *ast.SliceExpr:
		r.expr(p.(ast.Expr))
	// m[k] holds what m holds; the index k does not flow.
	case *ast.IndexExpr:
		if p.X == e {
			r.expr(p)
		}
	case *ast.KeyValueExpr:
		if p.Value == e {
			r.element(p)
		}
	// Elements of a literal, but not its type.
	case *ast.CompositeLit:
		if p.Type != e {
			r.into(p)
		}
	case *ast.CallExpr:
		r.call(p, e)
	case *ast.SelectorExpr:
		r.selector(p)
	case *ast.AssignStmt:
		r.assign(p, e)
	case *ast.ValueSpec:
		r.spec(p, e)
	case *ast.ReturnStmt:
		r.result(p)
	// Elements of a list or a map that is ranged over.
	case *ast.RangeStmt:
		if p.X == e && p.Value != nil {
			r.target(p.Value)
		}
	}
}

// visited reports whether a place has been followed before in the same entry.
func (r *reach) visited(place any) bool {
	v := visit{place, r.inside}
	seen := r.seen[v]
	r.seen[v] = true
	return seen
}

// element follows the value of key: value in a literal.
func (r *reach) element(kv *ast.KeyValueExpr) {
	lit, ok := r.parent[kv].(*ast.CompositeLit)
	if !ok {
		return
	}
	// A field of this package is one object for all of its values.
	if key, ok := kv.Key.(*ast.Ident); ok {
		if f, ok := r.info.Uses[key].(*types.Var); ok && f.IsField() && r.local(f) {
			r.object(origin(f))
		}
		// The client's slot is remembered: transport reports clients that get it unguarded.
		if key.Name == "Transport" && isType(r.info.TypeOf(lit), "net/http", "Client") {
			r.slots = append(r.slots, lit)
		}
	}
	r.into(lit)
}

// into follows a value that became part of a literal. A struct of this package is followed by its
// fields, unless it is a transport itself.
func (r *reach) into(lit *ast.CompositeLit) {
	t := r.info.TypeOf(lit)
	// Following all users of such a struct would reach too much.
	if n, ok := types.Unalias(t).(*types.Named); ok && r.local(n.Obj()) && !isRoundTripper(t) {
		return
	}
	r.expr(lit)
}

// isRoundTripper reports whether a type or its pointer has a method RoundTrip.
func isRoundTripper(t types.Type) bool {
	// The method may be on the pointer.
	for _, t := range []types.Type{t, types.NewPointer(t)} {
		if o, _, _ := types.LookupFieldOrMethod(t, true, nil, "RoundTrip"); o != nil {
			return true
		}
	}
	return false
}

// assign follows the value to its side of an assignment.
func (r *reach) assign(a *ast.AssignStmt, e ast.Expr) {
	for i, rhs := range a.Rhs {
		if rhs != e {
			continue
		}
		if len(a.Lhs) == len(a.Rhs) {
			r.target(a.Lhs[i])
			return
		}
		// a, err = f(): only sides that can hold the value.
		for _, lhs := range a.Lhs {
			if carries(r.info.TypeOf(lhs)) {
				r.target(lhs)
			}
		}
	}
}

// spec follows the value to the names of var x = value.
func (r *reach) spec(s *ast.ValueSpec, e ast.Expr) {
	for i, v := range s.Values {
		if v != e {
			continue
		}
		// With as many names as values, each has its own; one call may give all of them.
		for j, name := range s.Names {
			if (i == j || len(s.Values) != len(s.Names)) && carries(r.info.TypeOf(name)) {
				r.object(r.info.Defs[name])
			}
		}
	}
}

// result follows a returned value to the calls of its function.
func (r *reach) result(ret *ast.ReturnStmt) {
	// A function literal holds what it returns.
	switch f := r.enclosing(ret).(type) {
	case *ast.FuncLit:
		r.expr(f)
	case *ast.FuncDecl:
		// The function was entered by an argument: the value flows to that call alone.
		if r.inside != nil && r.inside.decl == f {
			r.inside.returned = true
			return
		}
		// Otherwise, to every call, and to places where the function is a value.
		calls, others := r.calls(r.info.Defs[f.Name])
		for _, call := range calls {
			r.expr(call)
		}
		for _, e := range others {
			r.expr(e)
		}
	}
}

// target follows a value into what it is assigned to: a variable, a field, or the variable whose
// field it is.
func (r *reach) target(lhs ast.Expr) {
	switch lhs := ast.Unparen(lhs).(type) {
	case *ast.Ident:
		r.object(r.index.object(lhs))
	// *p = value changes what p points to.
	case *ast.StarExpr:
		r.target(lhs.X)
		r.written(lhs.X)
	// A pointer to a variable leads to it.
	case *ast.UnaryExpr:
		r.target(lhs.X)
	case *ast.IndexExpr:
		r.target(lhs.X)
	case *ast.TypeAssertExpr:
		r.target(lhs.X)
	case *ast.CallExpr:
		r.expr(lhs)
		if s, ok := ast.Unparen(lhs.Fun).(*ast.SelectorExpr); ok && r.info.Selections[s] != nil && sameType(r.info, s, lhs) {
			r.target(s.X) // a chain of setters
		}
	case *ast.CompositeLit:
		r.expr(lhs)
	case *ast.SelectorExpr:
		// A field of another package's struct makes its variable hold the value.
		o := origin(r.info.Uses[lhs.Sel])
		if v, ok := o.(*types.Var); ok && (!v.IsField() || r.local(v)) {
			r.object(v)
			return
		}
		r.target(lhs.X)
		r.written(lhs.X)
	}
}

// written follows a write through a parameter: func(o *s3.Options) { o.APIOptions = … } is itself
// an option that guards, and a function of this package guards its argument.
func (r *reach) written(base ast.Expr) {
	// The parameter's owner decides who is reached.
	o := r.index.object(base)
	switch f := r.owner[o].(type) {
	case *ast.FuncLit:
		r.expr(f)
	case *ast.FuncDecl:
		calls, _ := r.calls(r.info.Defs[f.Name])
		for _, call := range calls {
			for _, arg := range call.Args {
				if r.param(f, call, arg) == o {
					r.target(arg)
				}
			}
		}
	}
}

// object adds a variable or field and follows its uses.
func (r *reach) object(o types.Object) {
	v, ok := o.(*types.Var)
	if !ok || !carries(v.Type()) || r.visited(v) {
		return
	}
	r.objects[v] = true
	for _, id := range r.uses[v] {
		// As a key of a literal, the name is not a use of the value.
		if kv, ok := r.parent[id].(*ast.KeyValueExpr); ok && kv.Key == id {
			continue
		}
		e := r.whole(id)
		// On the left of =, the variable is given another value.
		if a, ok := r.parent[e].(*ast.AssignStmt); ok && a.Tok != token.DEFINE && isLHS(a, e) {
			continue
		}
		r.expr(e)
	}
}

// isLHS reports whether an expression is on the left of an assignment.
func isLHS(a *ast.AssignStmt, e ast.Expr) bool {
	for _, lhs := range a.Lhs {
		if lhs == e {
			return true
		}
	}
	return false
}
