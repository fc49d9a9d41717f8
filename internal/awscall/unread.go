package awscall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// Unread says why an Unknown or Hidden touch of a call is not known: which value of the input
// cannot be read, or is not there. It reads the input again, so it is for people.
func (ts *Touches) Unread(t *Touch, input any) string {
	op := ts.op
	// The cases go from nothing being known to one member that cannot be read.
	switch {
	case t.Hidden:
		return strings.Join(t.step.names, " and ") + " of the input does not show all of the ARN" // it may be a secret
	case op.input == nil && !op.body && t.step == nil:
		return "the call does not name it"
	case op.input == nil && !op.body:
		return "what the call names is not a resource of " + op.Service
	case len(op.steps) == 0:
		return "no member of the input is known to name it"
	case op.body && t.step == nil:
		return "the body does not name it"
	case t.step == nil:
		return op.missing()
	case op.body && len(t.step.names) > 0:
		return strings.Join(t.step.names, " and ") + " of the body cannot be read"
	case len(t.step.names) == 0:
		return "the input does not name it"
	}
	what := strings.Join(t.step.names, " and ")
	// The step runs again, to see which values it stumbled over.
	values := t.step.unreadable(op, input, ts.at)
	if values == nil {
		return what + " of the input cannot be read"
	}
	for i, v := range values {
		values[i] = fmt.Sprintf("%s %q", t.step.names[min(i, len(t.step.names)-1)], report.Short(v))
	}
	return strings.Join(values, " and ") + " cannot be read"
}

// missing says which members of an input would name what the operation touches.
func (op *Op) missing() string {
	var names []string
	for i := range op.steps {
		s := &op.steps[i]
		// Steps with an action of their own are about further resources.
		if s.action > 0 || len(s.names) == 0 || slices.Contains(names, s.names[0]) {
			continue
		}
		names = append(names, s.names[0])
	}
	if names == nil {
		return "the input does not name it"
	}
	return "the input has no " + report.OneOf(names)
}

// unreadable returns the first values of an input that the step makes an unknown touch of. It
// returns nil if the input has none.
func (s *step) unreadable(op *Op, input any, at *Where) (found []string) {
	// Copies: the plan is shared by all calls.
	again := *op
	reading := *s
	reading.plain, reading.claims, reading.yields = false, 0, 0
	// The first values that become an unknown touch are kept.
	reading.parse = func(ts *Touches, _ *step, values []string) {
		before := len(ts.List)
		s.parse(ts, s, values)
		unknown := func(t Touch) bool { return t.State == Unknown }
		if found == nil && slices.ContainsFunc(ts.List[min(before, len(ts.List)):], unknown) {
			found = slices.Clone(values)
		}
	}
	again.steps = []step{reading}
	var ts Touches
	ts.op, ts.at = &again, at
	ts.walk(input)
	return found
}
