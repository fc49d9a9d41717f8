package vet

import (
	"go/ast"
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

// empty returns a reach that nothing flows to yet.
func (x *index) empty() *reach {
	return &reach{index: x, exprs: map[ast.Node]bool{}, objects: map[types.Object]bool{}, seen: map[visit]bool{}, entries: map[types.Object]*entry{}}
}

// trust adds the values that other packages give to this one: parameters of exported functions and
// methods, and exported fields. Whether they are guarded is judged where they are made.
// Who calls an exported function is not seen here.
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
		// The same is true of exported fields, which other packages set.
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

// hasFlow reports whether the two have an expression or an object in common.
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
