package vet

import "go/ast"

const lambdaPath = "github.com/aws/aws-lambda-go/lambda"

// starters are functions that start the runtime on their own, so that no handler can be wrapped.
var starters = []struct{ path, name string }{
	{"github.com/akrylysov/algnhsa", "ListenAndServe"},
	{"github.com/apex/gateway", "ListenAndServe"},
}

// start reports handlers that are not wrapped.
func (c *checker) start(call *ast.CallExpr) bool {
	f := c.callee(call)
	arg := 0
	// Each function has the handler at another place.
	switch {
	case isFunc(f, lambdaPath, "Start", "StartWithOptions", "StartHandler", "StartHandlerFunc"):
	case isFunc(f, lambdaPath, "StartWithContext", "StartHandlerWithContext"):
		arg = 1
	default:
		// The frameworks' own functions take a router, and leave nothing to wrap.
		for _, s := range starters {
			if isFunc(f, s.path, s.name) {
				c.out.report(finding{kind: kindHandler, at: call, text: text(call.Fun) + " starts a handler that cannot be wrapped: " +
					"start an adapter of your router by lambda.Start(" + c.guardName(call) + ".Wrap(…)), or build with outguard go build"})
				return true
			}
		}
		return false
	}
	// The handler is wrapped, or there is none.
	if len(call.Args) <= arg || c.wrap.exprs[call] {
		return true
	}
	// The message has the whole call as it should be, to be copied.
	h := text(call.Args[arg])
	c.out.report(finding{kind: kindHandler, at: call, text: "the handler is not wrapped: " + c.wrappedStart(call, f.Name(), h), fix: c.wrapHandler(call, f.Name(), arg)})
	return true
}

// wrappedStart is the fixed call, for a message. Functions that take a lambda.Handler or a type
// parameter do not take what Wrap returns.
func (c *checker) wrappedStart(call *ast.CallExpr, name, handler string) string {
	wrapped := c.guardName(call) + ".Wrap(" + handler + ")"
	// Each function has one that takes what Wrap returns.
	switch name {
	case "StartWithContext":
		return "lambda.StartWithContext(ctx, " + wrapped + ")"
	case "StartHandlerWithContext":
		return "lambda.StartWithOptions(" + wrapped + ", lambda.WithContext(ctx))"
	case "StartWithOptions", "StartHandlerFunc":
		return "lambda.StartWithOptions(" + wrapped + ", …)"
	default:
		return "lambda.Start(" + wrapped + ")"
	}
}
