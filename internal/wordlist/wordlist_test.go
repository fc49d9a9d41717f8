package wordlist

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHas(t *testing.T) {
	const list List = `
		get getting put
		log
	`
	for word, want := range map[string]bool{
		"get": true, "getting": true, "put": true, "log": true,
		"": false, " ": false, "ge": false, "et": false, "tting": false, "lo": false, "gett": false, "logs": false,
		"get getting": false, "put\n\t\tlog": false, " get": false, "Get": false,
	} {
		assert.Equal(t, want, list.Has(word), "%q", word)
	}
	// The first and the last word need nothing around them.
	assert.True(t, List("get put").Has("get"))
	assert.True(t, List("get put").Has("put"))
	assert.True(t, List("aget get").Has("get"))
	assert.False(t, List("get put").Has("ut"))
	assert.False(t, List(" ").Has("a"))
	assert.False(t, List("").Has("a"))
}
