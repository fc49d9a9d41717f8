package canon

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/net/http/httpguts"
)

// Eight bytes at a time or one by one, every byte at every place is judged as net/http judges it.
func TestHeadersAreReadAsNetHTTPReadsThem(t *testing.T) {
	for n := 1; n <= 20; n++ {
		for at := range n {
			for c := range 256 {
				b := []byte(strings.Repeat("Az-09a", 4)[:n])
				b[at] = byte(c)
				s := string(b)
				assert.Equal(t, httpguts.ValidHeaderFieldName(s), isToken(s), "name %q", s)
				assert.Equal(t, httpguts.ValidHeaderFieldValue(s), validValue(s), "value %q", s)
			}
		}
	}
	assert.False(t, isToken(""))
	assert.True(t, validValue(""))
}
