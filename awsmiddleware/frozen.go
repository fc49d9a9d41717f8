package awsmiddleware

import (
	"context"
	"reflect"
	"strings"
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

// isForeign reports whether a context of others' making is in ctx. Its Value is called while the
// serializer runs, and could change the input that has been judged.
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

// frozen returns a deep copy of an input. Readers stay as they are: their content does not say
// on what a call acts.
func frozen(input any) any {
	v := reflect.ValueOf(input)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return input
	}
	f := freezer(v.Elem().Type().PkgPath())
	return f.copy(v, 0).Interface()
}

// A freezer copies values of the package of an input, and those below it.
type freezer string

// maxDepth is deeper than any service takes.
const maxDepth = 100

func (f freezer) owns(t reflect.Type) bool {
	return t.PkgPath() == string(f) || strings.HasPrefix(t.PkgPath(), string(f)+"/")
}

func (f freezer) copy(v reflect.Value, depth int) reflect.Value {
	if depth > maxDepth {
		return v
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || v.Elem().Kind() == reflect.Struct && !f.owns(v.Elem().Type()) {
			return v
		}
		to := reflect.New(v.Elem().Type())
		to.Elem().Set(f.copy(v.Elem(), depth+1))
		return to
	case reflect.Struct:
		to := reflect.New(v.Type()).Elem()
		to.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				to.Field(i).Set(f.copy(v.Field(i), depth+1))
			}
		}
		return to
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			to.Index(i).Set(f.copy(v.Index(i), depth+1))
		}
		return to
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		to := reflect.MakeMapWithSize(v.Type(), v.Len())
		for i := v.MapRange(); i.Next(); {
			to.SetMapIndex(i.Key(), f.copy(i.Value(), depth+1))
		}
		return to
	case reflect.Interface:
		if v.IsNil() || !f.owns(v.Type()) {
			return v
		}
		return f.copy(v.Elem(), depth+1)
	}
	return v
}
