package alerting

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRefusalsFor200Seconds has a sink refuse everything for as long as it takes somebody to add a
// permission after a deployment. All alerts of that time arrive with the next try.
func TestRefusalsFor200Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(refuses)
		const alerts, every = 10, 20 * time.Second
		for _, a := range distinct(alerts) {
			f.invocation(t, a)
			time.Sleep(every)
		}
		require.Empty(t, f.place.alerts())
		f.place.recovers()
		began := time.Now()
		for len(f.place.alerts()) < alerts && time.Since(began) < maxRefusal {
			took, _ := f.invocation(t)
			assert.Zero(t, took)
			time.Sleep(time.Second)
		}
		assert.Len(t, f.place.alerts(), alerts)
		assert.Less(t, time.Since(began), 4*firstRefusal)
	})
}
