package vet

import (
	"go/types"
	"strings"
)

// plain returns an import path without its major version and without a vendor folder:
// github.com/jackc/pgx/pgxpool for github.com/jackc/pgx/v5/pgxpool.
func plain(path string) string {
	// /vendor/ is in paths of packages that are built from such a folder.
	if i := strings.LastIndex(path, "/vendor/"); i >= 0 {
		path = path[i+len("/vendor/"):]
	}
	return major.ReplaceAllString(path, "$1$2")
}

// named returns the plain import path and the name of a type or of what a pointer points to.
func named(t types.Type) (path, name string) {
	if t == nil {
		return "", ""
	}
	// An alias stands for its type.
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	// error and other types of the universe have no package.
	if !ok || n.Obj().Pkg() == nil {
		return "", ""
	}
	return plain(n.Obj().Pkg().Path()), n.Obj().Name()
}

// isType reports whether t is, or points to, the named type.
func isType(t types.Type, path, name string) bool {
	p, n := named(t)
	return p == path && n == name
}

// isFunc reports whether f is a function of a package with one of the names; "T.m" is the method m.
func isFunc(f *types.Func, path string, names ...string) bool {
	if f == nil || f.Pkg() == nil || plain(f.Pkg().Path()) != path {
		return false
	}
	// A method counts with its receiver's type, also in an interface.
	got := funcName(f)
	for _, name := range names {
		if got == name {
			return true
		}
	}
	return false
}

// funcName returns "Name", or "Type.Name" for a method.
func funcName(f *types.Func) string {
	sig, ok := f.Type().(*types.Signature)
	if !ok || sig.Recv() == nil {
		return f.Name()
	}
	_, recv := named(sig.Recv().Type())
	return recv + "." + f.Name()
}
