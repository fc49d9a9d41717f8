package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A reach is the set of expressions and objects that some values flow to within the package.
//
// It follows assignments, literals, conversions, returns and arguments, through local variables,
// package variables, struct fields and functions of this package. It does not look at the order of
// statements or at conditions, so a variable that is guarded anywhere counts as guarded. A field is
// one object for all values of its struct. What a function returns of its argument flows to that
// call only.
type reach struct {
	*index
	exprs   map[ast.Node]bool
	objects map[types.Object]bool
	inside  *entry // how the function that is being followed was entered; nil: not by an argument
	seen    map[visit]bool
	entries map[types.Object]*entry
	// strict: a value does not flow into the receiver or the result of another package's function,
	// unless the result is a client or a transport. A guard does, because SetTransport(guard)
	// guards its receiver.
	strict bool
	slots  []*ast.CompositeLit // http.Client literals that the value was put into as Transport
}

// An entry is a parameter by which a value came into a function of this package.
type entry struct {
	decl     *ast.FuncDecl
	returned bool // the function returns the value
}

// A visit is an expression or object, and how its function was entered.
type visit struct {
	place any
	by    *entry
}

// reach returns what the expressions flow to for which source is true.
func (x *index) reach(source func(*index, ast.Expr) bool) *reach {
	r := x.empty()
	for n := range x.nodes() {
		if e, ok := n.(ast.Expr); ok && source(x, e) {
			r.expr(e)
		}
	}
	return r
}

func (x *index) empty() *reach {
	return &reach{index: x, exprs: map[ast.Node]bool{}, objects: map[types.Object]bool{}, seen: map[visit]bool{}, entries: map[types.Object]*entry{}}
}

// trust adds the values that other packages give to this one: parameters of exported functions and
// methods, and exported fields. Whether they are guarded is judged where they are made.
func (r *reach) trust(gives func(types.Type) bool) {
	for n := range r.nodes() {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if !n.Name.IsExported() {
				continue
			}
			for _, p := range params(n.Type.Params) {
				if p != nil && gives(r.info.TypeOf(p)) {
					r.object(r.info.Defs[p])
				}
			}
		case *ast.StructType:
			for _, p := range params(n.Fields) {
				if p != nil && p.IsExported() && gives(r.info.TypeOf(p)) {
					r.object(r.info.Defs[p])
				}
			}
		}
	}
}

// has reports whether the values reach e, or anything that e flows to.
func (r *reach) has(e ast.Expr) bool { return r.hasFlow(r.flow(e)) }

func (r *reach) hasFlow(f *reach) bool {
	for n := range f.exprs {
		if r.exprs[n] {
			return true
		}
	}
	for o := range f.objects {
		if r.objects[o] {
			return true
		}
	}
	return false
}

// flow returns what one expression flows to.
func (x *index) flow(e ast.Expr) *reach {
	f := x.empty()
	f.strict = true
	f.expr(e)
	return f
}

// expr adds an expression and what it flows to.
func (r *reach) expr(e ast.Expr) {
	if r.visited(e) {
		return
	}
	r.exprs[e] = true
	switch p := r.parent[e].(type) {
	case *ast.ParenExpr, *ast.StarExpr, *ast.UnaryExpr, *ast.TypeAssertExpr, *ast.SliceExpr:
		r.expr(p.(ast.Expr))
	case *ast.IndexExpr:
		if p.X == e {
			r.expr(p)
		}
	case *ast.KeyValueExpr:
		if p.Value == e {
			r.element(p)
		}
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
	case *ast.RangeStmt:
		if p.X == e && p.Value != nil {
			r.target(p.Value)
		}
	}
}

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
	if key, ok := kv.Key.(*ast.Ident); ok {
		if f, ok := r.info.Uses[key].(*types.Var); ok && f.IsField() && r.local(f) {
			r.object(origin(f))
		}
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
	if n, ok := types.Unalias(t).(*types.Named); ok && r.local(n.Obj()) && !isRoundTripper(t) {
		return
	}
	r.expr(lit)
}

func isRoundTripper(t types.Type) bool {
	for _, t := range []types.Type{t, types.NewPointer(t)} {
		if o, _, _ := types.LookupFieldOrMethod(t, true, nil, "RoundTrip"); o != nil {
			return true
		}
	}
	return false
}

// call follows an argument, or the function value that is called.
func (r *reach) call(call *ast.CallExpr, e ast.Expr) {
	result := r.info.TypeOf(call)
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
	if decl := r.decls[f]; decl != nil {
		if p := r.param(decl, call, e); p != nil && r.enter(decl, p) {
			r.expr(call)
		}
		return
	}
	if r.strict {
		if isClient(result) {
			r.expr(call)
		}
		return
	}
	if anyCarries(result) {
		r.expr(call)
	} else {
		r.exprs[call] = true
	}
	if s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && r.info.Selections[s] != nil {
		r.target(s.X)
	}
}

// enter follows a value into a function, and reports whether the function returns it.
func (r *reach) enter(decl *ast.FuncDecl, p types.Object) bool {
	by := r.entries[p]
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
		if !called {
			r.expr(s)
		} else if anyCarries(r.info.TypeOf(call)) && (!r.strict || isClient(r.info.TypeOf(call)) || o.Name() == "Clone" || sameType(r.info, s, call)) {
			r.expr(call)
		}
	case *types.Var:
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

func (r *reach) assign(a *ast.AssignStmt, e ast.Expr) {
	for i, rhs := range a.Rhs {
		if rhs != e {
			continue
		}
		if len(a.Lhs) == len(a.Rhs) {
			r.target(a.Lhs[i])
			return
		}
		for _, lhs := range a.Lhs {
			if carries(r.info.TypeOf(lhs)) {
				r.target(lhs)
			}
		}
	}
}

func (r *reach) spec(s *ast.ValueSpec, e ast.Expr) {
	for i, v := range s.Values {
		if v != e {
			continue
		}
		for j, name := range s.Names {
			if (i == j || len(s.Values) != len(s.Names)) && carries(r.info.TypeOf(name)) {
				r.object(r.info.Defs[name])
			}
		}
	}
}

// result follows a returned value to the calls of its function.
func (r *reach) result(ret *ast.ReturnStmt) {
	switch f := r.enclosing(ret).(type) {
	case *ast.FuncLit:
		r.expr(f)
	case *ast.FuncDecl:
		if r.inside != nil && r.inside.decl == f {
			r.inside.returned = true
			return
		}
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
	case *ast.StarExpr:
		r.target(lhs.X)
		r.written(lhs.X)
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
		if kv, ok := r.parent[id].(*ast.KeyValueExpr); ok && kv.Key == id {
			continue
		}
		e := r.whole(id)
		if a, ok := r.parent[e].(*ast.AssignStmt); ok && a.Tok != token.DEFINE && isLHS(a, e) {
			continue
		}
		r.expr(e)
	}
}

func isLHS(a *ast.AssignStmt, e ast.Expr) bool {
	for _, lhs := range a.Lhs {
		if lhs == e {
			return true
		}
	}
	return false
}
