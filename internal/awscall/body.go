package awscall

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/awsops"
)

// This file reads what a request names in the place of a typed input: the members in its body or in
// its path. The plan is that of the typed inputs, and the values are looked up by name.

// A Body has the members of a plain HTTP request's input. It is not for concurrent use.
type Body struct {
	root    node
	exact   bool // it has members of the operation's alone
	unclear bool // readers may disagree about what it says
	partial bool // it may have further members, which cannot be read
	op      *Op  // whose plan reads it

	// misspelled reports that a member was taken whose name has small letters in the place of
	// capitals, or the other way round. AWS does not know one of the two.
	misspelled bool
}

// A node is one value of a Body. A member that is not there is a nil node.
type node interface {
	member(name string) node // of a structure
	elements() node          // the first element of a list, or value of a map
	next() node              // the one behind it
	keys() []string          // of a map
	text() string            // of a text or a number; "" for anything else
	set() bool               // it is not empty, null or false
}

// NewBodyOp is NewOp for calls whose input is a Body. Nothing shows which members the operation
// has, so an entry of the table counts for each operation that its list does not leave out.
// See decision 45.
func NewBodyOp(service, operation string) *Op {
	op := NewOp(service, operation, nil)
	op.body = true
	spec := owners(op.Service) + awsops.Resources(service)
	op.steps = op.plan(nil, spec)
	for i := range op.steps {
		s := &op.steps[i]
		s.memberPlace = op.newPlace(s.member)
		for _, name := range s.names {
			s.places = append(s.places, op.newPlace(name))
		}
	}
	op.spellings = op.likeEachOther(spec)
	return op
}

// mostRead is how many values are taken from a Body; one with more is unclear. A hundred entries
// that have two names each are 10,100.
const mostRead = 1 << 16

// walkBody runs the steps of an operation on a Body.
func (ts *Touches) walkBody(b *Body) {
	ts.body, ts.read, b.op = b, 0, ts.op
	// taken has the members that earlier steps have claimed.
	var taken uint64
	for i := range ts.op.steps {
		s := &ts.op.steps[i]
		ts.step = s
		if s.member != "" && !b.has(s.memberPlace) {
			// A blacklist counts a member that may be there.
			if b.partial {
				ts.unknown()
				t := &ts.List[len(ts.List)-1]
				t.Actions, t.Also = 0, t.Actions
			}
			continue
		}
		switch len(s.names) {
		case 0:
			ts.fill(s.template, nil, ts.at)
			ts.lastTemplate = nil
			continue
		case 1:
			if taken&s.yields != 0 {
				continue
			}
		}
		// A text may have members that the operation does not take. They take nothing away from
		// those that it does.
		found := ts.look(b.root, s.places[0], s, ts.values[:0])
		switch {
		case found && (b.exact || s.limited):
			taken |= s.claims
		// The action is taken on something that the body does not name.
		case !found && s.member != "":
			ts.unknown()
		}
	}
	ts.body, b.op = nil, nil
	// As far as is known, the member may as well not be there.
	if b.misspelled {
		ts.step = explicitARNStep
		ts.unknown()
	}
}

// Unclear reports that readers may disagree about what the body says. It is known once the body has
// been read.
func (b *Body) Unclear() bool { return b.unclear }

// is reports whether a member is the one of a name, which is as spelled has it.
func (b *Body) is(member, name string) bool {
	switch {
	case member == name:
		return true
	// Most members differ in the first letter. One that is not ASCII may fold to one that is.
	case member == "" || name == "" || member[0] < utf8.RuneSelf && member[0]|0x20 != name[0]|0x20:
		return false
	case !strings.EqualFold(member, name), slices.Contains(b.op.spellings, member): // ResourceArn, in the place of ResourceARN
		return false
	}
	b.misspelled = true
	return true
}

// likeEachOther returns the members of the tables' entries whose names differ from another one's in
// capitals alone. Most services have none.
func (op *Op) likeEachOther(spec string) (list []string) {
	// spellings has the names that there are for one in small letters.
	spellings := map[string][]string{}
	isEnd := func(c rune) bool { return strings.ContainsRune(".+=~!&?[]{}", c) }
	for entry := range strings.FieldsSeq(spec) {
		entry, _, _ = strings.Cut(entry, "@")
		for name := range strings.FieldsFuncSeq(entry, isEnd) {
			name = op.spelled(name)
			lower := strings.ToLower(name)
			if !slices.Contains(spellings[lower], name) {
				spellings[lower] = append(spellings[lower], name)
			}
		}
	}
	for _, names := range spellings {
		if len(names) > 1 {
			list = append(list, names...)
		}
	}
	return list
}

// look reads what a place in a node leads to, as follow does in an input.
func (ts *Touches) look(n node, place []string, s *step, values []string) (found bool) {
	for n != nil {
		if len(place) == 0 {
			if text := n.text(); text != "" {
				return ts.value(text, s, values)
			}
			break
		}
		name := place[0]
		switch place = place[1:]; name {
		case "{}":
			for _, key := range n.keys() {
				found = ts.value(key, s, values) || found
			}
			return found
		case "[]":
			for e := n.elements(); e != nil; e = e.next() {
				found = ts.look(e, place, s, values) || found
			}
			return found
		}
		n = n.member(name)
	}
	return ts.missing(s, values)
}

// has reports whether the member at a place is set.
func (b *Body) has(place []string) bool {
	n := b.root
	for i := 0; n != nil && i < len(place); i++ {
		n = n.member(place[i])
	}
	return n != nil && n.set()
}

// newPlace takes "TransactItems[].Get.TableName" apart, with the names as requests have them.
// "[]" and "{}" are parts of their own.
func (op *Op) newPlace(text string) (place []string) {
	for text != "" {
		var name string
		if name, text = cutName(text); name != "" {
			place = append(place, op.spelled(name))
			continue
		}
		end := min(2, len(text))
		place, text = append(place, text[:end]), text[end:]
	}
	return place
}

// spelled returns a member's name as requests have it.
func (op *Op) spelled(name string) string {
	if lowerMembers(op.Service) {
		return strings.ToLower(name[:1]) + name[1:]
	}
	return name
}

// lowerMembers reports whether the members of a service's JSON bodies begin with small letters. The
// tables have most of their names as the SDK's inputs do.
func lowerMembers(service string) bool {
	switch service {
	case "aoss", "b2bi", "cassandra", "cloud9", "codebuild", "codecommit", "codedeploy", "codepipeline", "codestar", "compute-optimizer",
		"cost-optimization-hub", "datapipeline", "devicefarm", "directconnect", "discovery", "ecr", "ecr-public", "ecs", "frauddetector",
		"freetier", "health", "inspector", "iotfleetwise", "iotthingsgraph", "lightsail", "logs", "personalize", "proton",
		"redshift-serverless", "sms", "states", "support", "swf", "timestream-influxdb", "verifiedpermissions":
		return true
	}
	return false
}
