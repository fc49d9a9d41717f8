package vet

import (
	"go/ast"
	"go/types"
)

// The packages whose functions are guards.
const (
	guardPath      = "github.com/outguard/outguard/guard"
	httpguardPath  = "github.com/outguard/outguard/httpguard"
	middlewarePath = "github.com/outguard/outguard/awsmiddleware"
	smithyPath     = "github.com/aws/smithy-go/middleware"
)

// isCallGuard reports whether an expression guards requests or dials.
func isCallGuard(x *index, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		f := x.callee(e)
		return isFunc(f, guardPath, "Guard.Transport", "Guard.Check") || isFunc(f, httpguardPath, "DialContext")
	case *ast.CompositeLit:
		t := x.info.TypeOf(e)
		return isType(t, httpguardPath, "Transport") || isType(t, httpguardPath, "Dialer")
	default:
		return false
	}
}

// isAWSGuard reports whether an expression is the option that guards AWS clients.
func isAWSGuard(x *index, e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	// The middleware of package awsmiddleware is what AWS() gives.
	f := x.callee(call)
	return isFunc(f, guardPath, "AWS", "Guard.AWS") || isFunc(f, middlewarePath, "New")
}

// isWrap reports whether an expression is a wrapped handler.
func isWrap(x *index, e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && isFunc(x.callee(call), guardPath, "Wrap", "Guard.Wrap")
}

// loads reports whether a call puts the guard in place.
func (x *index) loads(call *ast.CallExpr) bool {
	return isFunc(x.callee(call), guardPath, "Load", "Wrap", "Guard.Wrap", "Guard.Install")
}

// givesCalls reports whether a value of this type, given by another package, may be guarded: a
// transport, a client, a dial function.
func givesCalls(t types.Type) bool {
	if isType(t, "net/http", "RoundTripper") || isType(t, "net/http", "Client") {
		return true
	}
	// A dial function returns a net.Conn and an error.
	sig, ok := types.Unalias(t).Underlying().(*types.Signature)
	return ok && sig.Results().Len() == 2 && isType(sig.Results().At(0).Type(), "net", "Conn")
}

// givesAPIOptions is the same for the options of AWS configs and clients: a function on a
// middleware.Stack, on config.LoadOptions or on Options, or a list of them.
func givesAPIOptions(t types.Type) bool {
	t = types.Unalias(t).Underlying()
	// APIOptions is a list of such functions.
	if s, ok := t.(*types.Slice); ok {
		t = types.Unalias(s.Elem()).Underlying()
	}
	sig, ok := t.(*types.Signature)
	if !ok || sig.Params().Len() != 1 {
		return false
	}
	p := sig.Params().At(0).Type()
	path, name := named(p)
	return isType(p, smithyPath, "Stack") || isType(p, configPath, "LoadOptions") || name == "Options" && isService(path)
}

// carries reports whether a value of this type can hold a guard, or a way to call out. Results and
// errors of calls do not: a guard does not flow on through them.
func carries(t types.Type) bool {
	if t == nil {
		return false
	}
	// Nothing of these can call out again.
	switch path, name := named(t); path {
	case "net/http":
		return name != "Response" && name != "Request" && name != "Header"
	case "context", "time", "":
		if path != "" {
			return false
		}
	}
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return false
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Basic:
		return false
	case *types.Slice:
		return carries(u.Elem())
	default:
		return true
	}
}
