package alerting

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
)

type errPanics struct{}

func (errPanics) Error() string { panic("with a secret") }

// A Notifier of the user's own may return any error. Neither its text nor its methods are trusted.
func TestErrorsOfABadSink(t *testing.T) {
	const token = "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy"
	for name, c := range map[string]struct {
		err  error
		want string // in the reason that is logged; "": the alert has arrived
	}{
		"a whole URL": {&url.Error{Op: "Post", URL: "https://u:p4ss@h.example/" + token + "?k=v4lue", Err: errors.New("refused")}, "h.example"},
		"a header":    {errors.New("Authorization: Bearer " + token), "Bearer"},
		"lines":       {errors.New("a\n{\"level\":\"INFO\"}\x1b[2J"), "a"},
		"a megabyte":  {errors.New(strings.Repeat("long ", 1<<18)), "long"},
		"panics":      {errPanics{}, "panicked"},
		"nil pointer": {(*notify.DeliveryError)(nil), ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(nil)
				f.sinks[0].notifier = deliverFunc(func(context.Context, []notify.Alert) error { return c.err })
				_, err := f.invocation(t, violation("alert", evil))
				if c.want == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, c.want)
				lines := f.lines(t, "outguard.undelivered/v1")
				require.Len(t, lines, 1)
				assert.Contains(t, lines[0]["reason"], c.want)
				assert.EqualValues(t, 1, lines[0]["kept"])
				for _, text := range []string{err.Error(), lines[0]["reason"].(string)} {
					assert.NotContains(t, text, token)
					assert.NotContains(t, text, "p4ss")
					assert.NotContains(t, text, "v4lue")
					assert.NotContains(t, text, "with a secret")
					assert.NotContains(t, text, "\n")
				}
			})
		})
	}
}

// A sink that is given up in the middle of a batch reports what is left: the rest is not sent
// twice.
func TestWhatASlowSinkTookIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrived := map[string]int{}
		f := newFixture(nil)
		f.sinks[0].notifier = deliverFunc(func(ctx context.Context, alerts []notify.Alert) error {
			for i, a := range alerts {
				if i == 1 {
					<-ctx.Done()
					return &notify.DeliveryError{Sink: "place", Left: alerts[1:], Err: ctx.Err()}
				}
				arrived[a.Call.URL]++
			}
			return nil
		})
		f.invocation(t, distinct(3)...)
		for range 10 {
			time.Sleep(maxRefusal)
			f.invocation(t)
		}
		time.Sleep(time.Minute)
		assert.Len(t, arrived, 3)
		for u, n := range arrived {
			assert.Equal(t, 1, n, u)
		}
	})
}

// Sinks that never respond do not delay others: each has a slot of its own.
func TestHungSinksDelayNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFixture(nil)
		healthy := f.sinks[0]
		f.sinks = nil
		for range 8 {
			deaf := deliverFunc(func(context.Context, []notify.Alert) error { <-release; return nil })
			f.sinks = append(f.sinks, NewSink("deaf", deaf))
		}
		f.sinks = append(f.sinks, healthy)
		f.Begin()
		start := time.Now()
		f.Record(violation("alert", evil))
		synctest.Wait()
		assert.Len(t, f.place.alerts(), 1)
		assert.Zero(t, time.Since(start))
		close(release)
		f.Flush(t.Context())
	})
}

func TestASinkThatChangesItsAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(nil)
		f.sinks = append([]*Sink{NewSink("forger", deliverFunc(func(_ context.Context, alerts []notify.Alert) error {
			alerts[0].Call.Resources[0], alerts[0].Reason = "forged", "forged"
			return nil
		}))}, f.sinks...)
		a := violation("alert", evil)
		a.Call.Resources = []string{"arn:aws:s3:::receipts/1"}
		f.invocation(t, a, a)
		f.Close(t.Context())
		require.Len(t, f.place.alerts(), 2)
		for _, got := range f.place.alerts() {
			assert.Equal(t, a.Call.Resources, got.Call.Resources)
			assert.Equal(t, a.Reason, got.Reason)
		}
	})
}

// A sink that ignores its context costs one invocation its budget, and no more. Other sinks are not
// affected.
func TestASinkThatNeverReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFixture(nil)
		deaf := deliverFunc(func(context.Context, []notify.Alert) error { <-release; return nil })
		f.sinks = append([]*Sink{NewSink("deaf", deaf)}, f.sinks...)
		for i, a := range distinct(5) {
			took, _ := f.invocation(t, a)
			want := time.Duration(0)
			if i == 0 {
				want = defaultBudget
			}
			assert.Equal(t, want, took, "invocation %d", i)
		}
		assert.Len(t, f.place.alerts(), 5)
		close(release)
		synctest.Wait()
		time.Sleep(maxRefusal)
		_, err := f.invocation(t)
		require.NoError(t, err)
	})
}

type writerPanics struct{}

func (writerPanics) Write([]byte) (int, error) { panic("out of order") }

func TestAWriterThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &place{}
		q := New(Options{Stdout: writerPanics{}, Sinks: []*Sink{NewSink("place", p)}})
		q.Begin()
		ticket := new(Ticket)
		q.Record(violation("alert", evil), ticket)
		q.Record(violation("alert", evil), ticket)
		require.NoError(t, q.Flush(t.Context(), ticket))
		assert.Len(t, p.alerts(), 1)
	})
}
