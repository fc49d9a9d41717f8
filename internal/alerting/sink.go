package alerting

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/outguard/outguard/notify"
)

const (
	maxPending  = 1_000 // alerts that wait for one sink
	maxPerGroup = 20    // of these, of one rule, host and calling package
)

// A Sink is one destination of alerts, with the alerts that wait for it and its health. Its mutable
// fields are guarded by Queue.mu.
type Sink struct {
	name     string // for log lines; holds no secret
	notifier notify.Notifier
	verdicts []string                  // "alert", "block"; nil means both
	private  bool                      // made from a notify: entry: no guard judges its requests
	messages func([]*pendingAlert) int // how many messages a batch becomes; nil means one
	// inBuckets says that the receiver drops a second count of the same five minutes; see
	// notify.Bucket.
	inBuckets bool

	pending  []*pendingAlert // in the order of their priority, their rank, their arrival
	inFlight []*pendingAlert // the batch that is being sent
	sending  bool            // a goroutine delivers
	urgent   bool            // an invocation waits for what is pending: it is not paced
	health   health
	ceiling  ceiling
	beyond   beyond
	groups   map[group]int // pending and in flight
	kinds    map[kind]int  // likewise
	rules    map[rule]bool // that the sink has had an alert of
	dropped  []string      // fingerprints of alerts without room, since the last report
	nDropped int
	timer    *time.Timer // wakes the sink
	wakeAt   time.Time   // when the timer does; zero if sleep has to look at all of pending
	closing  atomic.Bool // a goroutine closes idle connections
}

// A pendingAlert is an alert that waits for one sink.
type pendingAlert struct {
	alert    notify.Alert
	priority priority
	rank     int // how many of its group were there before it: whoever fills a group waits behind others
	group    group
	kind     kind
	owner    *Ticket   // of the invocation that raised it; nil for a sum of another one
	ticket   *Ticket   // the same, while the invocation waits for it
	limit    int       // after a refusal: the largest batch it may be in; 0 means any
	refusals int       // of it alone
	asleep   time.Time // it waits for a retry until then
	failed   bool      // a send with it failed
	reported bool      // the log has reported it as undelivered
}

// A priority says who comes first. What is new to the sink is never counted with others.
type priority int

const (
	newBlock priority = iota // of a rule and calling package that the sink has not had a block of
	newAlert
	block
	alert
	sum
)

// A group has alerts that are alike: only so many of them may wait. Whoever chooses hosts can make
// many groups, but not many kinds: when the sink is full, an alert of the largest kind has to go.
type (
	group struct{ rule, host, caller string }
	kind  struct {
		priority     priority
		rule, caller string
	}
)

type rule struct{ verdict, id, place, caller string }

// Beyond it, a rule counts as known: its alerts are sent, without precedence.
const maxRules = 1_000 // rules remembered by a sink

// NewSink returns a sink for a Notifier of the user's own. It takes alerts and blocks.
func NewSink(name string, n notify.Notifier) *Sink { return &Sink{name: name, notifier: n} }

// wants reports whether the sink takes a. Alerts with the verdict "log" stay in the log.
func (s *Sink) wants(a *notify.Alert) bool {
	return a.Verdict != "log" && (s.verdicts == nil || slices.Contains(s.verdicts, a.Verdict))
}

// offer queues a for every sink that wants it. t waits for it. The alert is copied for each sink,
// because limits and refusals differ. Queue.mu is held.
func (q *Queue) offer(a *notify.Alert, t *Ticket) {
	for _, s := range q.sinks {
		if s.wants(a) {
			s.add(newPending(a, s.priorityOf(a)), t, time.Now())
		}
	}
}

// priorityOf decides who comes first. It remembers the rules that the sink has had, at most
// maxRules: after that, nothing counts as new, so that memory stays bounded.
func (s *Sink) priorityOf(a *notify.Alert) priority {
	r := rule{a.Verdict, a.Rule, a.Place, notify.CallerPackage(a.Caller)}
	known := s.rules[r] || len(s.rules) >= maxRules
	if !known && !a.IsSum() {
		if s.rules == nil {
			s.rules = make(map[rule]bool)
		}
		s.rules[r] = true
	}
	switch {
	// The count stands for many alerts, and is never counted with others itself.
	case a.Call.Kind == notify.KindMore:
		return newAlert
	case a.IsSum():
		return sum
	case a.Verdict == "block" && !known:
		return newBlock
	case !known:
		return newAlert
	case a.Verdict == "block":
		return block
	}
	return alert
}

// newPending wraps an alert for one sink. Alerts of one group compete for its places.
func newPending(a *notify.Alert, p priority) *pendingAlert {
	caller := notify.CallerPackage(a.Caller)
	return &pendingAlert{alert: *a, priority: p, group: group{a.Rule, hostOf(a), caller}, kind: kind{p, a.Rule, caller}}
}

// before reports whether p is sent before other. Of equals, the older one is.
func (p *pendingAlert) before(other *pendingAlert) bool {
	return p.priority < other.priority || p.priority == other.priority && p.rank < other.rank
}

// add queues p behind those that come before it. If its group, or the sink, has no room, an alert
// is dropped: it is counted, and its fingerprint is logged.
func (s *Sink) add(p *pendingAlert, t *Ticket, now time.Time) {
	// What is new passes: the group may be full of decoys.
	if s.groups[p.group] >= maxPerGroup && p.priority > newAlert {
		s.drop(p)
		return
	}
	if len(s.pending) >= maxPending && !s.makeRoom(p) {
		s.drop(p)
		return
	}
	if s.groups == nil {
		s.groups, s.kinds = make(map[group]int), make(map[kind]int)
	}
	// The twentieth of a group waits behind the first of every other.
	p.rank = s.groups[p.group]
	s.groups[p.group]++
	s.kinds[p.kind]++
	p.owner = t
	// A ticket that counted what a hung sink has would hold its invocation for nothing.
	if t != nil && s.health.worthWaiting(now) {
		p.ticket = t
		t.add()
	}
	s.insert(p)
	if at, full := s.due(p, now); full || at.Before(s.wakeAt) {
		s.wakeAt = time.Time{}
	}
}

// insert keeps pending in order. It searches from the end, where most alerts belong.
func (s *Sink) insert(p *pendingAlert) {
	at := len(s.pending)
	for at > 0 && p.before(s.pending[at-1]) {
		at--
	}
	s.pending = slices.Insert(s.pending, at, p)
}

// makeRoom drops a pending alert for p: of the lowest priority, and of those the newest of the rule
// and calling package that has most. It reports false if that is p itself.
func (s *Sink) makeRoom(p *pendingAlert) bool {
	// pending is sorted, so that its end has the lowest priority.
	last := s.pending[len(s.pending)-1].priority
	if p.priority > last {
		return false
	}
	var most kind
	for k, n := range s.kinds {
		if k.priority == last && n > s.kinds[most] {
			most = k
		}
	}
	// With equal shares, dropping one for the other gains nothing. The older one stays.
	if p.priority == last && s.kinds[most] <= s.kinds[p.kind]+1 {
		return false
	}
	// From the end: the first alert of a kind says most, and stays.
	for i := len(s.pending) - 1; i >= 0; i-- {
		if old := s.pending[i]; old.kind == most {
			s.remove(i)
			s.drop(old)
			return true
		}
	}
	return false
}

// remove takes the i-th pending alert out.
func (s *Sink) remove(i int) {
	s.forget(s.pending[i])
	s.pending = slices.Delete(s.pending, i, i+1)
}

// forget ends the stay of an alert in the sink.
func (s *Sink) forget(p *pendingAlert) {
	if s.groups[p.group]--; s.groups[p.group] <= 0 {
		delete(s.groups, p.group)
	}
	if s.kinds[p.kind]--; s.kinds[p.kind] <= 0 {
		delete(s.kinds, p.kind)
	}
	p.settle()
}

// settle ends the wait for p. It may be called again, without effect.
func (p *pendingAlert) settle() {
	p.ticket.settle()
	p.ticket = nil
}

// maxFingerprints is how many fingerprints of dropped alerts a log line holds.
const maxFingerprints = 50

// drop counts an alert that does not fit. The log gets its fingerprint, and the sink a count.
func (s *Sink) drop(p *pendingAlert) {
	s.nDropped++
	if len(s.dropped) < maxFingerprints && !slices.Contains(s.dropped, p.alert.Fingerprint) {
		s.dropped = append(s.dropped, p.alert.Fingerprint)
	}
	s.beyond.add(p)
}

// stopWaiting settles what invocations wait for: the sink does not respond.
func (s *Sink) stopWaiting() {
	// Later alerts do not get a ticket either, until the sink delivers.
	s.health.quiet = true
	for _, p := range append(slices.Clone(s.pending), s.inFlight...) {
		p.settle()
	}
}

// closeIdle closes the sink's idle connections before the process may be frozen. After the thaw
// they are often dead, and a request on a dead connection hangs. The queue is locked.
func (s *Sink) closeIdle() {
	c, ok := s.notifier.(interface{ CloseIdleConnections() })
	switch {
	case !ok:
	case s.private:
		c.CloseIdleConnections()
	case !s.closing.Swap(true): // code of the program may wait, panic, or ask the guard
		go func() {
			defer s.closing.Store(false)
			defer func() { _ = recover() }()
			c.CloseIdleConnections()
		}()
	}
}
