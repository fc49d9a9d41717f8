// Package buildmark knows whether this binary was built by `outguard go`. It is apart from package
// buildhooks, which sets it, because it needs nothing. Decisions 32, 33 and 36 say how such a build
// works, and decision 44 why packages are named as they are.
package buildmark

var marked bool

// Mark notes that this binary was built by `outguard go`. Package buildhooks calls it, during init.
func Mark() { marked = true }

// Is reports whether this binary was built by `outguard go`.
func Is() bool { return marked }
