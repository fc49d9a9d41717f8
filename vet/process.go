package vet

import (
	"go/ast"
	"path/filepath"
	"strings"
)

// escapes are calls that no guard in the process can judge.
var escapes = []struct{ path, names, fix string }{
	{"os/exec", "Command CommandContext", "a child process is not guarded: do the work in Go, or give it no network"},
	{"os", "StartProcess", "a child process is not guarded: do the work in Go, or give it no network"},
	{"syscall", "Exec ForkExec StartProcess", "a child process is not guarded: do the work in Go, or give it no network"},
	{"golang.org/x/sys/unix", "Exec", "a child process is not guarded: do the work in Go, or give it no network"},
	{"syscall", "Connect Sendto Sendmsg SendmsgN", "a raw socket is not guarded: dial with httpguard.DialContext(g, nil)"},
	{"golang.org/x/sys/unix", "Connect Sendto Sendmsg SendmsgN SendmsgBuffers", "a raw socket is not guarded: dial with httpguard.DialContext(g, nil)"},
	{"syscall", "Syscall Syscall6 Syscall9 RawSyscall RawSyscall6", "a raw system call is not guarded: use a function of Go's libraries"},
	{"golang.org/x/sys/unix", "Syscall Syscall6 RawSyscall RawSyscall6", "a raw system call is not guarded: use a function of Go's libraries"},
	{"plugin", "Open", "code of a plugin is not seen before it runs: link it into the function"},
}

// process reports child processes, raw sockets and raw system calls.
func (c *checker) process(call *ast.CallExpr) bool {
	f := c.callee(call)
	if f == nil || f.Pkg() == nil {
		return false
	}
	for _, e := range escapes {
		if f.Pkg().Path() == e.path && matches(e.names, funcName(f)) {
			c.out.report(finding{kind: kindProcess, at: call, text: text(call.Fun) + ": " + e.fix})
			return true
		}
	}
	return false
}

// cgo reports the first file of the package with C code. The go command has replaced its
// import "C" already.
func (c *checker) cgo() {
	generated := false
	for _, f := range c.pass.Files {
		name := filepath.Base(c.pass.Fset.File(f.FileStart).Name())
		generated = generated || name == "_cgo_gotypes.go"
		for _, spec := range f.Imports {
			if spec.Path.Value == `"C"` {
				c.cgoAt(spec)
				return
			}
		}
	}
	if !generated {
		return
	}
	for n := range c.nodes() {
		if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, "_Cfunc_") && c.out.reportable(id) {
			c.cgoAt(id)
			return
		}
	}
}

func (c *checker) cgoAt(n ast.Node) {
	c.out.report(finding{kind: kindProcess, at: n, text: "calls of C code are not guarded: make calls out in Go"})
}
