package pattern

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGlobsMatch(t *testing.T) {
	for _, c := range []struct {
		glob, text     string
		matches, opens bool
	}{
		{"", "", true, false}, {"", "a", false, false}, {"a", "a", true, false}, {"a", "ab", false, false}, {"ab", "a", false, false}, {"b", "a", false, false},
		{"*", "", true, true}, {"*", "a", true, true}, {"a*", "a", true, true}, {"a*", "ab", true, true}, {"a*", "b", false, true}, {"?", "a", true, false},
		{"?", "", false, false}, {"?", "ab", false, false}, {"a?c", "abc", true, false}, {"a?c", "ac", false, false}, {"*a", "ba", true, false}, {"*a", "ab", false, false},
		{"a*b*c", "aXbYbZc", true, false}, {"a*b*c", "ac", false, false}, {"*ab", "aab", true, false}, {"*a*a", "a", false, false}, {"a**", "a", true, true},
	} {
		g := NewGlob(c.glob)
		assert.Equal(t, c.glob, g.String())
		assert.Equal(t, c.opens, g.Open(), c.glob)
		assert.Equal(t, c.matches, GlobMatches(&g, c.text), "%q %q", c.glob, c.text)
		assert.Equal(t, c.matches, GlobMatches(&g, []byte(c.text)), "%q %q", c.glob, c.text)
		assert.Equal(t, c.matches, MatchGlob(c.glob, c.text), "%q %q", c.glob, c.text)
	}
}

// GlobBegins is sound: what begins so may be matched.
func TestGlobBegins(t *testing.T) {
	for _, c := range []struct {
		glob, begin string
		want        bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", true}, {"a", "a", true}, {"a", "ab", false}, {"ab", "a", true}, {"ab", "b", false}, {"ab", "ac", false},
		{"*", "anything", true}, {"a*", "abc", true}, {"a*", "b", false}, {"?b", "ab", true}, {"?b", "a", true}, {"?b", "ac", false}, {"?", "ab", false},
	} {
		assert.Equal(t, c.want, GlobBegins(c.glob, c.begin), "%q %q", c.glob, c.begin)
		assert.Equal(t, c.want, GlobBegins(c.glob, []byte(c.begin)), "%q %q", c.glob, c.begin)
	}
}

func TestNamesRanges(t *testing.T) {
	for _, word := range []string{"loopback", "private", "link-local", "public"} {
		assert.True(t, NamesRanges(word), word)
	}
	assert.False(t, NamesRanges("10.0.0.0/8"))
}

func TestAllAWS(t *testing.T) {
	assert.Equal(t, []AWS{{Text: "a"}, {Text: "b"}}, AllAWS([]Pattern{&AWS{Text: "a"}, &HTTP{}, &AWS{Text: "b"}}))
}
