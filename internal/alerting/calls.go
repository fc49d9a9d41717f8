package alerting

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/internal/foldids"
	"github.com/outguard/outguard/notify"
)

// SeenSchema is the schema of the lines about allowed calls, and NextSchema that of the lines about
// calls with which a next policy would deal otherwise.
const (
	SeenSchema = "outguard.seen/v1"
	NextSchema = "outguard.next/v1"
)

// maxCalls is how many distinct calls are remembered. It bounds the memory: a function that calls a
// different path each time would fill it otherwise.
const maxCalls = 5_000

// Calls logs calls that are not violations to alert of: each distinct one once, and then counts, at
// most once per window. Calls that differ in ids alone are the same.
//
// All methods may be called concurrently. A repeat does not allocate.
type Calls struct {
	out    *output
	window time.Duration
	schema string                                                        // of the lines
	beyond string                                                        // of the line that counts calls beyond maxCalls
	count  func(now time.Time, function, stage string, n int) *differing // nil: nothing is a metric
	seed   maphash.Seed
	due    atomic.Int64 // when repeats are to be logged, in ns since 1970; 0 without repeats

	mu       sync.Mutex
	seen     map[identity]*seenCall
	repeated []*seenCall
	more     int // calls beyond maxCalls
	function string
	stage    string
}

// A seenCall is one of the calls. Calls.mu guards all of it except line, which is written once.
type seenCall struct {
	line     seenLine
	concrete []identity // different calls so far, at most maxConcrete and one more
	repeats  int        // not yet logged
	last     time.Time
	loggedAt time.Time
}

// A seenLine is the log line of a call, or of its repeats. Fields have the names and the meanings
// of the alert's. Count is 1 on the first line. On a line of repeats it is their number, and they
// lie between Since and Time.
type seenLine struct {
	Level     string      `json:"level"`
	Timestamp time.Time   `json:"timestamp"`
	Schema    string      `json:"schema"`
	Time      time.Time   `json:"time"`
	Verdict   string      `json:"verdict"`
	Function  string      `json:"function"`
	Version   string      `json:"version,omitempty"`
	Stage     string      `json:"stage,omitempty"`
	Region    string      `json:"region,omitempty"`
	Account   string      `json:"account,omitempty"`
	Form      string      `json:"form"` // the call with ids as *
	Call      notify.Call `json:"call"` // the first of them
	List      string      `json:"list"`
	Rule      string      `json:"rule,omitempty"`
	Place     string      `json:"place,omitempty"`
	Policy    string      `json:"policy,omitempty"`
	Reason    string      `json:"reason,omitempty"` // of a violation
	Next      *Would      `json:"next,omitempty"`
	Caller    string      `json:"caller,omitempty"`
	Count     int         `json:"count"`
	Distinct  int         `json:"distinct,omitempty"`
	Since     time.Time   `json:"since,omitzero"`
	*differing
}

// Would is what would become of a call with a next policy in the place of the file that names it.
type Would struct {
	File    string `json:"file"`   // of the next policy
	SHA256  string `json:"sha256"` // of its bytes, in hex
	Verdict string `json:"verdict"`
	List    string `json:"list"`
	Rule    string `json:"rule,omitempty"`
	Place   string `json:"place,omitempty"` // in the next policy, or in another file that applies
	Owner   string `json:"owner,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Allow   string `json:"allow,omitempty"` // the entry that would allow the call
}

// unseenLine counts calls without a line of their own. It names the function and the stage of the
// latest call that was new.
type unseenLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.unseen/v1, outguard.nextmore/v1
	Function  string    `json:"function"`
	Count     int       `json:"count"`
	*differing
}

// NewSeen returns a log of allowed calls that is written where the alerts are.
func (q *Queue) NewSeen() *Calls { return q.newCalls(SeenSchema, "outguard.unseen/v1") }

// NewNext returns a log of calls with which a next policy would deal otherwise. With counted, its
// lines are the metric NextDiffers too.
func (q *Queue) NewNext(counted bool) *Calls {
	c := q.newCalls(NextSchema, "outguard.nextmore/v1")
	if counted {
		c.count = func(now time.Time, function, stage string, n int) *differing {
			return newDiffering(now, function, stage, q.aggregate, n)
		}
	}
	return c
}

// counts returns the metric of n calls, or nil. It is nil for allowed calls, so that their lines
// have no _aws member and CloudWatch bills no metric for them.
func (s *Calls) counts(now time.Time, function, stage string, n int) *differing {
	if s.count == nil {
		return nil
	}
	return s.count(now, function, stage, n)
}

// newCalls returns a log whose lines have the given schema. Lines that count calls beyond maxCalls
// have the other one.
func (q *Queue) newCalls(schema, beyond string) *Calls {
	return &Calls{
		out: q.out, window: q.window, schema: schema, beyond: beyond, seed: maphash.MakeSeed(), seen: map[identity]*seenCall{},
	}
}

// Seed is the seed of the hashes that identify calls. It is random, so that nobody can construct a
// collision.
func (s *Calls) Seed() maphash.Seed { return s.seed }

// Again counts a call. It reports true if the call has been seen before, or if the room is full.
// exact is a hash of the call as it is, form one of the call without its ids.
func (s *Calls) Again(exact, form uint64, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.seen[identity(form)]
	switch {
	// New, and there is room: the caller describes the call and hands it to Record. Again itself
	// does without a description, because to make one costs more than a repeat should.
	case e == nil && len(s.seen) < maxCalls:
		return false
	// The memory is full. Nothing is evicted: a flood of new calls would have each of them logged.
	case e == nil:
		s.more++
	default:
		if len(e.concrete) <= maxConcrete && !slices.Contains(e.concrete, identity(exact)) {
			e.concrete = append(e.concrete, identity(exact))
		}
		if e.repeats == 0 {
			s.repeated = append(s.repeated, e)
		}
		e.repeats++
		e.last = now
	}
	// The window starts with the first repeat. Without repeats, Flush costs one atomic load.
	if s.due.Load() == 0 {
		s.due.Store(now.Add(s.window).UnixNano())
	}
	return true
}

// Record logs a call that is new. a describes it; next, for NewNext, has what would become of it,
// in the file of that SHA-256. Neither need be clean.
func (s *Calls) Record(exact, form uint64, a notify.Alert, next *Next) {
	// Only the form is folded. The line shows both: /customers/* as what a rule would have to
	// match, and /customers/17 as an example.
	folded := a
	folded.Call.URL = foldids.String(foldids.URL, a.Call.URL)
	folded.Call.Resources = nil
	for _, r := range a.Call.Resources {
		if r = foldids.String(foldids.Resource, r); !slices.Contains(folded.Call.Resources, r) {
			folded.Call.Resources = append(folded.Call.Resources, r)
		}
	}
	folded, a = folded.Clean(), a.Clean()
	e := &seenCall{
		line: seenLine{
			Level: "INFO", Timestamp: a.Time, Schema: s.schema, Time: a.Time, Verdict: a.Verdict,
			Function: a.Function, Version: a.Version, Stage: a.Stage, Region: a.Region, Account: a.Account,
			Form: folded.Call.String(), Call: a.Call, List: a.List, Rule: a.Rule, Place: a.Place, Policy: a.Policy, Reason: a.Reason, Next: next.would(), Caller: a.Caller, Count: 1,
			differing: s.counts(a.Time, a.Function, a.Stage, 1),
		},
		concrete: make([]identity, 1, maxConcrete+1),
		loggedAt: a.Time,
	}
	e.concrete[0] = identity(exact)
	s.mu.Lock()
	if s.seen[identity(form)] != nil { // two goroutines record the same call
		s.mu.Unlock()
		s.Again(exact, form, a.Time)
		return
	}
	s.seen[identity(form)] = e
	s.function, s.stage = a.Function, a.Stage
	s.mu.Unlock()
	// Outside the lock: a writer that hangs would hold up each call of the function.
	_ = (&notify.Log{W: s.out}).Line(e.line) // see Queue.LogLine
}

// Next is what a next policy would make of a call. A nil Next stands for a call of NewSeen.
type Next struct {
	File, SHA256 string
	Alert        notify.Alert // as it would be; it need not be clean
}

// would returns the part of a log line that shows n, clean; nil for nil.
func (n *Next) would() *Would {
	if n == nil {
		return nil
	}
	a := n.Alert.Clean()
	return &Would{
		File: n.File, SHA256: n.SHA256, Verdict: a.Verdict, List: a.List, Rule: a.Rule, Place: a.Place, Owner: a.Owner,
		Reason: a.Reason, Allow: a.Allow,
	}
}

// Flush logs the repeats if the window is over, or in any case if it is the last flush.
func (s *Calls) Flush(now time.Time, last bool) {
	// A nil Calls stands for a log that is not kept.
	if s == nil {
		return
	}
	if due := s.due.Load(); due == 0 || !last && now.UnixNano() < due {
		return
	}
	for _, line := range s.take(now) {
		_ = (&notify.Log{W: s.out}).Line(line) // see Queue.LogLine
	}
}

// take returns the lines of all repeats since the last flush, and starts to count anew.
func (s *Calls) take(now time.Time) (lines []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.repeated {
		// A copy: the next window starts from the first line again.
		line := e.line
		line.Timestamp, line.Time, line.Since = e.last.UTC(), e.last.UTC(), e.loggedAt
		line.Count = e.repeats
		line.differing = s.counts(e.last, line.Function, line.Stage, e.repeats)
		if n := len(e.concrete); n > 1 {
			line.Distinct = n
		}
		e.repeats, e.loggedAt = 0, e.last.UTC()
		lines = append(lines, line)
	}
	// The array is used again, and must not keep the old pointers alive.
	clear(s.repeated)
	s.repeated = s.repeated[:0]
	if s.more > 0 {
		lines = append(lines, unseenLine{"INFO", now.UTC(), s.beyond, s.function, s.more, s.counts(now, s.function, s.stage, s.more)})
		s.more = 0
	}
	s.due.Store(0)
	return lines
}
