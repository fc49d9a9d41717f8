package netguard

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseOff(t *testing.T) {
	for _, c := range []struct {
		text string
		want Off
		err  string
	}{
		{"", Off{}, ""},
		{"-names", Off{Names: true}, ""},
		{"-context", Off{Context: true}, ""},
		{"-names,-context", Off{true, true}, ""},
		{" -context , -names ,", Off{true, true}, ""},
		{"names", Off{}, `OUTGUARD_LAYERS: "names" is not -names or -context`},
		{"-all,-names,-x", Off{Names: true}, `OUTGUARD_LAYERS: "-all", "-x" is not -names or -context`},
		{"-Names", Off{}, `OUTGUARD_LAYERS: "-Names" is not -names or -context`},
	} {
		got, err := ParseOff(c.text)
		assert.Equal(t, c.want, got, c.text)
		if c.err == "" {
			assert.NoError(t, err, c.text)
		} else {
			assert.EqualError(t, err, c.err)
		}
		again, err := ParseOff(got.String())
		assert.NoError(t, err)
		assert.Equal(t, got, again)
	}
}
