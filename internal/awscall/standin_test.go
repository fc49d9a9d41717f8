package awscall

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// here is where the calls of these tests are made.
var here = Where{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}

// standIn makes a value from JSON whose type is built like the SDK's inputs: pointers to texts, to
// numbers and to structs, slices of texts and of structs. A key that ends in {} is a map.
func standIn(t testing.TB, text string) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	typ := structLike([]any{v})
	input := reflect.New(typ)
	fill(input.Elem(), v)
	return input.Interface()
}

// structLike returns the struct type that has the members of all the objects.
func structLike(objects []any) reflect.Type {
	members := map[string][]any{}
	for _, o := range objects {
		for key, value := range o.(map[string]any) {
			members[key] = append(members[key], value)
		}
	}
	var fields []reflect.StructField
	for key, values := range members {
		name, isMap := strings.CutSuffix(key, "{}")
		var typ reflect.Type
		if !isMap {
			typ = memberLike(values)
		} else {
			var all []any
			for _, m := range values {
				for _, v := range m.(map[string]any) {
					all = append(all, v)
				}
			}
			typ = reflect.MapOf(reflect.TypeFor[string](), elementLike(all))
		}
		fields = append(fields, reflect.StructField{Name: upperFirst(name), Type: typ})
	}
	slices.SortFunc(fields, func(a, b reflect.StructField) int { return strings.Compare(a.Name, b.Name) })
	return reflect.StructOf(fields)
}

// memberLike returns the type of a struct's member, elementLike that of an element of a slice or a
// map.
func memberLike(values []any) reflect.Type {
	if typ := elementLike(values); typ.Kind() != reflect.Slice {
		return reflect.PointerTo(typ)
	} else {
		return typ
	}
}

func elementLike(values []any) reflect.Type {
	switch v := values[0].(type) {
	case string:
		return reflect.TypeFor[string]()
	case float64:
		return reflect.TypeFor[int32]()
	case bool:
		return reflect.TypeFor[bool]()
	case []any:
		var all []any
		for _, list := range values {
			all = append(all, list.([]any)...)
		}
		return reflect.SliceOf(elementLike(all))
	case map[string]any:
		return structLike(values)
	default:
		panic(fmt.Sprintf("%T", v))
	}
}

func fill(to reflect.Value, from any) {
	switch to.Kind() {
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		fill(to.Elem(), from)
	case reflect.String:
		to.SetString(from.(string))
	case reflect.Int32:
		to.SetInt(int64(from.(float64)))
	case reflect.Bool:
		to.SetBool(from.(bool))
	case reflect.Slice:
		for _, v := range from.([]any) {
			e := reflect.New(to.Type().Elem()).Elem()
			fill(e, v)
			to.Set(reflect.Append(to, e))
		}
	case reflect.Map:
		to.Set(reflect.MakeMap(to.Type()))
		for key, v := range from.(map[string]any) {
			e := reflect.New(to.Type().Elem()).Elem()
			fill(e, v)
			to.SetMapIndex(reflect.ValueOf(key), e)
		}
	case reflect.Struct:
		for key, v := range from.(map[string]any) {
			name, _ := strings.CutSuffix(key, "{}")
			fill(to.FieldByName(upperFirst(name)), v)
		}
	}
}

// describe writes what a call touches, one touch after the other:
//
//	Action,service:Action +AlsoForABlacklist ARN… =alias @owner
//
// "arn:aws:" is left out, "here" stands for the caller's region and account, … for what begins so,
// ? for an unknown resource and for unknown characters, - for none.
func describe(ts *Touches) string {
	var all []string
	for i := range ts.List {
		t := &ts.List[i]
		words := []string{}
		if names := ts.op.names(t.Actions); names != nil {
			words = append(words, strings.Join(names, ","))
		}
		for _, name := range ts.op.names(t.Also) {
			words = append(words, "+"+name)
		}
		switch t.State {
		case Unknown:
			words = append(words, "?")
		case Nothing:
			words = append(words, "-")
		default:
			arn := strings.TrimPrefix(strings.TrimPrefix(t.ARN(), "arn:"), "aws:")
			arn = strings.Replace(arn, ":eu-west-1:111122223333:", ":here:", 1)
			if t.Open {
				arn += "…"
			}
			words = append(words, arn)
		}
		if t.Alias != nil {
			words = append(words, "="+strings.ToValidUTF8(string(t.Alias), "?"))
		}
		if t.Owner != "" {
			words = append(words, "@"+t.Owner)
		}
		all = append(all, strings.Join(words, " "))
	}
	return strings.Join(all, "; ")
}

// names lists the actions of a set, those of other services with their prefix.
func (op *Op) names(set ActionSet) (names []string) {
	for i, a := range op.Actions {
		if !set.Has(i) {
			continue
		}
		if a.Service == op.Service {
			names = append(names, a.Name)
		} else {
			names = append(names, a.Service+":"+a.Name)
		}
	}
	return names
}

// touchesOf describes what a call touches.
func touchesOf(operation string, input any, arns ...string) string {
	return describe(touches(operation, input, arns...))
}

// touches reads a call. operation is "service:Operation".
func touches(operation string, input any, arns ...string) *Touches {
	service, name, _ := strings.Cut(operation, ":")
	var ts Touches
	ts.Of(NewOp(service, name, typeOf(input)), input, arns, &here)
	return &ts
}

func typeOf(input any) reflect.Type { return reflect.TypeOf(input) }
