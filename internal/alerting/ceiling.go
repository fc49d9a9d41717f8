package alerting

import (
	"time"

	"github.com/outguard/outguard/notify"
)

// A sink is a channel that people read. A loop that calls another host each time must not fill it,
// nor use up Slack's rate limit. The reserved messages keep a flood of known alerts from hiding a
// block.
const (
	maxMessages = 10 // that a sink gets in a minute
	reserved    = 2  // of these, for blocks and for rules that are new to the sink
	minute      = time.Minute
	pace        = 100 * time.Millisecond // between two messages, times the number of messages so far
)

// A ceiling counts the messages of one sink in the current minute. Queue.mu guards it. The zero
// value starts a minute at the first call of left.
type ceiling struct {
	since time.Time // start of the minute
	sent  int       // those in flight count, too
	last  time.Time // the start of the last send
	// counted is the bucket in which the last message about further calls was made.
	counted int64
}

// left returns how many messages may still be sent for p.
func (c *ceiling) left(p *pendingAlert, now time.Time) int {
	if now.Sub(c.since) >= minute {
		// A minute begins with the first message after the last one ended, not with the clock's.
		c.since, c.sent = now, 0
	}
	// The last two places are not for decoys, however many there are.
	if p.priority > block && p.limit == 0 {
		return maxMessages - reserved - c.sent
	}
	return maxMessages - c.sent
}

// paced returns when the next message may be sent that brings nothing new: alerts that come in a
// row go together, and do not use up the ceiling one by one.
func (c *ceiling) paced() time.Time { return c.last.Add(time.Duration(c.sent) * pace) }

// over reports that the minute has ended.
func (c *ceiling) over(now time.Time) bool { return now.Sub(c.since) >= minute }

// messagesOf returns how many messages a batch becomes. Slack's texts may need several.
func (s *Sink) messagesOf(batch []*pendingAlert) int {
	if s.messages == nil || len(batch) == 0 {
		return min(len(batch), 1)
	}
	return s.messages(batch)
}

// nextBatch returns the next alerts to send, which stay in pending, or nil. It counts those that
// are beyond the ceiling.
func (s *Sink) nextBatch(now time.Time) (batch []*pendingAlert) {
	if p := s.novelty(); p != nil && s.ceiling.left(p, now) > 0 {
		return []*pendingAlert{p}
	}
	// After an error the sink rests as a whole: other alerts would fail as the last one did.
	if s.health.asleep(now) {
		return nil
	}
	if s.health.suspended {
		return s.probe()
	}
	for i := 0; i < len(s.pending); i++ {
		p := s.pending[i]
		left := s.ceiling.left(p, now)
		switch {
		// It was refused, and its time has not come. Others pass it.
		case now.Before(p.asleep):
			continue
		// A person has to see what is new by itself: a count shows neither its rule nor its host.
		case left <= 0 && (p.priority <= newAlert || p.limit > 0): // new, or from a batch that was refused
			continue // it waits for the next minute
		case left <= 0:
			// The rest are counted, and one message says how many.
			s.remove(i)
			s.beyond.add(p)
			i--
			continue
		// Nothing new and nobody waits: it goes together with what comes next.
		case len(batch) == 0 && p.priority > newAlert && p.limit == 0 && !s.urgent && now.Before(s.ceiling.paced()):
			return nil
		case len(batch) == 0:
		// Alerts of a refused batch go in halves of their own, and do not take fresh ones with
		// them.
		case (p.limit == 0) != (batch[0].limit == 0), p.limit > 0 && len(batch) >= min(batch[0].limit, p.limit):
			continue
		}
		// One more may need a second message, for which there may be no room.
		if batch = append(batch, p); len(batch) > 1 && s.messagesOf(batch) > left {
			return batch[:len(batch)-1]
		}
		if len(batch) == notify.MaxBatch {
			return batch
		}
	}
	return batch
}

// novelty returns an alert of a rule or calling package that is new to a suspended sink, which has
// not been tried with it. It does not wait for the end of the backoff: the sink may have refused
// the texts of others, to hide this one.
func (s *Sink) novelty() *pendingAlert {
	// A sink that fails without refusing, for example by a timeout, fails for any alert.
	if !s.health.suspended || s.health.failures > 0 {
		return nil
	}
	for _, p := range s.pending {
		// pending is sorted: what follows is not new.
		if p.priority > newAlert {
			return nil
		}
		// A count of further calls is new only in its number.
		if !p.failed && p.alert.Call.Kind != notify.KindMore {
			return p
		}
	}
	return nil
}

// probe returns the alert that a suspended sink is tried with: the one refused least often. An
// alert with a text that a firewall refuses would otherwise keep the sink suspended for ever.
func (s *Sink) probe() []*pendingAlert {
	var best *pendingAlert
	for _, p := range s.pending {
		if best == nil || p.refusals < best.refusals {
			best = p
		}
	}
	if best == nil {
		return nil
	}
	return []*pendingAlert{best}
}

// addBeyond queues the message about what was beyond the ceiling, when its minute is over. If the
// sink takes one in five minutes only, further calls are counted until these are over.
func (s *Sink) addBeyond(now time.Time) {
	if s.beyond.calls == 0 || !s.ceiling.over(now) || s.health.asleep(now) {
		return
	}
	bucket := notify.Bucket(now)
	if s.inBuckets && bucket == s.ceiling.counted {
		return
	}
	// SNS would drop a second count of the same bucket as a duplicate.
	s.ceiling.counted = bucket
	a := s.beyond.take(now)
	// It has the priority of what is new, so that it is not counted with others again.
	s.add(newPending(&a, newAlert), nil, now)
}
