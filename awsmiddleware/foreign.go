package awsmiddleware

import (
	"context"
	"reflect"
	"sync"
)

// contexts has, for each type of context, the field that holds its parent; noParent for a root, and
// unknown for a type of others, whose Value may do anything.
var contexts sync.Map // reflect.Type → int

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

func parentOf(t reflect.Type) int {
	if field, ok := contexts.Load(t); ok {
		return field.(int)
	}
	field := findParent(t)
	contexts.Store(t, field)
	return field
}

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
