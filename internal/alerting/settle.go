package alerting

import (
	"fmt"
	"slices"
	"time"

	"github.com/outguard/outguard/notify"
)

// This file ends the send of a batch: delivered, left, or to be sent again.

// settle ends the send of a batch. f is nil for a success.
func (s *Sink) settle(now time.Time, f *failure) {
	batch := s.inFlight
	s.inFlight = nil
	// Without a failure, nothing is left.
	var left []*pendingAlert
	if f != nil {
		left = matching(batch, f.left)
		s.health.lastErr = f.reason
	}
	// What the sink does not report as left has arrived. It makes room for others of its group.
	var arrived []*pendingAlert
	for _, p := range batch {
		if !slices.Contains(left, p) {
			s.forget(p)
			arrived = append(arrived, p)
		}
	}
	// A failed send used up no message, so that a retry has its place.
	s.ceiling.sent -= s.messagesOf(batch) - s.messagesOf(arrived)
	// delivered reports that a suspended sink accepts alerts again: what it refused may have been
	// fine.
	if arrived != nil && s.health.delivered() {
		s.wake()
	}
	if f == nil {
		return
	}
	// delivered has cleared it, if a part arrived.
	s.health.lastErr = f.reason
	var refused []*pendingAlert
	// Refused is what another try would not change: the text, and not the network.
	switch {
	// A 400 or 403 for the whole batch does not say which alert is at fault; refuse finds out.
	case f.permanent:
		refused = left
	case f.refused != nil:
		refused = matching(left, f.refused)
	}
	s.refuse(now, refused, len(batch))
	// The rest failed for a reason of the sink's, such as a timeout. That counts against all.
	if len(refused) < len(left) {
		s.health.failed(now, f)
	}
	for _, p := range left {
		p.failed = true
		// A wait is spent only on what can still arrive soon.
		if s.health.asleep(now) || now.Before(p.asleep) {
			p.settle()
		}
	}
	// Those that were not in this batch will not be sent soon either: the whole sink rests.
	if s.health.quiet || s.health.suspended || s.health.asleep(now) {
		s.stopWaitingAsleep()
	}
	s.putBack(left)
}

// refuse records that a sink refused alerts of a batch: it takes halves of them until the one that
// it refuses is alone. Only that one waits. A batch of 100 comes down to one alert in six steps.
func (s *Sink) refuse(now time.Time, refused []*pendingAlert, batch int) {
	if len(refused) == 1 {
		p := refused[0]
		// It goes alone from now on, so that it takes no other with it.
		p.limit = 1
		p.refusals++
		p.asleep = now.Add(refusalWait(p.refusals))
		s.health.refused(now)
		return
	}
	for _, p := range refused {
		// A batch of 10 becomes 5, 3, 2 and 1: the bad one is found in four sends.
		p.limit = max(min(len(refused), batch)/2, 1)
	}
}

// putBack returns alerts to pending, before others of their priority.
func (s *Sink) putBack(left []*pendingAlert) {
	for _, p := range slices.Backward(left) {
		// Before its equals, because it is older than they are.
		at := 0
		for at < len(s.pending) && s.pending[at].priority < p.priority {
			at++
		}
		s.pending = slices.Insert(s.pending, at, p)
	}
}

// wake ends the wait of alerts that the sink refused while it refused everything.
func (s *Sink) wake() {
	for _, p := range s.pending {
		p.asleep, p.limit, p.refusals = time.Time{}, 0, 0
	}
}

// wakeForLast ends all backoffs for one try, also what waits for the next minute.
func (s *Sink) wakeForLast() {
	s.health.until, s.wakeAt = time.Time{}, time.Time{}
	s.urgent = true
	for _, p := range s.pending {
		p.asleep = time.Time{}
	}
}

// stopWaitingAsleep settles what invocations wait for: it is not sent soon.
func (s *Sink) stopWaitingAsleep() {
	for _, p := range s.pending {
		p.settle()
	}
}

// matching returns the alerts of batch that a sink reports. nil stands for all. The Notifier
// returns copies, so fingerprint, times and count identify them.
func matching(batch []*pendingAlert, reported []notify.Alert) (found []*pendingAlert) {
	if reported == nil {
		return batch
	}
	for _, p := range batch {
		// A fingerprint is not enough: the alert and a sum of its repeats share it.
		if slices.ContainsFunc(reported, func(a notify.Alert) bool {
			return a.Fingerprint == p.alert.Fingerprint && a.Time.Equal(p.alert.Time) && a.Since.Equal(p.alert.Since) && a.Count == p.alert.Count
		}) {
			found = append(found, p)
		}
	}
	return found
}

// undelivered returns the line about alerts of t, or whose sends failed, that were not delivered;
// nil if the log has them all. Queue.mu is held.
func (s *Sink) undelivered(t *Ticket, now time.Time) *undeliveredLine {
	fresh, tries := 0, 0
	for _, p := range slices.Concat(s.inFlight, s.pending) {
		// Each alert is reported as undelivered once. Later it may still arrive.
		if !p.reported && (t == nil || p.failed || p.owner == t) {
			p.reported = true
			fresh++
		}
		tries = max(tries, p.refusals)
	}
	// Retries that go on need no line at each flush.
	if fresh == 0 && s.nDropped == 0 {
		return nil
	}
	line := &undeliveredLine{
		Level: "WARN", Timestamp: now.UTC(), Schema: "outguard.undelivered/v1", Sink: s.name, Undelivered: fresh,
		Dropped: s.nDropped, Fingerprints: s.dropped, Kept: len(s.pending) + len(s.inFlight), Refusals: tries, Reason: s.reason(),
	}
	if s.health.asleep(now) {
		line.PausedUntil = s.health.until.UTC()
	}
	s.nDropped, s.dropped = 0, nil
	return line
}

// err returns the error of a flush: what it waited for and did not arrive.
func (s *Sink) err(t *Ticket) error {
	for _, p := range slices.Concat(s.inFlight, s.pending) {
		// An invocation without a violation does not learn of the trouble of others.
		if t == nil || t.used.Load() && (p.failed || p.owner == t) {
			return fmt.Errorf("undelivered: %s: %s", s.name, s.reason())
		}
	}
	return nil
}

// reason says why alerts are still here, for the log and for the error of a flush.
func (s *Sink) reason() string {
	switch {
	case len(s.inFlight) > 0:
		return "no response yet"
	case s.health.lastErr != "":
		return s.health.lastErr
	case s.nDropped > 0:
		return fmt.Sprintf("more than %d alerts of a kind, or %d in all, waited to be sent", maxPerGroup, maxPending)
	}
	return "not sent yet"
}
