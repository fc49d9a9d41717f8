package netguard

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// elsewhere runs f on a goroutine of its own.
func elsewhere(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

func TestALookUpEndsWithItsOwnHost(t *testing.T) {
	var l lookups
	l.start("a.test")
	assert.Equal(t, "a.test", l.done())
	assert.Empty(t, l.done(), "none has begun")

	// b begins while a runs, and ends on its own goroutine.
	l.start("a.test")
	elsewhere(func() {
		l.start("b.test")
		assert.Equal(t, "b.test", l.done())
	})
	assert.Equal(t, "a.test", l.done())

	// a ends while b runs.
	next, end := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	l.start("a.test")
	wg.Go(func() {
		l.start("b.test")
		next <- true
		<-end
		assert.Equal(t, "b.test", l.done())
	})
	<-next
	assert.Equal(t, "a.test", l.done())
	l.start("c.test")
	assert.Equal(t, "c.test", l.done())
	close(end)
	wg.Wait()
	assert.Empty(t, l.by)
}

func TestManyLookUpsEndWithTheirOwnHosts(t *testing.T) {
	var l lookups
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 200 {
				host := fmt.Sprintf("%d-%d.test", n, i)
				l.start(host)
				assert.Equal(t, host, l.done())
			}
		})
	}
	wg.Wait()
}
