package alloctest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var kept []byte

func TestAtMost(t *testing.T) {
	for _, c := range []struct {
		limit, bytes int
		fails        bool
	}{
		{0, 0, false},
		{1, 16, false},
		{0, 16, !Race},
	} {
		spy := &testing.T{}
		ran := false
		AtMost(spy, c.limit, func() {
			ran = true
			if c.bytes > 0 {
				kept = make([]byte, c.bytes)
			}
		})
		assert.True(t, ran)
		assert.Equal(t, c.fails, spy.Failed(), "%+v", c)
	}
}
