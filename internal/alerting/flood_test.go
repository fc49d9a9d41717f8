package alerting

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/corpustest"
	"github.com/outguard/outguard/notify"
)

// maxFlood is the most that the log has of one invocation, whatever it does.
const maxFlood = 2 << 20

// The log of an invocation is bounded, whatever its violations are, and all counts are whole.
func TestTheLogOfAFloodIsBounded(t *testing.T) {
	entries := corpustest.Sample(1_000, defaultEntries)
	over, long := entries+entries/20, corpustest.Sample(250, 600) // over: some are forgotten
	for name, c := range map[string]struct {
		distinct, times, inRow int
		url                    func(i int) string
	}{
		"each once":           {corpustest.Times(entries*12/10, 100_000), 1, 1, func(i int) string { return fmt.Sprintf("https://%s.example/", word(i)) }},
		"each three times":    {corpustest.Times(max(entries/5, 2*maxSums), 5_000), 3, 1, func(i int) string { return fmt.Sprintf("https://%s.example/", word(i)) }},
		"forgotten in a loop": {over, 2, 1, func(i int) string { return fmt.Sprintf("https://%s.example/", word(i)) }},
		"forgotten repeats":   {over, 1, 2, func(i int) string { return fmt.Sprintf("https://%s.example/", word(i)) }},
		"quotes":              {long, 1, 2, func(i int) string { return "https://evil.example/" + word(i) + strings.Repeat(`"`, 1900) }},
		"long paths":          {long, 1, 2, func(i int) string { return "https://evil.example/" + word(i) + strings.Repeat("/long", 390) }},
		"long hosts": {long, 1, 2, func(i int) string {
			return "https://" + word(i) + strings.Repeat(".long", 300) + "/" + strings.Repeat("x/y", 500)
		}},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := limitedFixture(limits{entries: entries}, nil)
				f.Begin()
				for range c.times {
					for i := range c.distinct {
						a := violation("alert", c.url(i))
						a.Reason = "no whitelist rule matches host " + c.url(i)
						a.Allow = "- http: " + c.url(i)
						for range c.inRow {
							f.Record(a)
						}
					}
				}
				f.Flush(t.Context())
				assert.Less(t, len(f.text()), maxFlood)
				assert.Equal(t, float64(c.distinct*c.times*c.inRow), counted(t, f), "the metric counts all")
				sent := 0
				synctest.Wait()
				for range 20 {
					time.Sleep(5 * time.Minute)
					f.invocation(t)
				}
				synctest.Wait()
				for _, a := range f.place.alerts() {
					sent += a.Count
				}
				assert.Equal(t, c.distinct*c.times*c.inRow, sent, "the sink has the count of all")
				for _, l := range f.lines(t, notify.Schema) {
					assert.NotNil(t, l["fingerprint"])
				}
			})
		})
	}
}

// word returns the i-th word of letters: an id would be folded.
func word(i int) string {
	var b strings.Builder
	for n := i + 26*26*26; n > 0; n /= 26 {
		b.WriteByte('a' + byte(n%26))
	}
	return b.String()
}
