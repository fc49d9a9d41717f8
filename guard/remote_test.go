package guard

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestASourceThatNobodyLinks: the tests of package source have the others.
func TestASourceThatNobodyLinks(t *testing.T) {
	p := newGuard(t, blockAll).policy()
	g := New(p, &Options{Getenv: environment("OUTGUARD_SOURCE", "s3://policies/policy.yaml"), Stdout: new(buffer)})
	require.NotEmpty(t, g.warnings)
	assert.Contains(t, g.warnings[len(g.warnings)-1], `the program does not import _ "github.com/outguard/outguard/source"`)
	assert.Nil(t, g.remote.Load())
	assert.Same(t, p, g.policy(), "the packaged policy goes on")
}
