package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Several methods in one text are those methods in a blacklist, with a warning.
func TestMethodsInOneText(t *testing.T) {
	const src = "on_violation: block\nblacklist: [{http: a.com, methods: GET|PUT}]\n"
	f, err := ParseFile("p", []byte(src))
	require.NoError(t, err)
	require.Len(t, f.Warnings(), 1)
	assert.Equal(t, `p:2:36: methods: "GET|PUT" is not an HTTP method; write [GET, PUT]`, f.Warnings()[0].String())
	p := parsedAs(t, "p", src[len("on_violation: block\n"):])
	for method, want := range map[string]Verdict{"GET": Block, "PUT": Block, "POST": Allow} {
		assert.Equal(t, want, p.Decide(httpCall(t, method+" https://a.com/")).Verdict, method)
	}
}
