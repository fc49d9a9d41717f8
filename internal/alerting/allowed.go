package alerting

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/internal/fold"
	"github.com/outguard/outguard/notify"
)

// SeenSchema is the schema of the lines about allowed calls.
const SeenSchema = "outguard.seen/v1"

// maxAllowed is how many distinct allowed calls are remembered.
const maxAllowed = 5_000

// Allowed logs allowed calls, for a function that is started to learn from: each distinct one once,
// and then counts, at most once per window. Calls that differ in ids alone are the same.
//
// All methods may be called concurrently. A repeat does not allocate.
type Allowed struct {
	out    *output
	window time.Duration
	seed   maphash.Seed
	due    atomic.Int64 // when repeats are to be logged, in ns since 1970; 0 without repeats

	mu       sync.Mutex
	seen     map[identity]*allowed
	repeated []*allowed
	more     int // calls beyond maxAllowed
	function string
}

// An allowed is one of the calls.
type allowed struct {
	line     seenLine
	concrete []identity // different calls so far, at most maxConcrete and one more
	repeats  int        // not yet logged
	last     time.Time
	loggedAt time.Time
}

// A seenLine is the log line of an allowed call, or of its repeats. Fields have the names and the
// meanings of the alert's.
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
	Caller    string      `json:"caller,omitempty"`
	Count     int         `json:"count"`
	Distinct  int         `json:"distinct,omitempty"`
	Since     time.Time   `json:"since,omitzero"`
}

// unseenLine counts allowed calls without a line of their own.
type unseenLine struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	Schema    string    `json:"schema"` // outguard.unseen/v1
	Function  string    `json:"function"`
	Count     int       `json:"count"`
}

// NewAllowed returns a log of allowed calls that is written where the alerts are.
func (q *Queue) NewAllowed() *Allowed {
	return &Allowed{out: q.out, window: q.window, seed: maphash.MakeSeed(), seen: map[identity]*allowed{}}
}

// Seed is the seed of the hashes that identify calls. It is random, so that nobody can construct a
// collision.
func (s *Allowed) Seed() maphash.Seed { return s.seed }

// Again counts a call and reports true if it has been seen before, or if there is no room for
// another one. exact is a hash of the call as it is, form one of the call without its ids.
func (s *Allowed) Again(exact, form uint64, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.seen[identity(form)]
	switch {
	case e == nil && len(s.seen) < maxAllowed:
		return false
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
	if s.due.Load() == 0 {
		s.due.Store(now.Add(s.window).UnixNano())
	}
	return true
}

// Record logs a call that is new. a describes it, with the verdict "allow"; it need not be clean.
func (s *Allowed) Record(exact, form uint64, a notify.Alert) {
	folded := a
	folded.Call.URL = fold.String(fold.URL, a.Call.URL)
	folded.Call.Resources = nil
	for _, r := range a.Call.Resources {
		if r = fold.String(fold.Resource, r); !slices.Contains(folded.Call.Resources, r) {
			folded.Call.Resources = append(folded.Call.Resources, r)
		}
	}
	folded, a = folded.Clean(), a.Clean()
	e := &allowed{
		line: seenLine{
			Level: "INFO", Timestamp: a.Time, Schema: SeenSchema, Time: a.Time, Verdict: a.Verdict,
			Function: a.Function, Version: a.Version, Stage: a.Stage, Region: a.Region, Account: a.Account,
			Form: folded.Call.String(), Call: a.Call, List: a.List, Rule: a.Rule, Place: a.Place, Policy: a.Policy, Caller: a.Caller, Count: 1,
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
	s.function = a.Function
	s.mu.Unlock()
	_ = (&notify.Log{W: s.out}).Line(e.line) // see Queue.LogLine
}

// Flush logs the repeats if the window is over, or in any case if it is the last flush.
func (s *Allowed) Flush(now time.Time, last bool) {
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

func (s *Allowed) take(now time.Time) (lines []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.repeated {
		line := e.line
		line.Timestamp, line.Time, line.Since = e.last.UTC(), e.last.UTC(), e.loggedAt
		line.Count = e.repeats
		if n := len(e.concrete); n > 1 {
			line.Distinct = n
		}
		e.repeats, e.loggedAt = 0, e.last.UTC()
		lines = append(lines, line)
	}
	clear(s.repeated)
	s.repeated = s.repeated[:0]
	if s.more > 0 {
		lines = append(lines, unseenLine{"INFO", now.UTC(), "outguard.unseen/v1", s.function, s.more})
		s.more = 0
	}
	s.due.Store(0)
	return lines
}
