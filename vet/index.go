package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// An index is a package prepared for following values: the parent of each node, the uses of each
// object, and the declaration of each function.
type index struct {
	pass *analysis.Pass
	info *types.Info
	// order has all nodes in the order of the source. parent has the node above each.
	order  []ast.Node
	parent map[ast.Node]ast.Node
	// uses are the places where an object is named, other than its declaration.
	uses  map[types.Object][]*ast.Ident
	decls map[types.Object]*ast.FuncDecl
	owner map[types.Object]ast.Node // of a parameter: its *ast.FuncDecl or *ast.FuncLit
}

// newIndex walks all files once. Everything else asks its maps.
func newIndex(pass *analysis.Pass) *index {
	x := &index{
		pass: pass, info: pass.TypesInfo,
		parent: map[ast.Node]ast.Node{}, uses: map[types.Object][]*ast.Ident{},
		decls: map[types.Object]*ast.FuncDecl{}, owner: map[types.Object]ast.Node{},
	}
	// The stack has the nodes above the present one.
	for _, f := range pass.Files {
		var stack []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			// Inspect calls with nil when it leaves a node.
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			if len(stack) > 0 {
				x.parent[n] = stack[len(stack)-1]
			}
			stack = append(stack, n)
			x.add(n)
			return true
		})
	}
	return x
}

// add files one node under what it is.
func (x *index) add(n ast.Node) {
	x.order = append(x.order, n)
	switch n := n.(type) {
	case *ast.Ident:
		// Uses of a generic's instances count for the generic.
		if o := origin(x.info.Uses[n]); o != nil {
			x.uses[o] = append(x.uses[o], n)
		}
	case *ast.FuncDecl:
		x.decls[x.info.Defs[n.Name]] = n
		x.own(n, n.Recv, n.Type.Params)
	case *ast.FuncLit:
		x.own(n, n.Type.Params)
	}
}

// own notes the function that the parameters belong to.
func (x *index) own(owner ast.Node, lists ...*ast.FieldList) {
	for _, list := range lists {
		for _, p := range params(list) {
			if p != nil {
				x.owner[x.info.Defs[p]] = owner
			}
		}
	}
}

// params returns the name of each parameter, nil for one without a name.
func params(list *ast.FieldList) []*ast.Ident {
	if list == nil {
		return nil
	}
	var all []*ast.Ident
	for _, f := range list.List {
		// Several names may share a type: (a, b int).
		all = append(all, f.Names...)
		if len(f.Names) == 0 {
			all = append(all, nil)
		}
	}
	return all
}

// nodes are all nodes of the package, in the order of the source.
func (x *index) nodes() iter.Seq[ast.Node] {
	return func(yield func(ast.Node) bool) {
		for _, n := range x.order {
			if !yield(n) {
				return
			}
		}
	}
}

// origin returns the generic function or field of an instance.
func origin(o types.Object) types.Object {
	switch o := o.(type) {
	case *types.Func:
		return o.Origin()
	case *types.Var:
		return o.Origin()
	default:
		return o
	}
}

// local reports whether an object is declared in the package under analysis.
func (x *index) local(o types.Object) bool { return o != nil && o.Pkg() == x.pass.Pkg }

// callee returns the function or method that a call names, nil for a call of a function value.
func (x *index) callee(call *ast.CallExpr) *types.Func {
	// Callee also finds methods by interfaces, and returns nil for values and conversions.
	f, _ := typeutil.Callee(x.info, call).(*types.Func)
	if f == nil {
		return nil
	}
	return f.Origin()
}

// object returns what an identifier or a selector names.
func (x *index) object(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return origin(x.info.ObjectOf(e))
	case *ast.SelectorExpr:
		return origin(x.info.Uses[e.Sel])
	default:
		return nil
	}
}

// calls are the calls of a function of the package; others are the places where it is a value.
func (x *index) calls(f types.Object) (calls []*ast.CallExpr, others []ast.Expr) {
	for _, id := range x.uses[f] {
		e := x.whole(id)
		// As an argument of another call, the function is a value.
		if call, ok := x.parent[e].(*ast.CallExpr); ok && call.Fun == e {
			calls = append(calls, call)
		} else {
			others = append(others, e)
		}
	}
	return calls, others
}

// whole returns the expression by which an identifier names something: x.f for the f in x.f, f[T]
// for an instance.
func (x *index) whole(id *ast.Ident) ast.Expr {
	// p.F is a name with its package, and x.F a selection.
	var e ast.Expr = id
	if s, ok := x.parent[id].(*ast.SelectorExpr); ok && s.Sel == id {
		e = s
	}
	for {
		switch p := x.parent[e].(type) {
		case *ast.IndexExpr:
			// f[int] is an instance, unlike m[k].
			if _, ok := x.info.TypeOf(e).(*types.Signature); ok && p.X == e {
				e = p
				continue
			}
		case *ast.ParenExpr:
			e = p
			continue
		}
		return e
	}
}

// enclosing returns the function that n is in: an *ast.FuncDecl, an *ast.FuncLit, or nil.
func (x *index) enclosing(n ast.Node) ast.Node {
	// The nearest one counts: a literal inside of a function returns for itself.
	for n = x.parent[n]; n != nil; n = x.parent[n] {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return n
		}
	}
	return nil
}

// file returns the file that a position is in.
func (x *index) file(pos token.Pos) *ast.File {
	for _, f := range x.pass.Files {
		if f.FileStart <= pos && pos <= f.FileEnd {
			return f
		}
	}
	return nil
}

// within reports whether a package is of the module under analysis.
func (x *index) within(path string) bool {
	// Without a module, three elements are taken for its path: host/owner/name.
	own := x.pass.Pkg.Path()
	if m := x.pass.Module; m != nil && m.Path != "" {
		own = m.Path
	} else if parts := strings.SplitN(own, "/", 4); len(parts) > 3 {
		own = strings.Join(parts[:3], "/")
	}
	return path == own || strings.HasPrefix(path, own+"/")
}

// /v5/ and .v5, as gopkg.in has it.
var major = regexp.MustCompile(`/v\d+(/|$)|\.v\d+(/|$)`)
