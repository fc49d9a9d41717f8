package awsmiddleware

import (
	"reflect"
	"strings"
	"sync"
)

// This file copies the input of an operation. The program keeps the original: a later step, another
// goroutine or a context could change it between the verdict and the serializer, and the SDK puts
// the bucket, or the account, of the original into the host.

// frozen returns a copy of an input that shares nothing with it that says on what the call acts.
// Bytes, readers and the items of DynamoDB do not, and stay as they are.
func frozen(input any) any {
	v := reflect.ValueOf(input)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return input
	}
	return freezer(v.Elem().Type().PkgPath()).pointer(v, 0).Interface()
}

// A freezer copies values of the package of an input, and those below it.
type freezer string

// maxDepth is deeper than any service takes.
const maxDepth = 100

// owns reports whether a type belongs to the input's package or to one below it, such as s3/types.
func (f freezer) owns(t reflect.Type) bool {
	rest, ok := strings.CutPrefix(t.PkgPath(), string(f))
	return ok && (rest == "" || rest[0] == '/')
}

// copies reports whether values of a type are copied, beside what is copied with the value that
// they are in.
func (f freezer) copies(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer:
		return t.Elem().Kind() != reflect.Struct || f.owns(t.Elem())
	case reflect.Slice:
		switch t.Elem().Kind() {
		case reflect.String:
			return true
		case reflect.Struct: // which may have such a slice itself
			return f.owns(t.Elem())
		}
		return f.copies(t.Elem())
	case reflect.Map:
		return !isItem(t.Elem())
	case reflect.Interface:
		return f.owns(t) && !isItem(t)
	case reflect.Struct:
		return f.owns(t) && len(f.fields(t)) > 0
	}
	return false
}

// isItem reports whether t is the type of the values in an item of DynamoDB.
func isItem(t reflect.Type) bool {
	return t.Kind() == reflect.Interface && t.Name() == "AttributeValue"
}

// structs has the fields of each struct that are copied: most of an input's are strings.
var structs sync.Map // reflect.Type → []int

// fields returns the indexes of the fields of t that are copied. It computes them once for each
// type.
func (f freezer) fields(t reflect.Type) []int {
	if known, ok := structs.Load(t); ok {
		return known.([]int)
	}
	var all []int
	for i := range t.NumField() {
		// Reflection cannot set fields that are not exported. The SDK has none that decide.
		if field := t.Field(i); field.IsExported() && f.copies(field.Type) {
			all = append(all, i)
		}
	}
	structs.Store(t, all)
	return all
}

// pointer returns a pointer to a copy of what v points to. v is not nil.
func (f freezer) pointer(v reflect.Value, depth int) reflect.Value {
	to := reflect.New(v.Type().Elem())
	to.Elem().Set(v.Elem())
	f.freeze(to.Elem(), depth+1)
	return to
}

// freeze makes v, which can be set and is of a type that is copied or holds some, share nothing.
func (f freezer) freeze(v reflect.Value, depth int) {
	if depth > maxDepth {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, i := range f.fields(v.Type()) {
			f.freeze(v.Field(i), depth+1)
		}
	case reflect.Pointer:
		if !v.IsNil() && f.copies(v.Type()) {
			v.Set(f.pointer(v, depth))
		}
	case reflect.Slice:
		if v.IsNil() || !f.copies(v.Type()) {
			return
		}
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(to, v)
		if f.copies(v.Type().Elem()) {
			for i := range to.Len() {
				f.freeze(to.Index(i), depth+1)
			}
		}
		v.Set(to)
	case reflect.Map:
		if v.IsNil() || !f.copies(v.Type()) {
			return
		}
		// An element of a map cannot be set in place, so each is copied first.
		to := reflect.MakeMapWithSize(v.Type(), v.Len())
		for i := v.MapRange(); i.Next(); {
			to.SetMapIndex(i.Key(), f.value(i.Value(), depth))
		}
		v.Set(to)
	case reflect.Interface:
		if !v.IsNil() && f.copies(v.Type()) {
			v.Set(f.value(v.Elem(), depth))
		}
	}
}

// value returns a copy of v, which need not be one that can be set.
func (f freezer) value(v reflect.Value, depth int) reflect.Value {
	if !f.copies(v.Type()) {
		return v
	}
	to := reflect.New(v.Type()).Elem()
	to.Set(v)
	f.freeze(to, depth+1)
	return to
}
