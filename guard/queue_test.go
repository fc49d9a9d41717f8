package guard

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
)

// A place is a sink that remembers what it got.
type place struct {
	mu    sync.Mutex
	got   [][]notify.Alert
	reply func(ctx context.Context, n int) error // of the n-th call, from 1
	calls int
}

func (p *place) Notify(ctx context.Context, alerts []notify.Alert) error {
	p.mu.Lock()
	p.calls++
	n := p.calls
	p.mu.Unlock()
	if p.reply != nil {
		if err := p.reply(ctx, n); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, alerts)
	return nil
}

func (p *place) alerts() (all []notify.Alert) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.got {
		all = append(all, b...)
	}
	return all
}

// A bench is a queue under test, with its log and its places.
type fixture struct {
	*queue
	out   *bytes.Buffer
	place *place
}

func newFixture(reply func(ctx context.Context, n int) error) *fixture {
	f := &fixture{out: &bytes.Buffer{}, place: &place{reply: reply}}
	f.queue = newQueue(queueOptions{stdout: f.out, sinks: []*sink{customSink(f.place, "place")}})
	return f
}

// lines returns the log lines of a schema.
func (f *fixture) lines(t *testing.T, schema string) (all []map[string]any) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range bytes.Lines(f.out.Bytes()) {
		var m map[string]any
		require.NoError(t, json.Unmarshal(l, &m), "%s", l)
		if m["schema"] == schema {
			all = append(all, m)
		}
	}
	return all
}

func violation(verdict, url string) notify.Alert {
	return notify.Alert{Verdict: verdict, Function: "checkout", Stage: "prod", List: "whitelist", Reason: "not in the whitelist",
		Call: notify.Call{Kind: "http", Method: "GET", URL: url}, Caller: "main.handle main.go:12"}
}

func TestFirstSightIsToldAndRepeatsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.begin()
		for range 5 {
			f.add(violation("alert", "https://evil.example/x"), false)
		}
		require.NoError(t, f.flush(t.Context()))
		got := f.place.alerts()
		require.Len(t, got, 1)
		assert.Equal(t, 1, got[0].Count)
		log := f.lines(t, notify.Schema)
		require.Len(t, log, 2, "one line, and one sum at the invocation's end")
		assert.EqualValues(t, 1, log[0]["count"])
		assert.EqualValues(t, 4, log[1]["count"])
		metric := f.lines(t, "outguard.metric/v1")
		require.Len(t, metric, 1)
		assert.EqualValues(t, 5, metric[0]["Violations"])

		time.Sleep(sumWindow)
		f.begin()
		f.add(violation("alert", "https://evil.example/x"), false)
		require.NoError(t, f.flush(t.Context()))
		got = f.place.alerts()
		require.Len(t, got, 2)
		assert.Equal(t, 5, got[1].Count, "the window is over: all repeats that were not sent")
		assert.True(t, got[1].IsSum())
		assert.False(t, f.busy.Load(), "nothing is left to do")
	})
}
