package alerting

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/notify"
)

// A flood of distinct violations in one invocation: the log and the sinks are bounded, and
// the counts are whole.
func TestAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := corpustest.Sample(3_000, 20_000)
		f := newFixture(respondsAfter(200 * time.Millisecond))
		f.Begin()
		for i := range n {
			f.Record(violation("alert", fmt.Sprintf("https://host-%d.example/", i)))
		}
		f.Flush(t.Context())
		assert.LessOrEqual(t, f.place.called(), maxMessages)
		assert.Len(t, f.lines(t, notify.Schema), maxLines)
		assert.Equal(t, float64(n), counted(t, f), "the metric counts all")
		assert.Less(t, len(f.text()), 1<<20)
		more := 0.0
		for _, l := range f.lines(t, "outguard.more/v1") {
			more += l["violations"].(float64)
		}
		assert.Equal(t, float64(n-maxLines), more)
		beyond := f.lines(t, "outguard.beyond/v1")
		require.Len(t, beyond, 1, "the log has the count, should the container never run again")

		sent := f.place.called()
		time.Sleep(2 * time.Minute)
		f.invocation(t)
		synctest.Wait()
		time.Sleep(time.Second)
		assert.LessOrEqual(t, f.place.called(), sent+2, "one message for the rest, with the first flush after the minute")
		total := 0
		for _, a := range f.place.alerts() {
			total += a.Count
		}
		assert.Equal(t, n, total, "no call is missing")
		last := f.place.alerts()[len(f.place.alerts())-1]
		assert.Equal(t, notify.KindMore, last.Call.Kind)
		assert.Contains(t, last.Reason, "kinds to more than 100 hosts")
	})
}

// Ten messages in a minute, whatever a message is for the sink.
func TestTheCeiling(t *testing.T) {
	for name, c := range map[string]struct {
		messages func([]*pendingAlert) int
		most     func([][]notify.Alert) int
	}{
		"a message for each batch": {nil, func(got [][]notify.Alert) int { return len(got) }},
		"a message for each alert": {each, func(got [][]notify.Alert) (n int) {
			for _, b := range got {
				n += len(b)
			}
			return n
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(nil)
				f.sinks[0].messages = c.messages
				for _, a := range distinct(300) {
					f.invocation(t, a)
				}
				assert.LessOrEqual(t, c.most(f.place.got), maxMessages)
				time.Sleep(time.Minute)
				f.invocation(t)
				synctest.Wait()
				alerts := f.place.alerts()
				total := 0
				for _, a := range alerts {
					total += a.Count
				}
				assert.Equal(t, 300, total)
				assert.Equal(t, notify.KindMore, alerts[len(alerts)-1].Call.Kind)
			})
		})
	}
}

// manyDecoys returns more than a sink has places for.
func manyDecoys() int { return corpustest.Sample(2*maxPending, 5*maxPending) }

// A block among decoys arrives, wherever it stands among them and however slow the sink is.
func TestABlockAmongDecoysArrives(t *testing.T) {
	decoys := manyDecoys()
	for _, at := range []int{0, 1, decoys / 2, decoys - 1} {
		for name, messages := range map[string]func([]*pendingAlert) int{"batches": nil, "each": each} {
			t.Run(fmt.Sprint(name, at), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFixture(respondsAfter(200 * time.Millisecond))
					f.sinks[0].messages = messages
					f.Begin()
					for i := range decoys {
						f.Record(violation("alert", fmt.Sprintf("https://host-%d.example/", i)))
						if i == at {
							f.Record(violation("block", evil))
						}
						if i%100 == 0 {
							time.Sleep(10 * time.Millisecond)
						}
					}
					f.Flush(t.Context())
					assertArrived(t, f, "block", evil)
				})
			})
		}
	}
}

// Decoys that are blocks of the same rule fill their own host's places alone: a block of another
// host arrives, although each alert is a message of its own.
func TestABlockOfAnotherHostArrives(t *testing.T) {
	decoys := manyDecoys()
	for _, at := range []int{1, 5, 19, decoys * 4 / 5} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(respondsAfter(200 * time.Millisecond))
			f.sinks[0].messages = each
			f.Begin()
			for i := range decoys {
				f.Record(violation("block", "https://decoy.example/"+word(i)))
				if i == at {
					f.Record(violation("block", evil))
				}
			}
			f.Flush(t.Context())
			assertArrived(t, f, "block", evil)
		})
	}
}

// So does an alert of another package: no package pushes out another.
func TestAnAlertOfAnotherPackageArrives(t *testing.T) {
	decoys := manyDecoys()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(hangs)
		f.Begin()
		for i := range decoys {
			f.Record(violation("alert", fmt.Sprintf("https://host-%d.example/", i)))
			if i == decoys*4/5 {
				a := violation("alert", evil)
				a.Caller = "example.com/other.Call other.go:1"
				f.Record(a)
			}
		}
		f.Flush(t.Context())
		assert.LessOrEqual(t, len(f.sinks[0].pending), maxPending)
		lines := f.lines(t, "outguard.undelivered/v1")
		require.NotEmpty(t, lines)
		assert.Len(t, lines[0]["fingerprints"], maxFingerprints, "what is dropped is logged")
		assert.Greater(t, lines[0]["dropped"], float64(decoys)*0.4)
		f.place.recovers()
		time.Sleep(3 * time.Minute)
		f.invocation(t)
		synctest.Wait()
		assertArrived(t, f, "alert", evil)
	})
}

// Blocks that come in a row go together, as alerts do: they leave messages for what comes later.
func TestBlocksInARowDoNotUseUpTheCeiling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.Begin()
		for i := range 60 {
			f.Record(violation("block", fmt.Sprintf("https://host-%d.example/", i)))
			time.Sleep(time.Millisecond)
		}
		f.Flush(t.Context())
		f.invocation(t, violation("block", evil))
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 61)
		assertArrived(t, f, "block", evil)
	})
}

// One host cannot fill the sink either: of its alerts so many wait, and the others are counted.
func TestAGroupIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(hangs)
		f.Begin()
		for i := range 500 {
			f.Record(violation("alert", "https://evil.example/"+strings.Repeat("x", i+1)))
		}
		assert.LessOrEqual(t, len(f.sinks[0].pending), maxPerGroup)
		f.Flush(t.Context())
		f.place.recovers()
		time.Sleep(3 * time.Minute)
		f.invocation(t)
		synctest.Wait()
		total := 0
		for _, a := range f.place.alerts() {
			total += a.Count
		}
		assert.Equal(t, 500, total)
	})
}

// After an outage, what was kept comes at once. What the ceiling leaves of it is in the message
// that counts the rest: no alert is missing.
func TestWhatWasKeptDuringAnOutageArrivesOrIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		reply    func(context.Context, int) error
		messages func([]*pendingAlert) int
		kept     int
	}{
		"fails":                  {fails, each, 10},
		"fails, many":            {fails, each, 60},
		"refuses":                {refuses, each, 10},
		"refuses, many":          {refuses, each, 60},
		"hangs":                  {hangs, each, 10},
		"refuses, in one batch":  {refuses, nil, 60},
		"fails, by service":      {fails, groups, 10},
		"refuses, Slack's sizes": {refuses, slackMessages, 60},
	} {
		t.Run(strings.NewReplacer(",", "", " ", "_", "'", "").Replace(name), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(c.reply)
				f.sinks[0].messages = c.messages
				for _, a := range distinct(c.kept) {
					f.invocation(t, a)
					time.Sleep(10 * time.Second)
				}
				f.place.recovers()
				for range 150 {
					took, _ := f.invocation(t)
					assert.Zero(t, took)
					time.Sleep(time.Minute)
				}
				total := 0
				for _, a := range f.place.alerts() {
					total += a.Count
				}
				assert.Equal(t, c.kept, total)
				assert.Empty(t, f.sinks[0].pending)
				assert.Zero(t, f.sinks[0].beyond.calls)
			})
		})
	}
}

func assertArrived(t *testing.T, f *fixture, verdict, url string) {
	t.Helper()
	for _, a := range f.place.alerts() {
		if a.Verdict == verdict && a.Call.URL == url {
			return
		}
	}
	assert.Fail(t, "the "+verdict+" has not arrived", "of %d alerts in %d messages", len(f.place.alerts()), f.place.called())
}

// Ids are folded: 2,000 customers are one violation, with a sample and a count.
func TestCallsThatDifferInIDsAreOneViolation(t *testing.T) {
	for _, c := range []struct{ calls, distinct int }{{2, 2}, {64, 64}, {65, 65}, {2_000, 65}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(nil)
			f.Begin()
			for i := range c.calls {
				a := violation("alert", fmt.Sprintf("https://api.example/customers/%d", 1000+i))
				f.Record(a)
			}
			f.Close(t.Context())
			got := f.place.alerts()
			require.Len(t, got, 2)
			assert.Equal(t, "https://api.example/customers/1000", got[0].Call.URL, "the first is the sample")
			assert.Equal(t, c.calls-1, got[1].Count)
			assert.Equal(t, c.distinct, got[1].Distinct)
			assert.Equal(t, got[0].Fingerprint, got[1].Fingerprint)
		})
	}
}

// Months of a busy container with a FIFO topic: no count is lost in SNS's window, and no memory
// grows.
func TestMonths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sns := &topic{last: map[string]time.Time{}}
		var down atomic.Bool
		var lines counter
		q := New(Options{Stdout: &lines, Sinks: []*Sink{NewSink("topic", deliverFunc(func(ctx context.Context, alerts []notify.Alert) error {
			if down.Load() {
				return fails(ctx, 0)
			}
			return sns.Notify(ctx, alerts)
		}))}})
		days := time.Duration(corpustest.Times(corpustest.Sample(20, 60), 365)) * 24 * time.Hour
		recorded, hour := 0, 0
		for start := time.Now(); time.Since(start) < days; hour++ {
			down.Store(hour%100 == 7) // an outage of an hour now and then
			for i := range 2 + hour%3 {
				ticket := new(Ticket)
				q.Begin()
				for range 1 + (hour*7+i)%130 {
					q.Record(violation("alert", fmt.Sprintf("https://evil.example/x/%d", hour)), ticket)
					recorded++
				}
				q.Flush(t.Context(), ticket)
				time.Sleep(7 * time.Minute)
			}
			time.Sleep(time.Hour)
		}
		down.Store(false)
		time.Sleep(time.Hour)
		q.Close(t.Context())
		assert.Equal(t, recorded, sns.calls)
		assert.Equal(t, 1, q.seen.count)
		assert.Empty(t, q.sinks[0].pending)
		assert.Empty(t, q.sinks[0].groups)
	})
}

func TestLogLevels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for level, dropped := range map[string]bool{"": false, "INFO": false, "WARN": false, "ERROR": true, "error": true, "FATAL": true} {
			f := &fixture{}
			f.Queue = New(Options{Stdout: &f.out, LogLevel: level})
			f.Begin()
			f.Begin()
			lines := f.lines(t, "outguard.loglevel/v1")
			if !dropped {
				assert.Empty(t, lines, level)
				continue
			}
			require.Len(t, lines, 1, level)
			assert.Equal(t, strings.ToUpper(level), lines[0]["level"], "a level that is not dropped")
		}
	})
}
