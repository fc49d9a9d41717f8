package awsmiddleware

import (
	"context"
	"reflect"
	"sync"
)

// contexts has, for each type of context, the field that holds its parent; noParent for a root, and
// unknown for a type of others, whose Value may do anything.
var contexts sync.Map // reflect.Type → int

// module begins the import paths whose contexts are not foreign: their Value runs no code of the
// program.
const module = "github.com/outguard/outguard/"

const (
	noParent = -1
	unknown  = -2
)

// isForeign reports whether a context of others' making is in ctx. Its Value is called while an
// attempt is judged or signed, and could change the request.
func isForeign(ctx context.Context) bool {
	v := reflect.ValueOf(ctx)
	var last reflect.Type // most are of one type, that of context.WithValue
	field := unknown
	// A handler adds a few values at most. The limit ends a chain that a program makes in a loop.
	for range 1000 {
		for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if !v.IsValid() {
			return true
		}
		if t := v.Type(); t != last {
			last, field = t, parentOf(t)
		}
		switch field {
		case noParent:
			return false
		case unknown:
			return true
		}
		v = v.Field(field)
	}
	return true
}

// parentOf returns the field of a context's type as contexts has it. Reflection runs once for each
// type.
func parentOf(t reflect.Type) int {
	if field, ok := contexts.Load(t); ok {
		return field.(int)
	}
	field := findParent(t)
	contexts.Store(t, field)
	return field
}

// findParent finds the field that holds the parent. Only the packages listed here are known to pass
// Value on.
func findParent(t reflect.Type) int {
	switch t.PkgPath() {
	case "context", module + "guard", module + "netguard", module + "internal/judged":
	default:
		return unknown
	}
	if t.Kind() != reflect.Struct {
		return unknown
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == reflect.TypeFor[context.Context]() {
			return i
		}
	}
	for i := range t.NumField() { // a timerCtx has a cancelCtx in it
		if f := t.Field(i); f.Anonymous && f.Type.Kind() == reflect.Struct && f.Type.PkgPath() == t.PkgPath() && findParent(f.Type) != unknown {
			return i
		}
	}
	if t.PkgPath() == "context" {
		return noParent // the background
	}
	return unknown
}
