package alerting

import (
	"slices"

	"github.com/outguard/outguard/notify"
)

const (
	maxPending  = 1_000 // alerts that wait for one sink; beyond, the oldest are dropped
	maxRefusals = 5     // an alert that a sink refused this often is dropped
)

// A Sink is one destination of alerts, with the alerts that wait for it and its health. Its mutable
// fields are guarded by Queue.mu.
type Sink struct {
	name     string // for log lines; holds no secret
	notifier notify.Notifier
	verdicts []string // "alert", "block"; nil means both
	private  bool     // made from a notify: entry: no guard judges its requests

	pending  []pendingAlert
	inFlight []pendingAlert // the batch that is being sent
	sending  bool           // a goroutine delivers
	dropped  int            // alerts given up since the last report
	silent   int            // alerts given up that no log line has reported as undelivered
	health   health
}

// A pendingAlert is an alert that waits for one sink.
type pendingAlert struct {
	alert    notify.Alert
	refusals int
	reported bool // the log has reported it as undelivered
}

// NewSink returns a sink for a Notifier of the user's own. It takes alerts and blocks.
func NewSink(name string, n notify.Notifier) *Sink { return &Sink{name: name, notifier: n} }

// wants reports whether the sink takes a. Alerts with the verdict "log" stay in the log.
func (s *Sink) wants(a *notify.Alert) bool {
	return a.Verdict != "log" && (s.verdicts == nil || slices.Contains(s.verdicts, a.Verdict))
}

// offer queues a for every sink that wants it.
func (q *Queue) offer(a notify.Alert) {
	for _, s := range q.sinks {
		if s.wants(&a) {
			s.pending = append(s.pending, pendingAlert{alert: a})
			s.trim()
		}
	}
}

// trim drops the oldest pending alerts beyond the bound.
func (s *Sink) trim() {
	over := len(s.pending) - maxPending
	if over <= 0 {
		return
	}
	for _, p := range s.pending[:over] {
		s.drop(p)
	}
	s.pending = slices.Delete(s.pending, 0, over)
}

func (s *Sink) drop(p pendingAlert) {
	s.dropped++
	if !p.reported {
		s.silent++
	}
}

// takeBatch moves the next alerts from pending to inFlight and returns copies of them: a Notifier
// may change what it is given.
func (s *Sink) takeBatch() []notify.Alert {
	s.inFlight = slices.Clone(s.pending[:min(len(s.pending), notify.MaxBatch)])
	s.pending = slices.Delete(s.pending, 0, len(s.inFlight))
	alerts := make([]notify.Alert, len(s.inFlight))
	for i, p := range s.inFlight {
		alerts[i] = p.alert
		alerts[i].Call.Resources = slices.Clone(p.alert.Call.Resources)
	}
	return alerts
}

// settle ends the send of a batch. Alerts that did not arrive return to the front of pending.
func (s *Sink) settle(f *failure) {
	batch := s.inFlight
	s.inFlight = nil
	if f == nil {
		return
	}
	kept := batch[:0]
	for _, p := range undelivered(batch, f.left) {
		if f.permanent {
			p.refusals++
		}
		if p.refusals >= maxRefusals {
			s.drop(p)
			continue
		}
		kept = append(kept, p)
	}
	s.pending = append(kept, s.pending...)
	s.trim()
}

// undelivered returns the part of batch that a sink reports as left. A nil left means all of it.
func undelivered(batch []pendingAlert, left []notify.Alert) []pendingAlert {
	if left == nil {
		return batch
	}
	var kept []pendingAlert
	for _, p := range batch {
		if slices.ContainsFunc(left, func(a notify.Alert) bool {
			return a.Fingerprint == p.alert.Fingerprint && a.Time.Equal(p.alert.Time) && a.Count == p.alert.Count
		}) {
			kept = append(kept, p)
		}
	}
	return kept
}

// markReported marks alerts as reported to be undelivered and returns how many were not before.
func markReported(alerts []pendingAlert) (fresh int) {
	for i := range alerts {
		if !alerts[i].reported {
			alerts[i].reported = true
			fresh++
		}
	}
	return fresh
}

// closeIdle closes the sink's idle connections before the process may be frozen. After the thaw
// they are often dead, and a request on a dead connection hangs.
func (s *Sink) closeIdle() {
	if c, ok := s.notifier.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
