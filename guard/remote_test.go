package guard

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/sourceapi"
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

// A lookingSource takes the facts of a guard, and has no policies.
type lookingSource struct{ facts sourceapi.Facts }

func (s *lookingSource) Follow(h sourceapi.Host) sourceapi.Follower {
	s.facts = h.Facts()
	return nil
}

// Options give a function another name for its own policy, not for signatures of central keys.
func TestTheNameOfTheFunctionForSignatures(t *testing.T) {
	for _, c := range []struct {
		name        string
		o           Options
		own, lambda string
	}{
		{"nothing", Options{}, "pay", "pay"},
		{"Function", Options{Function: "sandbox"}, "pay", "pay"},
		{"Getenv", Options{Getenv: environment(functionName, "sandbox")}, "sandbox", "pay"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &lookingSource{}
			if c.o.Getenv == nil {
				c.o.Getenv = environment(started...)
			}
			c.o.Source = s
			_, _ = decideBeside(t, securityTeam, c.o, started...)
			assert.Equal(t, c.own, s.facts.Function)
			assert.Equal(t, c.lambda, s.facts.Lambda)
		})
	}
}
