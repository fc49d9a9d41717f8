package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// row reports calls of a library's entries that no guard reaches.
func (c *checker) row(call *ast.CallExpr) bool {
	f := c.callee(call)
	if f == nil {
		return false
	}
	// The function may be an entry itself, or name a driver, or be called on a package's variable.
	r := find(f)
	if r == nil {
		r = c.sqlDriver(call, f)
	}
	if r == nil {
		r = c.packageVar(call, f)
	}
	// Calls inside of the library's own module are not the user's.
	if r == nil || c.within(f.Pkg().Path()) {
		return false
	}
	c.rowFinding(r, call, text(call.Fun))
	return true
}

// rowLit reports literals of a library's client.
func (c *checker) rowLit(lit *ast.CompositeLit) bool {
	// A literal is written in the table as its type with braces behind it.
	pkg, name := named(c.info.TypeOf(lit))
	r := lookUp(pkg, name+"{}")
	// The name may be empty, for types without one.
	if r == nil || name == "" {
		return false
	}
	c.rowFinding(r, lit, text(lit.Type)+"{}")
	return true
}

// rowFinding reports a library's entry unless a guard reaches it by one of three ways.
func (c *checker) rowFinding(r *row, e ast.Expr, what string) {
	if c.call.has(e) || c.guardedReceiver(e) || c.setting(r) {
		return
	}
	c.out.report(finding{kind: r.kind, at: e, recipe: r.recipe, text: what + " dials past the guard: " + r.advice()})
}

// guardedReceiver reports whether a method is called on a value that is guarded.
func (c *checker) guardedReceiver(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	// The receiver got the guard earlier, by a setter or as an argument.
	return ok && c.call.exprs[s.X]
}

// setting reports whether the package has guarded all calls of the library at once.
func (c *checker) setting(r *row) bool {
	// Some libraries have a package-wide setting, such as mysql.RegisterDialContext.
	if r.settings == "" {
		return false
	}
	// A function of the package that was called with a guarded value.
	for n := range c.call.exprs {
		if call, ok := n.(*ast.CallExpr); ok {
			if f := c.callee(call); f != nil && f.Pkg() != nil && r.of(plain(f.Pkg().Path())) && matches(r.settings, f.Name()) {
				return true
			}
		}
	}
	// A variable of the package, such as remote.DefaultTransport.
	for o := range c.call.objects {
		if o.Pkg() != nil && r.of(plain(o.Pkg().Path())) && matches(r.settings, o.Name()) {
			return true
		}
	}
	return false
}

// packageVar returns the row with an entry "V.M" for a method called on a package variable V.
func (c *checker) packageVar(call *ast.CallExpr, f *types.Func) *row {
	s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	// Local variables and fields are not a package's own default.
	v, ok := c.object(s.X).(*types.Var)
	if !ok || v.IsField() || v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return nil
	}
	return lookUp(plain(v.Pkg().Path()), v.Name()+"."+f.Name())
}

// sqlDriver returns the row of the driver that sql.Open names. sqlx has the same functions.
func (c *checker) sqlDriver(call *ast.CallExpr, f *types.Func) *row {
	var arg int
	switch {
	// The driver's name is the first argument in all but one of these.
	case isFunc(f, "database/sql", "Open"), isFunc(f, "github.com/jmoiron/sqlx", "Open", "MustOpen", "Connect", "MustConnect"),
		isFunc(f, "github.com/XSAM/otelsql", "Open", "Register"), isFunc(f, "github.com/aws/aws-xray-sdk-go/xray", "SQLContext"):
	case isFunc(f, "github.com/jmoiron/sqlx", "ConnectContext"):
		arg = 1
	default:
		return nil
	}
	// The code does not compile, which others report.
	if len(call.Args) <= arg {
		return nil
	}
	// Only a constant can be looked up.
	value := c.info.Types[call.Args[arg]].Value
	if value == nil || value.Kind() != constant.String {
		return nil
	}
	return findSQL(constant.StringVal(value))
}

// text is a short form of an expression for a message: a long call is shown without its arguments.
func text(e ast.Expr) string {
	const longest = 60
	s := types.ExprString(e)
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && len(s) > longest {
		s = types.ExprString(call.Fun) + "(…)"
	}
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest-1]) + "…"
	}
	return s
}
