package alerting

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/notify"
)

// A topic counts what a fleet publishes. Like SNS FIFO it drops a deduplication id that it had in
// the last five minutes. notify.SNS makes the id from the fingerprint, the bucket of the alert's
// own time and whether it is a sum.
type topic struct {
	mu        sync.Mutex
	last      map[string]time.Time
	published int
	delivered int
	calls     int // in what was delivered
}

func (p *topic) Notify(_ context.Context, alerts []notify.Alert) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range alerts {
		p.published++
		id := a.Fingerprint + fmt.Sprint(notify.Bucket(a.Time))
		if a.IsSum() {
			id += " again"
		}
		if at, ok := p.last[id]; !ok || time.Since(at) >= 5*time.Minute {
			p.last[id] = time.Now()
			p.delivered++
			p.calls += a.Count
		}
	}
	return nil
}

// A violation stops during an outage. What is left of its count is sent when the topic works again,
// together with the sum before it.
func TestTheLastCountOfAViolationThatStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sns := &topic{last: map[string]time.Time{}}
		down := false
		q := New(Options{Stdout: new(counter), Sinks: []*Sink{NewSink("topic", deliverFunc(func(ctx context.Context, alerts []notify.Alert) error {
			if down {
				return fails(ctx, 0)
			}
			return sns.Notify(ctx, alerts)
		}))}})
		recorded := 0
		invocation := func(n int) {
			ticket := new(Ticket)
			q.Begin()
			for range n {
				q.Record(violation("alert", evil), ticket)
			}
			recorded += n
			_ = q.Flush(t.Context(), ticket)
			time.Sleep(7 * time.Minute)
			synctest.Wait() // the topic is read below
		}
		invocation(50)
		down = true
		invocation(51)
		invocation(52)
		time.Sleep(time.Hour)
		synctest.Wait()
		down = false
		invocation(0)
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Equal(t, recorded, sns.calls)
	})
}

// TestAFleetOfContainers simulates half an hour in which hundreds of containers, started over
// the first minute, run an invocation every 30 seconds, each with the same violation, twice.
// docs/alerts.md gives the numbers for 1,000, which LONG=1 simulates.
func TestAFleetOfContainers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const every, span = 30 * time.Second, 30 * time.Minute
		containers := corpustest.Times(corpustest.Sample(50, 200), 1_000)
		sns := &topic{last: map[string]time.Time{}}
		var lines counter
		r := rand.New(rand.NewPCG(1, 1))
		var wg sync.WaitGroup
		end := time.Now().Add(span)
		for range containers {
			start := time.Duration(r.Int64N(int64(time.Minute)))
			wg.Go(func() {
				time.Sleep(start)
				q := New(Options{Stdout: &lines, Sinks: []*Sink{NewSink("topic", sns)}})
				for time.Now().Before(end) {
					q.Begin()
					ticket := new(Ticket)
					q.Record(violation("alert", evil), ticket)
					q.Record(violation("alert", evil), ticket)
					q.Flush(t.Context(), ticket)
					time.Sleep(every)
				}
			})
		}
		wg.Wait()
		t.Logf("invocations %d, published %d, delivered by FIFO %d, log lines %d", containers*int(span/every), sns.published, sns.delivered, lines.n)
		// one first sight and, in each further five minutes, one sum for each container
		assert.InDelta(t, containers*(1+5), sns.published, float64(containers))
		// the first sights and the sums of all containers fall together
		assert.LessOrEqual(t, sns.delivered, 2+6)
	})
}

// A flood goes on for half an hour: each minute has more than the topic is sent. The messages that
// count the rest are not dropped as repetitions of each other, so no count is lost.
func TestCountsBeyondTheCeilingOfAFIFOTopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sns := &topic{last: map[string]time.Time{}}
		s := NewSink("topic", sns)
		s.messages, s.inBuckets = each, true
		q := New(Options{Stdout: &counter{}, Sinks: []*Sink{s}})
		recorded := 0
		invoke := func(n int) {
			q.Begin()
			ticket := new(Ticket)
			for range n {
				recorded++
				q.Record(violation("alert", "https://evil.example/"+word(recorded)), ticket)
			}
			q.Flush(t.Context(), ticket)
			synctest.Wait()
			time.Sleep(20 * time.Second)
		}
		for range 90 {
			invoke(10)
		}
		for range 30 {
			invoke(0)
		}
		assert.Equal(t, recorded, sns.calls)
	})
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return len(b), nil
}
