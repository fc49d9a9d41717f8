package awscall

import (
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The shapes that the SDK's inputs are made of.
type (
	shapes struct {
		_       [3]byte // so that offsets are not all multiples of a word
		Text    *string
		Plain   string
		Kind    kind
		Number  *int32
		Long    int64
		Flag    bool
		Inside  inner
		Below   *inner
		List    []inner
		Lists   []*inner
		Texts   []string
		Keys    map[string]inner
		Values  map[string]*inner
		Words   map[string][]string
		Union   aUnion
		Unions  []aUnion
		Numbers map[int]string
	}
	inner struct {
		_    bool
		Name *string
		More *inner
	}
	kind   string
	aUnion interface{ isUnion() }

	UnionMemberS    struct{ Value string }
	UnionMemberDeep struct{ Value inner }
	UnionMemberL    struct{ Value []string }
)

func (*UnionMemberS) isUnion()    {}
func (*UnionMemberDeep) isUnion() {}
func (UnionMemberL) isUnion()     {}

func full() *shapes {
	p := func(s string) *string { return &s }
	n := int32(7)
	in := inner{Name: p("in"), More: &inner{Name: p("more")}}
	return &shapes{
		Text: p("text"), Plain: "plain", Kind: "kind", Number: &n, Long: -8, Inside: in, Below: &in,
		List:   []inner{{Name: p("a")}, {}, {Name: p("c"), More: &inner{Name: p("d")}}},
		Lists:  []*inner{{Name: p("e")}, nil, {Name: p("")}},
		Texts:  []string{"x", "", "z"},
		Keys:   map[string]inner{"k": {Name: p("v")}},
		Values: map[string]*inner{"k": {Name: p("w")}},
		Words:  map[string][]string{"k": {"one", "two"}},
		Union:  &UnionMemberDeep{Value: in},
		Unions: []aUnion{&UnionMemberS{"s"}, nil, UnionMemberL{[]string{"l"}}, (*UnionMemberS)(nil)},
	}
}

// readAll reads what is at a place of a value.
func readAll(place string, v any) (got []string, ok bool) {
	p := newPath(reflect.TypeOf(v).Elem(), place)
	if p == nil {
		return nil, false
	}
	s := &step{paths: []path{p}, defaults: []string{""}, parse: func(_ *Touches, _ *step, values []string) { got = append(got, values[0]) }}
	found := (&Touches{}).follow(reflect.ValueOf(v).UnsafePointer(), p, s, nil)
	return got, found == (got != nil)
}

func TestPathReadsWhatIsThere(t *testing.T) {
	for place, want := range map[string][]string{
		"Text": {"text"}, "text": {"text"}, "Plain": {"plain"}, "Kind": {"kind"}, "Number": {"7"}, "Long": {"-8"},
		"Inside.Name": {"in"}, "Inside.More.Name": {"more"}, "Below.Name": {"in"}, "Below.More.Name": {"more"}, "Below.More.More.Name": nil,
		"List[].Name": {"a", "c"}, "List[].More.Name": {"d"}, "Lists[].Name": {"e"}, "Texts[]": {"x", "z"},
		"Keys{}": {"k"}, "Keys[].Name": {"v"}, "Values{}": {"k"}, "Values[].Name": {"w"}, "Words[][]": {"one", "two"},
		"Union.Deep.Name": {"in"}, "Union.Deep.More.Name": {"more"}, "Union.S": nil, "Unions[].S": {"s"}, "Unions[].L[]": {"l"}, "Unions[].Deep.Name": nil,
	} {
		got, ok := readAll(place, full())
		assert.True(t, ok, place)
		assert.Equal(t, want, got, place)
		got, ok = readAll(place, &shapes{})
		assert.True(t, ok && len(got) == 0 || place == "Long", "%s of an empty input: %q", place, got)
	}
}

// What is set but empty is not there.
func TestThere(t *testing.T) {
	empty, no := "", false
	none := &shapes{
		Text: &empty, Texts: []string{}, List: []inner{}, Lists: []*inner{}, Keys: map[string]inner{},
		Values: map[string]*inner{}, Words: map[string][]string{}, Unions: []aUnion{}, Flag: no,
	}
	set := full()
	set.Flag = true
	for _, place := range []string{"Text", "Plain", "Kind", "Flag", "Texts", "List", "Lists", "Keys", "Values", "Words", "Below.Name", "Below", "Union"} {
		p := newPath(reflect.TypeFor[shapes](), place+"#")
		require.NotNil(t, p, place)
		assert.True(t, there(unsafe.Pointer(set), p), place)
		assert.False(t, there(unsafe.Pointer(&shapes{}), p), place)
		assert.False(t, there(unsafe.Pointer(none), p), "%s is empty", place)
	}
	assert.Nil(t, newPath(reflect.TypeFor[shapes](), "No#"))
}

func TestPathRefusesWhatATypeHasNot(t *testing.T) {
	for _, place := range []string{"No", "Text.Name", "Inside", "Inside.No", "List", "List.Name", "Text[]", "Plain{}", "Flag", "Numbers{}", "Numbers", "Keys", "Texts", "Below.More"} {
		_, ok := readAll(place, full())
		assert.False(t, ok, place)
	}
}

// TestPathIsReflection compares with a walk by reflection over every place of the type that ends in
// a text.
func TestPathIsReflection(t *testing.T) {
	v := full()
	var walk func(t reflect.Type, place string, values []reflect.Value, depth int)
	compared := 0
	walk = func(typ reflect.Type, place string, values []reflect.Value, depth int) {
		if depth > 8 {
			return
		}
		switch typ.Kind() {
		case reflect.Pointer:
			var below []reflect.Value
			for _, v := range values {
				if !v.IsNil() {
					below = append(below, v.Elem())
				}
			}
			walk(typ.Elem(), place, below, depth+1)
		case reflect.Struct:
			for i := range typ.NumField() {
				if f := typ.Field(i); f.IsExported() {
					var below []reflect.Value
					for _, v := range values {
						below = append(below, v.Field(i))
					}
					sep := "."
					if place == "" {
						sep = ""
					}
					walk(f.Type, place+sep+f.Name, below, depth+1)
				}
			}
		case reflect.Slice:
			var below []reflect.Value
			for _, v := range values {
				for i := range v.Len() {
					below = append(below, v.Index(i))
				}
			}
			walk(typ.Elem(), place+"[]", below, depth+1)
		case reflect.String:
			var want []string
			for _, v := range values {
				if v.Len() > 0 {
					want = append(want, v.String())
				}
			}
			got, ok := readAll(place, v)
			require.True(t, ok, place)
			assert.Equal(t, want, got, place)
			compared++
		}
	}
	walk(reflect.TypeFor[shapes](), "", []reflect.Value{reflect.ValueOf(v).Elem()}, 0)
	assert.Greater(t, compared, 10)
}

func TestWalkLeavesAnInputOfAnotherTypeAlone(t *testing.T) {
	type a struct{ TableName *string }
	type b struct{ TableName int }
	op := NewOp("dynamodb", "GetItem", reflect.TypeFor[*a]())
	name := "orders"
	for _, input := range []any{&b{1}, b{1}, a{&name}, (*a)(nil)} {
		var ts Touches
		ts.Of(op, input, nil, &Where{})
		assert.Equal(t, []State{Unknown}, states(&ts), "%T", input)
	}
	var ts Touches
	ts.Of(op, &a{&name}, nil, &Where{})
	assert.Equal(t, []State{Known}, states(&ts))
	ts.Of(NewOp("dynamodb", "GetItem", reflect.TypeFor[a]()), a{&name}, nil, &Where{})
	assert.Equal(t, []State{Known}, states(&ts))
}

func states(ts *Touches) (all []State) {
	for i := range ts.List {
		all = append(all, ts.List[i].State)
	}
	return slices.Clip(all)
}
