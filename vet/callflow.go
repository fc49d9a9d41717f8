package vet

import (
	"go/ast"
	"go/types"
)

// This file has the steps by which a value flows through calls and selectors.

// call follows an argument, or the function value that is called.
func (r *reach) call(call *ast.CallExpr, e ast.Expr) {
	result := r.info.TypeOf(call)
	// The value is a function, such as an option, and what it returns holds what it holds.
	if call.Fun == e {
		if anyCarries(result) {
			r.expr(call)
		}
		return
	}
	f := r.callee(call)
	if f == nil { // a conversion, a builtin, or a function value
		r.expr(call)
		return
	}
	// Functions of this package are followed into their bodies.
	if decl := r.decls[f]; decl != nil {
		if p := r.param(decl, call, e); p != nil && r.enter(decl, p) {
			r.expr(call)
		}
		return
	}
	// strict is for values that must be guarded: those go into another function's result only if
	// that can be a client.
	if r.strict {
		if isClient(result) {
			r.expr(call)
		}
		return
	}
	if anyCarries(result) {
		r.expr(call)
	} else {
		// The call is noted even if nothing flows on: an option given to it reaches it.
		r.exprs[call] = true
	}
	// x.SetTransport(guard) guards x.
	if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && r.info.Selections[s] != nil {
		r.target(s.X)
	}
}

// enter follows a value into a function, and reports whether the function returns it.
func (r *reach) enter(decl *ast.FuncDecl, p types.Object) bool {
	by := r.entries[p]
	// Each parameter is followed once, and the result is kept for further calls.
	if by == nil {
		by = &entry{decl: decl}
		r.entries[p] = by
		outside := r.inside
		r.inside = by
		r.object(p)
		r.inside = outside
	}
	return by.returned
}

// isClient reports whether a call's result is a transport or a client that holds one.
func isClient(t types.Type) bool {
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		t = tuple.At(0).Type()
	}
	return isType(t, "net/http", "Client") || isRoundTripper(t)
}

// anyCarries reports whether one of a call's results can hold a guard.
func anyCarries(t types.Type) bool {
	tuple, ok := t.(*types.Tuple)
	if !ok {
		return carries(t)
	}
	for v := range tuple.Variables() {
		if carries(v.Type()) {
			return true
		}
	}
	return false
}

// param returns the parameter of a function of this package that an argument becomes.
func (r *reach) param(decl *ast.FuncDecl, call *ast.CallExpr, arg ast.Expr) types.Object {
	names := params(decl.Type.Params)
	for i, a := range call.Args {
		// The last name also stands for all variadic arguments.
		if a == arg && len(names) > 0 {
			if p := names[min(i, len(names)-1)]; p != nil {
				return r.info.Defs[p]
			}
		}
	}
	return nil
}

// selector follows x in x.f: the result of a method, a method value, or a field of another
// package's struct. Fields of this package's structs are objects of their own.
func (r *reach) selector(s *ast.SelectorExpr) {
	o := origin(r.info.Uses[s.Sel])
	call, called := r.parent[s].(*ast.CallExpr)
	called = called && call.Fun == s
	switch o := o.(type) {
	case *types.Func:
		if decl := r.decls[o]; decl != nil && called {
			recv := params(decl.Recv)
			if len(recv) == 1 && recv[0] != nil && r.enter(decl, r.info.Defs[recv[0]]) {
				r.expr(call)
			}
			return
		}
		// A method value, s.Get, holds its receiver.
		if !called {
			r.expr(s)
		} else if anyCarries(r.info.TypeOf(call)) && (!r.strict || isClient(r.info.TypeOf(call)) || o.Name() == "Clone" || sameType(r.info, s, call)) {
			r.expr(call)
		}
	case *types.Var:
		// A field of another package's struct has no object here, and its place in the expression
		// counts.
		if !r.local(o) && carries(o.Type()) {
			r.expr(s)
		}
	}
}

// sameType reports whether a method returns its receiver's type, as setters that are chained do.
func sameType(info *types.Info, s *ast.SelectorExpr, call *ast.CallExpr) bool {
	p1, n1 := named(info.TypeOf(s.X))
	p2, n2 := named(info.TypeOf(call))
	return n1 != "" && p1 == p2 && n1 == n2
}
