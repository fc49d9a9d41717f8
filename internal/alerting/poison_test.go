package alerting

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/notify"
)

// A firewall refuses what looks like an attack. Whoever has it refuse alerts for hours does not
// keep the block of a rule that is new to the sink from arriving.
func TestPoisonForHoursHidesNoNewRule(t *testing.T) {
	for name, c := range map[string]struct {
		every time.Duration
		hours int
	}{"often": {10 * time.Second, 3}, "seldom": {7 * time.Minute, 12}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(nil)
				sends := 0
				var mu sync.Mutex
				arrived := map[string]bool{}
				has := func(url string) bool {
					mu.Lock()
					defer mu.Unlock()
					return arrived[url]
				}
				f.sinks[0].notifier = deliverFunc(func(_ context.Context, alerts []notify.Alert) error {
					mu.Lock()
					defer mu.Unlock()
					sends++
					for _, a := range alerts {
						if strings.Contains(a.Call.URL, "poison") {
							return &notify.DeliveryError{Sink: "place", Permanent: true, Err: errors.New("answered 403 Forbidden")}
						}
					}
					for _, a := range alerts {
						arrived[a.Call.URL] = true
					}
					return nil
				})
				start := time.Now()
				for i := 0; time.Since(start) < time.Duration(c.hours)*time.Hour; i++ {
					f.invocation(t, violation("alert", "https://evil.example/poison/"+word(i)))
					time.Sleep(c.every)
				}
				synctest.Wait()
				mu.Lock()
				t.Logf("%d sends in %d hours", sends, c.hours)
				assert.Less(t, sends, c.hours*60*(maxMessages+1), "the ceiling holds")
				mu.Unlock()
				secret := violation("block", "https://real.example/")
				secret.Rule = "no-exfiltration"
				took, _ := f.invocation(t, secret)
				assert.LessOrEqual(t, took, defaultBudget)
				synctest.Wait()
				since := time.Now()
				for !has(secret.Call.URL) {
					require.Less(t, time.Since(since), time.Hour)
					time.Sleep(time.Second)
					f.invocation(t)
				}
				t.Log(time.Since(since))
				assert.LessOrEqual(t, time.Since(since), time.Second)
			})
		})
	}
}
