package rule

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/pattern"
)

// Every kind has one row, with a parser that refuses the invalid mode.
func TestKinds(t *testing.T) {
	seen := map[Kind]bool{}
	for i, key := range KindKeys() {
		row := KindOf(key)
		require.NotNil(t, row, key)
		assert.Equal(t, Kind(i+1), row.Kind, "%s: the table is in the order of the constants", key)
		assert.False(t, seen[row.Kind], key)
		seen[row.Kind] = true
		require.NotNil(t, row.Parse, key)
		_, err := row.Parse("sqs:SendMessage", 0)
		assert.Error(t, err, key)
	}
	assert.Nil(t, KindOf("feed"))
	assert.Nil(t, KindOf(""))
}

// A subject covers itself, and nothing of another kind but a literal address.
func TestPatternsCoverTheirOwnKind(t *testing.T) {
	texts := map[string]string{"http": "https://a.test/x", "aws": "sqs:SendMessage", "ip": "10.0.0.0/8", "net": "a.test:25"}
	for _, key := range KindKeys() {
		require.Contains(t, texts, key, "the kind %s has no example here", key)
		p, err := KindOf(key).Parse(texts[key], pattern.Narrow)
		require.NoError(t, err)
		for _, other := range KindKeys() {
			q, err := KindOf(other).Parse(texts[other], pattern.Narrow)
			require.NoError(t, err)
			assert.Equal(t, key == other, pattern.AnyCovers([]pattern.Pattern{p}, q), "%s covers %s", key, other)
		}
	}
}
