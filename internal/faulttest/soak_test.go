//go:build linux

package faulttest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alerting"
)

// refusedFor is how long a sink refuses everything, as one does whose permission is added after the
// deployment.
func refusedFor() time.Duration {
	if full {
		return 200 * time.Second
	}
	return 3 * time.Second
}

// raised is how many alerts there are meanwhile: fewer than a sink takes in a minute.
const raised = 6

// TestRefusals has each kind of sink refuse everything for some time, in which alerts are raised.
// None of them is lost, and no invocation without an alert of its own waits.
func TestRefusals(t *testing.T) {
	for _, sink := range allSinks {
		t.Run(strings.ReplaceAll(sink, " ", "_"), func(t *testing.T) {
			t.Parallel()
			r := serve(t, sink, "403")
			var log log
			q := alerting.New(alerting.Options{Stdout: &log, Sinks: sinkFor(t, r)})
			var words []string
			innocent := func() {
				q.Begin()
				start := time.Now()
				assert.NoError(t, q.Flush(t.Context(), new(alerting.Ticket)))
				assert.Less(t, time.Since(start), budget(maxInnocent))
			}
			tick := time.NewTicker(refusedFor() / raised)
			defer tick.Stop()
			for range raised {
				q.Begin()
				ticket, w := new(alerting.Ticket), nextWord()
				words = append(words, w)
				q.Record(violation(w), ticket)
				_ = q.Flush(t.Context(), ticket) // the log has what was not delivered
				innocent()
				<-tick.C
			}
			require.Len(t, r.missing(words), raised, "all were refused")
			r.recover()
			require.Eventually(t, func() bool {
				innocent()
				if !full { // the last flush of a process does not wait for backoffs
					_ = q.Close(t.Context())
				}
				return r.missing(words) == nil
			}, patience(), 200*time.Millisecond, "an alert is lost\n%s", &log)
			assert.Contains(t, log.String(), "outguard.undelivered/v1")
		})
	}
}
