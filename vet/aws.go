package vet

import (
	"go/ast"
	"go/types"
	"strings"
)

// Import paths that the checks compare, without major versions.
const (
	awsPath    = "github.com/aws/aws-sdk-go-v2/aws"
	configPath = "github.com/aws/aws-sdk-go-v2/config"
	service    = "github.com/aws/aws-sdk-go-v2/service/"
	sdkPath    = "github.com/aws/aws-sdk-go-v2/"
	v1Session  = "github.com/aws/aws-sdk-go/aws/session"
)

// isService reports whether a path is a service package of the SDK, and not one below it such as
// types.
func isService(path string) bool {
	name, ok := strings.CutPrefix(path, service)
	return ok && !strings.Contains(name, "/")
}

// awsCall reports configs and clients of the AWS SDK that the option AWS() does not reach.
func (c *checker) awsCall(call *ast.CallExpr) bool {
	f := c.callee(call)
	// A call of a function value has no name to look up.
	switch {
	case f == nil || f.Pkg() == nil:
		return false
	// LoadDefaultConfig takes options, so that the fix can add one.
	case isFunc(f, configPath, "LoadDefaultConfig"):
		if !c.configReached(call) {
			c.out.report(finding{kind: kindAWS, at: call, text: "AWS clients made from this config are not guarded: add config.WithAPIOptions(" + c.awsOption(call) + ")",
				fix: c.addConfigOption(call)})
		}
	// aws.NewConfig takes none; the field must be set afterwards.
	case isFunc(f, awsPath, "NewConfig"):
		if !c.configReached(call) {
			c.out.report(finding{kind: kindAWS, at: call, text: "this aws.Config is not guarded: cfg.APIOptions = " + c.awsOption(call)})
		}
	// s3.New(s3.Options{…}) needs no config.
	case isService(plain(f.Pkg().Path())) && f.Name() == "New" && c.isServicePackage(f):
		if !c.aws.has(call) {
			c.out.report(finding{kind: kindAWS, at: call, text: "this AWS client is not guarded: set Options.APIOptions to " + c.awsOption(call)})
		}
	case isService(plain(f.Pkg().Path())) && f.Name() == "NewFromConfig":
		return c.foreignConfig(call)
	// Version 1 has no middleware of smithy, and cannot be guarded by operation.
	case isFunc(f, v1Session, "New", "NewSession", "NewSessionWithOptions"):
		c.out.report(finding{kind: kindAWSv1, at: call, text: "version 1 of the AWS SDK has no option for a guard, so only its HTTP requests are judged: " +
			"move to aws-sdk-go-v2 with " + c.awsOption(call)})
	default:
		return false
	}
	return true
}

// isServicePackage is false for functions New that do not make a client.
func (c *checker) isServicePackage(f *types.Func) bool {
	sig := f.Type().(*types.Signature)
	return sig.Results().Len() == 1 && isType(sig.Results().At(0).Type(), plain(f.Pkg().Path()), "Client")
}

// foreignConfig reports a client whose config comes from a function of another module, where this
// analyzer does not see how it was loaded.
func (c *checker) foreignConfig(call *ast.CallExpr) bool {
	// With an option at this call, it does not matter where the config comes from.
	if len(call.Args) == 0 || c.aws.has(call) {
		return false
	}
	e := ast.Unparen(call.Args[0])
	// NewFromConfig(*cfg) and NewFromConfig(cfg).
	if star, ok := e.(*ast.StarExpr); ok {
		e = ast.Unparen(star.X)
	}
	if id, ok := e.(*ast.Ident); ok {
		// The config has been guarded after it was made.
		if c.aws.objects[c.object(id)] {
			return false
		}
		e = c.definition(c.info.Uses[id])
	}
	from, ok := e.(*ast.CallExpr)
	if !ok || !isType(first(c.info.TypeOf(from)), awsPath, "Config") {
		return false
	}
	f := c.callee(from)
	// The own module is analyzed, package by package; the SDK's own functions are reported above.
	if f == nil || f.Pkg() == nil || c.within(f.Pkg().Path()) || strings.HasPrefix(plain(f.Pkg().Path())+"/", sdkPath) {
		return false
	}
	c.out.report(finding{kind: kindAWS, at: call, text: "this AWS client may not be guarded, because its config comes from " + f.Pkg().Name() + "." + funcName(f) +
		": add an option that appends " + c.awsOption(call) + " to APIOptions"})
	return true
}

// first returns the first result of a call, or the type itself.
func first(t types.Type) types.Type {
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		return tuple.At(0).Type()
	}
	return t
}

// configLit reports literals of aws.Config.
func (c *checker) configLit(lit *ast.CompositeLit) bool {
	if !isType(c.info.TypeOf(lit), awsPath, "Config") {
		return false
	}
	// return aws.Config{}, err beside an error is not a config that a client is made from.
	if ret, ok := c.parent[lit].(*ast.ReturnStmt); ok && len(lit.Elts) == 0 && len(ret.Results) == 2 {
		return true
	}
	if !c.configReached(lit) {
		c.out.report(finding{kind: kindAWS, at: lit, text: "this aws.Config is not guarded: add APIOptions: " + c.awsOption(lit), fix: c.addField(lit)})
	}
	return true
}

// configReached reports whether the option reaches a config, or each of the clients made from it.
func (c *checker) configReached(e ast.Expr) bool {
	if c.aws.exprs[e] {
		return true
	}
	return c.configFlows(c.flow(e))
}

// configGuarded is configReached for a variable without a value: var cfg aws.Config.
func (c *checker) configGuarded(o types.Object) bool {
	f := c.empty()
	f.strict = true
	f.object(o)
	return c.configFlows(f)
}

func (c *checker) configFlows(f *reach) bool {
	clients, guarded := 0, 0
	// Each client that is made from the config may have an option of its own.
	for n := range f.exprs {
		call, ok := c.parent[n].(*ast.CallExpr)
		if !ok || n == call.Fun {
			continue
		}
		to := c.callee(call)
		if to == nil || to.Pkg() == nil || to.Name() != "NewFromConfig" && !isService(plain(to.Pkg().Path())) {
			continue
		}
		clients++
		if c.aws.exprs[call] {
			guarded++
		}
	}
	for o := range f.objects {
		if c.aws.objects[o] {
			return true
		}
	}
	// One client without the option is enough for a report.
	return clients > 0 && clients == guarded
}

// onlyDeclared reports whether a variable gets its value from another place, which is judged there.
func (c *checker) onlyDeclared(o types.Object) bool {
	// The variable is a target: assigned to, or given by its address.
	for _, id := range c.uses[o] {
		e := c.whole(id)
		switch p := c.parent[e].(type) {
		case *ast.AssignStmt:
			if isLHS(p, e) {
				return true
			}
		case *ast.UnaryExpr:
			return true
		}
	}
	return len(c.uses[o]) == 0
}
