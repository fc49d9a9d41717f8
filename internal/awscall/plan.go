package awscall

import (
	glob "path"
	"reflect"
	"strings"
)

// A step reads one kind of resource from an input: the values at its paths, each combination through a parser.
type step struct {
	paths    []path
	defaults []string // what a path's value is where the input has none
	parse    parser
	template *template
	action   int    // in Op.Actions; -1: all primary ones
	claims   uint64 // a step of several paths, or aside, takes these fields from the later steps of one path
	yields   uint64 // a step of one path is left out when its field was taken
	plain    bool   // one name makes the resource
	aside    bool   // IAM asks for no permission on it: only a blacklist heeds it
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
			if entry != "" && !strings.Contains(text, "$") {
				text += "/$" // as most end, left out
			}
			s.parse, s.template, s.plain = parseName, newTemplate(op.Service, text, steps), true
		}
		if parsed {
			s.parse, s.plain = parserNamed(parser), false
		}
		if action, s.aside = strings.CutPrefix(action, "-"); acts && action != "" {
			s.action = op.action(action)
		}
		if s.aside {
			s.plain = false
		}
		if entry == "" && text == "-" {
			op.takesNone = true
			continue
		}
		if entry == "" {
			steps = append(steps, s)
			continue
		}
		paths := strings.Split(entry, "+")
		for i, text := range paths {
			text, value, _ := strings.Cut(text, "?")
			paths[i] = text
			if p := newPath(input, text); p != nil {
				s.paths, s.defaults = append(s.paths, p), append(s.defaults, value)
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
		if len(paths) > 1 || s.aside {
			s.claims = bit
		}
		s.yields = bit
		switch parser {
		case "partiql":
			op.partiQL()
		case "version", "versions", "copysource":
			op.versions()
		case "parameter":
			op.action("secretsmanager:GetSecretValue")
		}
		steps = append(steps, s)
	}
	return steps
}

// names reports whether one of the patterns in list is a word.
func names(list, word string) bool {
	for pattern := range strings.SplitSeq(list, "|") {
		if ok, _ := glob.Match(pattern, word); ok {
			return true
		}
	}
	return false
}

// walk runs the steps of an operation on its input, of the type that they were made for.
func (ts *Touches) walk(input any) {
	v := reflect.ValueOf(input)
	if v.Type() != ts.op.input {
		return
	}
	if v.Kind() != reflect.Pointer {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	root := v.UnsafePointer()
	if root == nil {
		return
	}
	ts.root = root
	var taken uint64
	for i := range ts.op.steps {
		s := &ts.op.steps[i]
		ts.step = s
		switch len(s.paths) {
		case 0:
			ts.fill(s.template, nil, &ts.at)
			ts.lastTemplate = nil
			continue
		case 1:
			if taken&s.yields != 0 {
				continue
			}
		}
		if ts.follow(root, s.paths[0], s, ts.values[:0]) {
			taken |= s.claims
		}
	}
	ts.root = nil // the input, which may be large, is not kept
}

// missing goes on where a path leads to nothing.
func (ts *Touches) missing(s *step, values []string) bool {
	if text := s.defaults[len(values)]; text != "" {
		return ts.value(text, s, values)
	}
	return false
}

// value takes one value of a path, and goes on with the next path.
func (ts *Touches) value(text string, s *step, values []string) bool {
	if s.plain && len(s.paths) == 1 {
		if n := len(ts.List); n > 0 && ts.lastTemplate == s.template && ts.lastName == text {
			l := &ts.List[n-1]
			l.Actions |= ts.actions(l.Service) // the same again, as in a transaction
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
		return ts.follow(ts.root, s.paths[len(values)], s, values)
	}
	s.parse(ts, s, values)
	return true
}
