// Package built knows whether this binary was built by `outguard go`. It is apart from package
// hooks, which sets it, because it needs nothing. Decisions 32, 33 and 36 say how such a build
// works.
package built

var marked bool

// Mark notes that this binary was built by `outguard go`. Package hooks calls it, during init.
func Mark() { marked = true }

// Is reports whether this binary was built by `outguard go`.
func Is() bool { return marked }
