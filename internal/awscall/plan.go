package awscall

import (
	"path"
	"reflect"
	"strconv"
	"strings"
)

// A step reads one kind of resource from an input: the values at its paths, each combination through a parser.
type step struct {
	paths    [][]elem
	defaults []string // what a path's value is where the input has none
	parse    parser
	template *template
	action   int    // in Op.Actions; -1: all primary ones
	claims   uint64 // a step of several paths takes these fields from the later steps of one path
	yields   uint64 // a step of one path is left out when its field was taken
	plain    bool   // one name makes the resource
	group    int    // how many steps, this one included, go through the same list
}

// An elem is one piece of a path: a field, then perhaps its elements or its keys.
type elem struct {
	name  string
	field int // index of the field; -1: a member of a union, found when the call is made
	each  bool
	keys  bool
}

// plan makes the steps of an input type from the resource paths of its service.
func (op *Op) plan(input reflect.Type, spec string) []step {
	if input.Kind() == reflect.Pointer {
		input = input.Elem()
	}
	if input.Kind() != reflect.Struct {
		return nil
	}
	var steps []step
	fields := map[string]uint64{} // a bit for each first path
	for entry := range strings.FieldsSeq(spec) {
		entry, ops, limited := strings.Cut(entry, "@")
		if limited && !names(ops, op.Name) {
			continue
		}
		entry, action, acts := strings.Cut(entry, "!")
		s := step{parse: parseARN}
		entry, parser, parsed := strings.Cut(entry, "~")
		entry, text, ok := strings.Cut(entry, "=")
		if ok {
			s.parse, s.template, s.plain = parseName, newTemplate(op.Service, text, steps), true
		}
		if parsed {
			s.parse, s.plain = parsers[parser], false
		}
		if acts {
			s.action = op.action(action)
		}
		if entry == "" {
			steps = append(steps, s)
			continue
		}
		paths := strings.Split(entry, "+")
		for i, text := range paths {
			text, value, _ := strings.Cut(text, "?")
			paths[i] = text
			if path := resolve(input, text); path != nil {
				s.paths, s.defaults = append(s.paths, path), append(s.defaults, value)
			}
		}
		if len(s.paths) != len(paths) {
			continue
		}
		bit, ok := fields[paths[0]]
		if !ok {
			bit = 1 << len(fields)
			fields[paths[0]] = bit
		}
		if len(paths) > 1 {
			s.claims = bit
		}
		s.yields = bit
		switch parser {
		case "partiql":
			op.partiQL()
		case "parameter":
			op.action("secretsmanager:GetSecretValue")
		}
		steps = append(steps, s)
	}
	return grouped(steps)
}

// grouped notes which steps go through the same list, one after the other: it is read once for all of them.
func grouped(steps []step) []step {
	for i := len(steps) - 1; i >= 0; i-- {
		steps[i].group = 1
		if i+1 < len(steps) && steps[i].listed() && steps[i+1].listed() && steps[i].paths[0][0] == steps[i+1].paths[0][0] {
			steps[i].group += steps[i+1].group
		}
	}
	return steps
}

// listed reports whether the step reads one member of a list's elements.
func (s *step) listed() bool {
	return len(s.paths) == 1 && s.paths[0][0].each && s.paths[0][0].field >= 0 && len(s.paths[0]) > 1
}

// names reports whether one of the patterns in list is a word.
func names(list, word string) bool {
	for pattern := range strings.SplitSeq(list, "|") {
		if ok, _ := path.Match(pattern, word); ok {
			return true
		}
	}
	return false
}

// resolve finds a path in a type; nil: the type has no such member.
func resolve(t reflect.Type, text string) []elem {
	var path []elem
	for part := range strings.SplitSeq(text, ".") {
		var e elem
		if e.name, e.each = strings.CutSuffix(part, "[]"); !e.each {
			e.name, e.keys = strings.CutSuffix(part, "{}")
		}
		if t != nil {
			t = deref(t)
		}
		switch {
		case t == nil || t.Kind() == reflect.Interface:
			e.field, t = -1, nil
		case t.Kind() == reflect.Struct:
			f, ok := fieldNamed(t, e.name)
			if !ok {
				return nil
			}
			e.field, t = f.Index[0], deref(f.Type)
			if e.each && (t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
				t = t.Elem()
			} else if e.each || (e.keys && (t.Kind() != reflect.Map || t.Key().Kind() != reflect.String)) {
				return nil
			}
		default:
			return nil
		}
		path = append(path, e)
	}
	if t != nil && !path[len(path)-1].keys && !isScalar(deref(t).Kind()) {
		return nil
	}
	return path
}

func isScalar(k reflect.Kind) bool {
	return k == reflect.String || k == reflect.Int32 || k == reflect.Int64
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// fieldNamed finds a field by the name of its member in the service's model, which may begin in lower case.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	return t.FieldByName(strings.ToUpper(name[:1]) + name[1:])
}

// walk runs the steps of an operation on its input.
func (ts *Touches) walk(input reflect.Value) {
	var taken uint64
	skip := 0
	for i := range ts.op.steps {
		if skip > 0 {
			skip--
			continue
		}
		s := &ts.op.steps[i]
		if len(s.paths) == 0 {
			ts.step = s
			ts.fill(s.template, nil)
			continue
		}
		if len(s.paths) == 1 && taken&s.yields != 0 {
			continue
		}
		if s.group > 1 && taken&s.yields == 0 && ts.together(input, ts.op.steps[i:i+s.group]) {
			skip = s.group - 1
			continue
		}
		ts.step = s
		if ts.follow(input, input, s, ts.values[:0], s.paths[0]) {
			taken |= s.claims
		}
	}
}

// together runs steps that go through the same list.
func (ts *Touches) together(input reflect.Value, steps []step) bool {
	list := input.Field(steps[0].paths[0][0].field)
	if list.Kind() != reflect.Slice {
		return false
	}
	for i := range list.Len() {
		e := list.Index(i)
		for j := range steps {
			ts.step = &steps[j]
			ts.below(input, e, ts.step, ts.values[:0], ts.step.paths[0][1:])
		}
	}
	return true
}

// follow reads the values at path, below v, and parses each combination of them with those of the step's later paths.
func (ts *Touches) follow(root, v reflect.Value, s *step, values []string, path []elem) (found bool) {
	for i, e := range path {
		if e.field < 0 {
			v = member(v, e.name)
			if !v.IsValid() {
				return ts.missing(root, s, values)
			}
		} else {
			v = v.Field(e.field)
		}
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return ts.missing(root, s, values)
			}
			v = v.Elem()
		}
		if e.each || e.keys {
			return ts.each(root, v, s, values, path[i:])
		}
	}
	switch {
	case v.Kind() == reflect.String && v.Len() > 0:
		return ts.value(root, v.String(), s, values)
	case v.CanInt():
		return ts.value(root, strconv.FormatInt(v.Int(), 10), s, values)
	}
	return ts.missing(root, s, values)
}

// missing goes on where a path leads to nothing.
func (ts *Touches) missing(root reflect.Value, s *step, values []string) bool {
	if text := s.defaults[len(values)]; text != "" {
		return ts.value(root, text, s, values)
	}
	return false
}

// value takes one value of a path, and goes on with the next path.
func (ts *Touches) value(root reflect.Value, text string, s *step, values []string) bool {
	if s.plain && len(s.paths) == 1 {
		if n := len(ts.List); n > 0 && ts.lastTemplate == s.template && ts.lastName == text {
			ts.List[n-1].Actions |= ts.actions() // the same again, as in a transaction
			return true
		}
		ts.lastTemplate = nil
		s.parse(ts, s, append(values, text))
		if ts.List[len(ts.List)-1].State == Known {
			ts.lastTemplate, ts.lastName = s.template, text
		}
		return true
	}
	ts.lastTemplate = nil
	values = append(values, text)
	if len(values) < len(s.paths) {
		return ts.follow(root, root, s, values, s.paths[len(values)])
	}
	s.parse(ts, s, values)
	return true
}

// each goes on with every element or key of v, which path[0] has led to.
func (ts *Touches) each(root, v reflect.Value, s *step, values []string, path []elem) (found bool) {
	if path[0].keys || v.Kind() == reflect.Map {
		if v.Kind() != reflect.Map {
			return false
		}
		for it := v.MapRange(); it.Next(); {
			if path[0].keys {
				found = ts.value(root, it.Key().String(), s, values) || found
			} else {
				found = ts.below(root, it.Value(), s, values, path[1:]) || found
			}
		}
		return found
	}
	if v.Kind() != reflect.Slice {
		return false
	}
	for i := range v.Len() {
		found = ts.below(root, v.Index(i), s, values, path[1:]) || found
	}
	return found
}

// below follows the rest of a path from an element.
func (ts *Touches) below(root, v reflect.Value, s *step, values []string, rest []elem) bool {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return false
		}
		if len(rest) > 0 && rest[0].field < 0 {
			break
		}
		v = v.Elem()
	}
	return ts.follow(root, v, s, values, rest)
}

// member gives the member of a union that has a name in the service's model, if it is the one that is set: the SDK makes
// each member a type of its own, named after union and member, with a field Value.
func member(v reflect.Value, name string) reflect.Value {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return reflect.Value{}
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	if strings.HasSuffix(v.Type().Name(), "Member"+strings.ToUpper(name[:1])+name[1:]) {
		return v.FieldByName("Value")
	}
	if f, ok := fieldNamed(v.Type(), name); ok {
		return v.FieldByIndex(f.Index)
	}
	return reflect.Value{}
}
