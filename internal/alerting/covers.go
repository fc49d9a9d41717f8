package alerting

import (
	"reflect"
	"slices"
)

// Covers reports whether what q reports arrives wherever other's reports do: q writes to the same
// place, and has each of other's sinks.
func (q *Queue) Covers(other *Queue) bool {
	return q.out.same(other.out) && !slices.ContainsFunc(other.sinks, func(s *Sink) bool {
		return !slices.ContainsFunc(q.sinks, s.same)
	})
}

// same reports whether two outputs write to the same place.
func (o *output) same(other *output) bool { return o == other || isSame(o.w, other.w) }

// same reports whether two sinks notify the same. Those of notify: entries are made anew each time.
func (s *Sink) same(other *Sink) bool {
	if s.private && other.private {
		return s.name == other.name && slices.Equal(s.verdicts, other.verdicts)
	}
	return isSame(s.notifier, other.notifier)
}

// isSame reports whether two values are one. One that cannot be compared equals none. The operator
// == panics for two values of a type such as a slice or a func, and a user's Notifier may be of any
// type. Hence the calls of Comparable.
func isSame(a, b any) bool {
	return a != nil && b != nil && reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}
