package awscall

import (
	glob "path"
	"reflect"
	"strings"
)

// This file plans how an input is read: which members name what, step by step.

// A step reads one kind of resource from an input. It gives each combination of the values at its
// paths to a parser.
type step struct {
	paths    []path
	names    []string // of the paths
	defaults []string // the value of a path where the input has none
	parse    parser
	template *template
	action   int // the place in Op.Actions, or primaryActions

	// claims are the members that the step takes away from later steps of one path, and yields is
	// the member whose claim leaves this step out, if it has one path.
	claims, yields uint64
	limited        bool   // to operations
	plain          bool   // one name makes the resource
	when           path   // the member that has to be set for the step; nil for none
	member         string // its name
	// places and memberPlace are names and member in parts, as the bodies of requests spell them.
	places        [][]string
	memberPlace   []string
	blacklistOnly bool // IAM asks for no permission on the resource
}

// primaryActions, in the place of an action, stands for all that the operation takes on a resource
// of its service.
const primaryActions = -1

// plan makes the steps that read an input type from the resource paths of its service; nil stands
// for a Body. The grammar of spec is described in gen/data/resources.txt of package awsops.
// See decision 42.
// An entry has the form path+path=type~parser!action&member@operations, each part but the first
// optional.
func (op *Op) plan(input reflect.Type, spec string) []step {
	if input != nil && input.Kind() == reflect.Pointer {
		input = input.Elem()
	}
	if input != nil && input.Kind() != reflect.Struct {
		return nil
	}
	var steps []step
	// Bits distinguish the first members of steps, for claims.
	members := map[string]uint64{} // a bit for each first path
	for entry := range strings.FieldsSeq(spec) {
		entry, ops, limited := strings.Cut(entry, "@")
		// "@GetItem|Query" limits the entry to operations.
		if limited && !names(ops, op.Name) {
			continue
		}
		entry, action, acts := strings.Cut(entry, "!")
		action, when, adds := strings.Cut(action, "&")
		entry, parserName, parsed := strings.Cut(entry, "~")
		entry, text, typed := strings.Cut(entry, "=")
		// "=-": no operation here has a resource.
		if entry == "" && text == "-" {
			op.takesNone = true
			continue
		}
		s := step{parse: parseARN, limited: limited}
		// The entry adds its action only if the member is set.
		if adds {
			if s.member = when; input != nil {
				if s.when = newPath(input, when+"#"); s.when == nil {
					continue
				}
			}
		}
		if typed {
			if entry != "" && !strings.Contains(text, "$") {
				text += "/$" // the usual end, which the table leaves out
			}
			s.parse, s.template, s.plain = parseName, newTemplate(op.Service, text, steps), true
		}
		paths := strings.Split(entry, "+")
		var prepare func(*Op)
		// The parser's name is checked against the number of paths.
		if parsed {
			p := parserNamed(parserName, len(paths), typed)
			s.parse, s.plain, prepare = p.parse, false, p.prepare
		}
		// "!-Action" is for blacklists only.
		if action, s.blacklistOnly = strings.CutPrefix(action, "-"); acts && action != "" {
			s.action = op.action(action)
		}
		if parserName == "adds" || adds {
			op.added.Add(s.action)
		}
		if s.blacklistOnly {
			s.plain = false
		}
		// An entry without a path is for operations that make, or list, all of a kind.
		if entry == "" {
			if s.template != nil && len(s.template.pieces) == 1 {
				steps = append(steps, s)
			}
			continue
		}
		// The input type has no such member: the entry is about another operation's.
		if !s.find(input, paths) {
			continue
		}
		bit, ok := members[paths[0]]
		if !ok {
			bit = 1 << len(members)
			members[paths[0]] = bit
		}
		// A bucket with a key claims the bucket's member: the bucket alone is then no touch.
		if len(paths) > 1 || s.blacklistOnly {
			s.claims = bit
		}
		s.yields = bit
		if prepare != nil {
			prepare(op)
		}
		steps = append(steps, s)
	}
	return steps
}

// find finds the paths of an entry, without their defaults, in an input type. It reports false if
// one of them is not there. A Body may have any.
func (s *step) find(input reflect.Type, paths []string) bool {
	for i, text := range paths {
		text, value, _ := strings.Cut(text, "?")
		paths[i] = text
		var p path
		if input != nil {
			if p = newPath(input, text); p == nil {
				return false
			}
		}
		s.paths, s.names, s.defaults = append(s.paths, p), append(s.names, text), append(s.defaults, value)
	}
	return true
}

// names reports whether one of the patterns in list matches a word.
func names(list, word string) bool {
	for pattern := range strings.SplitSeq(list, "|") {
		if ok, _ := glob.Match(pattern, word); ok {
			return true
		}
	}
	return false
}

// walk runs the steps of an operation on an input of the type that they were made for.
// Only inputs of the planned type have the planned offsets.
func (ts *Touches) walk(input any) {
	typ, root := words(input)
	if typ == nil || typ != ts.op.typ {
		return
	}
	// Offsets need an address.
	if !ts.op.pointer {
		p := reflect.New(ts.op.input)
		p.Elem().Set(reflect.ValueOf(input))
		root = p.UnsafePointer()
	}
	if root == nil {
		return
	}
	ts.root = root
	// taken has the members that earlier steps have claimed.
	var taken uint64
	for i := range ts.op.steps {
		s := &ts.op.steps[i]
		if s.when != nil && !there(root, s.when) {
			continue
		}
		ts.step = s
		switch len(s.paths) {
		case 0:
			ts.fill(s.template, nil, ts.at)
			ts.lastTemplate = nil
			continue
		case 1:
			// A later entry for the same member is the less specific one.
			if taken&s.yields != 0 {
				continue
			}
		}
		if ts.follow(root, s.paths[0], s, ts.values[:0]) {
			taken |= s.claims
		}
	}
	ts.root = nil // do not keep the input, which may be large
}

// missing goes on with the default where a path leads to nothing.
func (ts *Touches) missing(s *step, values []string) bool {
	if text := s.defaults[len(values)]; text != "" {
		return ts.value(text, s, values)
	}
	return false
}

// value takes one value of a path and goes on with the next path.
func (ts *Touches) value(text string, s *step, values []string) bool {
	// Two long lists in a body have too many combinations.
	if ts.body != nil {
		if ts.read++; ts.read > mostRead {
			ts.body.unclear = true
			return true
		}
	}
	// The usual step has one name. The same name twice in a row, as in a transaction, is one touch.
	if s.plain && len(s.paths) == 1 {
		if n := len(ts.List); n > 0 && ts.lastTemplate == s.template && ts.lastName == text {
			l := &ts.List[n-1]
			l.Actions = l.Actions.Union(ts.actions(l.Service)) // the same again, as in a transaction
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
	// Each combination of the paths' values is one touch.
	if len(values) < len(s.paths) {
		if ts.body != nil {
			return ts.look(ts.body.root, s.places[len(values)], s, values)
		}
		return ts.follow(ts.root, s.paths[len(values)], s, values)
	}
	s.parse(ts, s, values)
	return true
}
