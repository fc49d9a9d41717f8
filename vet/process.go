package vet

import (
	"go/ast"
	"strings"
)

// escapes are calls that no guard in the process can judge.
// Each fix is what the report says.
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
	// Calls of function values and builtins name no package.
	if f == nil || f.Pkg() == nil {
		return false
	}
	for _, e := range escapes {
		// The names include those of methods.
		if f.Pkg().Path() == e.path && matches(e.names, funcName(f)) {
			c.out.report(finding{kind: kindProcess, at: call, text: text(call.Fun) + ": " + e.fix})
			return true
		}
	}
	return false
}

// cgo reports the first call of C code. The go command has turned C.f into _Cfunc_f already.
func (c *checker) cgo() {
	for n := range c.nodes() {
		// One report for each package is enough.
		if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, "_Cfunc_") && c.out.reportable(id) {
			c.out.report(finding{kind: kindProcess, at: id, text: "calls of C code are not guarded: make calls out in Go"})
			return
		}
	}
}
