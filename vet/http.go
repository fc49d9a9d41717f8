package vet

import (
	"go/ast"
	"go/types"
)

// The end of most messages about transports.
const ownTransport = "give it to g.Transport(…)"

// transportLit reports literals of http.Transport, and of http.Client with a transport of another
// module.
func (c *checker) transportLit(lit *ast.CompositeLit) bool {
	t := c.info.TypeOf(lit)
	if isType(t, "net/http", "Client") {
		// A client without a transport uses http.DefaultTransport, which is guarded in place.
		if value := keyed(lit, "Transport"); value != nil {
			c.foreignTransport(value)
		}
		return true
	}
	if !isType(t, "net/http", "Transport") {
		return false
	}
	c.transport(lit, "this http.Transport is not guarded: "+ownTransport)
	return true
}

// foreignTransport reports a client's transport that a function of another module made. A function
// that is given a transport or a client is judged by that one.
func (c *checker) foreignTransport(value ast.Expr) {
	// A variable's definition says where the value comes from.
	e := ast.Unparen(value)
	if id, ok := e.(*ast.Ident); ok {
		e = c.definition(c.info.Uses[id])
	}
	call, ok := e.(*ast.CallExpr)
	if !ok || c.call.has(call) || c.call.exprs[value] {
		return
	}
	f := c.callee(call)
	// Functions with a row of their own are reported by that row.
	if f == nil || f.Pkg() == nil || f.Pkg().Path() == "net/http" || c.within(f.Pkg().Path()) || find(f) != nil {
		return
	}
	// otelhttp.NewTransport(base) wraps what it is given.
	sig := f.Type().(*types.Signature)
	for p := range sig.Params().Variables() {
		if givesCalls(p.Type()) {
			return
		}
	}
	if sig.Recv() != nil && givesCalls(sig.Recv().Type()) {
		return
	}
	c.out.report(finding{kind: kindTransport, at: value, text: "this transport may not be guarded, because it comes from " + f.Pkg().Name() + "." + funcName(f) + ": " + ownTransport,
		fix: c.wrapTransport(value)})
}

// newTransport reports new(http.Transport) and clones.
func (c *checker) newTransport(call *ast.CallExpr) bool {
	if isFunc(c.callee(call), "net/http", "Transport.Clone") {
		c.transport(call, "this clone of an http.Transport is not guarded: "+ownTransport)
		return true
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || len(call.Args) != 1 {
		return false
	}
	if b, ok := c.info.Uses[id].(*types.Builtin); !ok || b.Name() != "new" {
		return false
	}
	if isType(c.info.TypeOf(call), "net/http", "Transport") {
		c.transport(call, "this http.Transport is not guarded: "+ownTransport)
		return true
	}
	// new(fasthttp.Client) is the same as its literal.
	pkg, name := named(c.info.TypeOf(call))
	if r := lookUp(pkg, name+"{}"); r != nil && name != "" {
		c.rowFinding(r, call, text(call))
		return true
	}
	return false
}

// zeroValue reports variables of a transport's type without a value.
func (c *checker) zeroValue(spec *ast.ValueSpec) {
	// A variable with a value is judged by that.
	if len(spec.Values) > 0 || spec.Type == nil {
		return
	}
	t := c.info.TypeOf(spec.Type)
	// A nil pointer makes no calls.
	if _, pointer := types.Unalias(t).(*types.Pointer); pointer {
		return
	}
	for _, name := range spec.Names {
		o := c.info.Defs[name]
		pkg, typ := named(t)
		r := lookUp(pkg, typ+"{}")
		// A guard that reaches the variable later is enough.
		switch {
		case c.reached(o):
		case isType(t, "net/http", "Transport"):
			c.out.report(finding{kind: kindTransport, at: name, text: "this http.Transport is not guarded: " + ownTransport})
		case isType(t, awsPath, "Config"):
			if !c.configGuarded(o) && !c.onlyDeclared(o) {
				c.out.report(finding{kind: kindAWS, at: name, text: "this aws.Config is not guarded: " + name.Name + ".APIOptions = guard.AWS()"})
			}
		case r != nil && typ != "":
			c.rowFindingOf(r, name, types.ExprString(spec.Type))
		}
	}
}

// rowFindingOf is rowFinding for a variable without a value.
func (c *checker) rowFindingOf(r *row, name *ast.Ident, what string) {
	if !c.setting(r) {
		c.out.report(finding{kind: r.kind, at: name, recipe: r.recipe, text: what + " dials past the guard: " + r.advice()})
	}
}

// reached reports whether a guard reaches a variable, or anything it flows to.
func (c *checker) reached(o types.Object) bool {
	// The flow begins at the variable: there is no expression that makes the value.
	f := c.empty()
	f.strict = true
	f.object(o)
	return c.call.hasFlow(f)
}

// transport reports an expression whose value is a transport, unless a guard has it. If one has it,
// but a client also uses it as it is, that client is reported.
func (c *checker) transport(e ast.Expr, text string) {
	f := c.flow(e)
	if c.setsDefault(e, f) {
		return // the assignment is reported
	}
	if !c.call.hasFlow(f) {
		c.out.report(finding{kind: kindTransport, at: e, text: text, fix: c.wrapTransport(e)})
		return
	}
	// Two clients may use one transport, and one of them may be without the guard.
	for _, lit := range f.slots {
		if !c.call.has(lit) {
			c.out.report(finding{kind: kindTransport, at: lit, text: "this http.Client uses a transport without the guard that other code gives it: " + ownTransport})
		}
	}
}
