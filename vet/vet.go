// Package vet has an analyzer that finds outbound calls which Outguard does not guard. The command
// outguard-vet runs it, by itself or under go vet.
//
// The analyzer looks for the places where a way to call out begins: a transport, an AWS config, a
// database driver, a child process. It then looks whether a guard's value reaches that place, see
// reach.go. docs/vet.md says what it finds and what it does not follow.
package vet

import (
	"go/ast"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const doc = `report outbound calls that Outguard does not guard

The outguard analyzer reports each place where a way to call out begins and no
guard covers it: HTTP transports, AWS configs, database drivers, libraries with
a transport of their own, child processes, handlers that are not wrapped, and
calls before the guard is loaded. Each finding has its fix.

A comment on the line, or alone on the line above, accepts a finding. It needs
a reason:

	exec.Command("git") //outguard:ok reads a local repository`

// Where the messages' links lead to.
const site = "https://github.com/outguard/outguard/blob/main/docs/"

// Analyzer reports outbound calls that Outguard does not guard.
var Analyzer = &analysis.Analyzer{
	Name: "outguard",
	Doc:  doc,
	URL:  site + "vet.md",
	Run:  run,
}

// The value of -skip; newReporter checks it.
var skip string

func init() {
	Analyzer.Flags.StringVar(&skip, "skip", "", "kinds of findings to leave out, separated by commas: "+strings.Join(kindNames(), ", "))
}

// A kind is a kind of finding. Its name is the category of a diagnostic and a heading of
// docs/vet.md.
type kind string

// The names are a part of the interface: scripts use them for -skip and in reports.
const (
	kindTransport kind = "transport"
	kindDefault   kind = "default"
	kindAWS       kind = "aws"
	kindAWSv1     kind = "aws-v1"
	kindModules   kind = "aws-modules"
	kindHandler   kind = "handler"
	kindEarly     kind = "early"
	kindDriver    kind = "driver"
	kindLibrary   kind = "library"
	kindDial      kind = "dial"
	kindProcess   kind = "process"
	kindComment   kind = "comment"
)

var kinds = []kind{kindTransport, kindDefault, kindAWS, kindAWSv1, kindModules, kindHandler, kindEarly, kindDriver, kindLibrary,
	kindDial, kindProcess, kindComment}

// kindNames returns the names of all kinds, for messages.
func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return names
}

// A checker has what the checks of one package need.
type checker struct {
	*index
	call, aws, wrap *reach // what the guards of requests and dials, of AWS calls and of handlers reach
	out             *reporter
}

// run analyzes one package.
func run(pass *analysis.Pass) (any, error) {
	out, err := newReporter(pass, skip)
	if err != nil {
		return nil, err
	}
	x := newIndex(pass)
	c := &checker{index: x, out: out}
	c.call, c.aws, c.wrap = x.reach(isCallGuard), x.reach(isAWSGuard), x.reach(isWrap)
	c.call.trust(givesCalls)
	c.aws.trust(givesAPIOptions)

	c.modules()
	c.cgo()
	c.early()
	// The order of the source is that of reports.
	for n := range x.nodes() {
		switch n := n.(type) {
		case *ast.CallExpr:
			c.callExpr(n)
		case *ast.CompositeLit:
			c.literal(n)
		case *ast.ValueSpec:
			c.zeroValue(n)
		case *ast.AssignStmt:
			c.assignment(n)
		}
	}
	out.flush()
	return nil, nil
}

// callExpr runs the checks that start at a call. The first that reports ends it: one call is one
// finding.
func (c *checker) callExpr(call *ast.CallExpr) {
	// start is first: a handler is more than a call of a library.
	for _, check := range []func(*ast.CallExpr) bool{c.start, c.awsCall, c.newTransport, c.register, c.row, c.process} {
		if check(call) {
			return
		}
	}
}

// literal runs the checks that start at a literal.
func (c *checker) literal(lit *ast.CompositeLit) {
	for _, check := range []func(*ast.CompositeLit) bool{c.transportLit, c.configLit, c.rowLit} {
		if check(lit) {
			return
		}
	}
}
