package vet

import (
	"go/ast"
	"go/types"
	"strings"
)

const (
	awsPath    = "github.com/aws/aws-sdk-go-v2/aws"
	configPath = "github.com/aws/aws-sdk-go-v2/config"
	service    = "github.com/aws/aws-sdk-go-v2/service/"
	sdkPath    = "github.com/aws/aws-sdk-go-v2/"
	v1Session  = "github.com/aws/aws-sdk-go/aws/session"
)

func isService(path string) bool {
	name, ok := strings.CutPrefix(path, service)
	return ok && !strings.Contains(name, "/")
}

// awsCall reports configs and clients of the AWS SDK that the option AWS() does not reach.
func (c *checker) awsCall(call *ast.CallExpr) bool {
	f := c.callee(call)
	switch {
	case f == nil || f.Pkg() == nil:
		return false
	case isFunc(f, configPath, "LoadDefaultConfig"):
		if !c.configReached(call) {
			c.out.report(finding{kind: kindAWS, at: call, text: "AWS clients made from this config are not guarded: add config.WithAPIOptions(" + c.awsOption(call) + ")",
				fix: c.addConfigOption(call)})
		}
	case isFunc(f, awsPath, "NewConfig"):
		if !c.configReached(call) {
			c.out.report(finding{kind: kindAWS, at: call, text: "this aws.Config is not guarded: cfg.APIOptions = " + c.awsOption(call)})
		}
	case isService(plain(f.Pkg().Path())) && f.Name() == "New" && c.isServicePackage(f):
		if !c.aws.has(call) {
			c.out.report(finding{kind: kindAWS, at: call, text: "this AWS client is not guarded: set Options.APIOptions to " + c.awsOption(call)})
		}
	case isService(plain(f.Pkg().Path())) && f.Name() == "NewFromConfig":
		return c.foreignConfig(call)
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
	if len(call.Args) == 0 || c.aws.has(call) {
		return false
	}
	e := ast.Unparen(call.Args[0])
	if star, ok := e.(*ast.StarExpr); ok {
		e = ast.Unparen(star.X)
	}
	if id, ok := e.(*ast.Ident); ok {
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
	if f == nil || f.Pkg() == nil || c.within(f.Pkg().Path()) || strings.HasPrefix(plain(f.Pkg().Path())+"/", sdkPath) {
		return false
	}
	c.out.report(finding{kind: kindAWS, at: call, text: "this AWS client may not be guarded, because its config comes from " + f.Pkg().Name() + "." + funcName(f) +
		": add an option that appends " + c.awsOption(call) + " to APIOptions"})
	return true
}

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

func (c *checker) configGuarded(o types.Object) bool {
	f := c.empty()
	f.strict = true
	f.object(o)
	return c.configFlows(f)
}

func (c *checker) configFlows(f *reach) bool {
	clients, guarded := 0, 0
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
	return clients > 0 && clients == guarded
}

// onlyDeclared reports whether a variable gets its value from another place, which is judged there.
func (c *checker) onlyDeclared(o types.Object) bool {
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
