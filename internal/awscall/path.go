package awscall

import (
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// A path leads from a struct to the texts and numbers at one place in it, by offsets. It is made
// once from the type and holds only for values of that type. Reading along it costs a third of what
// reflect does.
type path []hop

// A hop goes offset bytes forward and treats what is there by its kind.
type hop struct {
	offset uintptr
	kind   hopKind
	size   uintptr      // of a slice's element
	below  path         // leads on from an element of a slice or a map
	of     reflect.Type // of a map, or of a union's interface
	rest   string       // leads on from a union, each of whose members has a type of its own
}

type hopKind uint8

const (
	pointer hopKind = iota // the path leads on from what it points to
	text                   // a string; a path ends in this kind or a later one
	int32Number
	int64Number
	each  // every element of a slice
	value // every value of a map
	key   // every key of a map, whose keys are strings
	union
	flag // a bool
	some // whether a slice or a map has elements; a path with it is for there, and not for follow
	set  // a struct behind a pointer; for there, too
)

// TypeOf returns what identifies the type of an input, nil for none. A reflect.Type would do, but
// is slower to hash.
func TypeOf(input any) unsafe.Pointer {
	typ, _ := words(input)
	return typ
}

// words returns the two words that an interface consists of: its type and, for a pointer, the
// pointer. package reflect takes the twentieth part of a decision to get at them.
func words(input any) (typ, pointer unsafe.Pointer) {
	w := (*[2]unsafe.Pointer)(unsafe.Pointer(&input))
	return w[0], w[1]
}

// newPath finds a place in a type: "TransactItems[].Put.TableName", "RequestItems{}". It returns
// nil if the type has no such place.
func newPath(t reflect.Type, place string) path {
	// Pointers and unions are followed before the place is looked at: they are between any two
	// names.
	switch {
	case t.Kind() == reflect.Pointer:
		if p := newPath(t.Elem(), place); p != nil {
			return append(path{{kind: pointer}}, p...)
		}
	case t.Kind() == reflect.Interface:
		return path{{kind: union, of: t, rest: place}}
	// The end of the place: a text or a number names something, other types do not.
	case place == "":
		switch t.Kind() {
		case reflect.String:
			return path{{kind: text}}
		case reflect.Int32:
			return path{{kind: int32Number}}
		case reflect.Int64:
			return path{{kind: int64Number}}
		}
	// "#" asks only whether the member is set.
	case place == "#":
		switch t.Kind() {
		case reflect.String:
			return path{{kind: text}}
		case reflect.Bool:
			return path{{kind: flag}}
		case reflect.Slice:
			return path{{kind: some}}
		case reflect.Map:
			return path{{kind: some, of: t}}
		case reflect.Struct:
			return path{{kind: set}}
		}
	// "RequestItems{}": the keys are the names of tables.
	case place == "{}":
		if t.Kind() == reflect.Map && t.Key().Kind() == reflect.String {
			return path{{kind: key, of: t}}
		}
	// "[]" stands for the elements of a list, and for the values of a map.
	case strings.HasPrefix(place, "[]"):
		h := hop{kind: each, of: t}
		switch t.Kind() {
		case reflect.Slice:
			h.size = t.Elem().Size()
		case reflect.Map:
			h.kind = value
		default:
			return nil
		}
		if h.below = newPath(t.Elem(), place[2:]); h.below != nil {
			return path{h}
		}
	case t.Kind() == reflect.Struct:
		name, rest := cutName(place)
		// A field that is embedded has two indexes. The SDK's inputs have none.
		if f, ok := fieldNamed(t, name); ok && len(f.Index) == 1 {
			if p := newPath(f.Type, rest); p != nil {
				p[0].offset += f.Offset
				return p
			}
		}
	}
	return nil
}

// cutName cuts the first name off a place.
func cutName(place string) (name, rest string) {
	place = strings.TrimPrefix(place, ".")
	for i := range len(place) {
		switch place[i] {
		case '.', '[', '{', '#':
			return place[:i], place[i:]
		}
	}
	return place, ""
}

// fieldNamed finds a field by the name that its member has in the service's model, which may begin
// with a lower-case letter.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	return t.FieldByName(upperFirst(name))
}

// upperFirst returns a name as the SDK's generator writes it.
func upperFirst(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// follow reads what is at the end of a path. v points to a value of the path's type. Each text
// there is given to the step, behind the values that it has read before. It reports whether there
// was one.
// See decision 7.
func (ts *Touches) follow(v unsafe.Pointer, p path, s *step, values []string) (found bool) {
	// Each hop moves v to where the next one begins.
	for i := range p {
		h := &p[i]
		v = unsafe.Add(v, h.offset)
		switch h.kind {
		case pointer:
			if v = *(*unsafe.Pointer)(v); v == nil {
				return ts.missing(s, values)
			}
		case text:
			if text := *(*string)(v); text != "" {
				return ts.value(text, s, values)
			}
		case int32Number:
			return ts.value(strconv.FormatInt(int64(*(*int32)(v)), 10), s, values)
		case int64Number:
			return ts.value(strconv.FormatInt(*(*int64)(v), 10), s, values)
		case each:
			// The type of the elements does not matter here: h.size is their size.
			list := *(*[]byte)(v) // any slice begins with its address and length
			next := &h.below[0]
			for i := range len(list) {
				e := unsafe.Add(unsafe.Pointer(unsafe.SliceData(list)), uintptr(i)*h.size)
				if next.kind == pointer && *(*unsafe.Pointer)(unsafe.Add(e, next.offset)) == nil {
					found = ts.missing(s, values) || found // most members of a transaction's items are nil
					continue
				}
				found = ts.follow(e, h.below, s, values) || found
			}
			return found
		// Maps and unions have no fixed layout, and need reflect.
		case value, key:
			return ts.mapped(v, h, s, values)
		case union:
			return ts.member(v, h, s, values)
		}
	}
	return ts.missing(s, values)
}

// there reports whether what a path with "#" at its end leads to is set: a text that is not empty,
// a list or a map that has elements, true, a union, a document or a struct. v points to a value of
// the path's type.
func there(v unsafe.Pointer, p path) bool {
	for i := range p {
		h := &p[i]
		v = unsafe.Add(v, h.offset)
		switch h.kind {
		case pointer:
			if v = *(*unsafe.Pointer)(v); v == nil {
				return false
			}
		case text:
			return *(*string)(v) != ""
		case flag:
			return *(*bool)(v)
		case some:
			// A map is one pointer, which is nil for none.
			if h.of != nil {
				return *(*unsafe.Pointer)(v) != nil && reflect.NewAt(h.of, v).Elem().Len() > 0
			}
			return len(*(*[]byte)(v)) > 0 // any slice begins with its address and length
		case union:
			return *(*unsafe.Pointer)(v) != nil // an interface begins with its type
		default:
			return true // the pointers on the way are set
		}
	}
	return false
}

// mapped goes on with every value, or every key, of a map.
func (ts *Touches) mapped(v unsafe.Pointer, h *hop, s *step, values []string) (found bool) {
	for it := reflect.NewAt(h.of, v).Elem().MapRange(); it.Next(); {
		if h.kind == key {
			found = ts.value(it.Key().String(), s, values) || found
			continue
		}
		// A value of a map has no address of its own, and is copied.
		e := reflect.New(h.of.Elem())
		e.Elem().SetIterValue(it)
		found = ts.follow(e.UnsafePointer(), h.below, s, values) || found
	}
	return found
}

// member goes on with the member that is set in a union, if the path names it. The SDK makes each
// member a struct with a field Value, named after the union and the member.
func (ts *Touches) member(v unsafe.Pointer, h *hop, s *step, values []string) bool {
	m := reflect.NewAt(h.of, v).Elem().Elem()
	// The union is nil: no member is set.
	if !m.IsValid() {
		return ts.missing(s, values)
	}
	// Members are pointers in the SDK; other code may use values.
	if m.Kind() != reflect.Pointer {
		p := reflect.New(m.Type())
		p.Elem().Set(m)
		m = p
	}
	place := h.rest
	// AttributeValueMemberS has the field Value, as has every other member.
	if name, rest := cutName(place); name != "" && strings.HasSuffix(m.Type().Elem().Name(), "Member"+upperFirst(name)) {
		place = "Value" + rest
	}
	p := newPath(m.Type().Elem(), place)
	if p == nil || m.IsNil() {
		return ts.missing(s, values)
	}
	return ts.follow(m.UnsafePointer(), p, s, values)
}
