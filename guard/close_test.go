package guard

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

// A library that loads the program's policy and closes its guard does not end the program's.
func TestCloseOfAnEqualGuard(t *testing.T) {
	noProcessGuard(t)
	load := func() *Guard {
		g, err := Load(&Options{Policy: []byte(blockAll), Getenv: environment(), Stdout: new(buffer)})
		require.NoError(t, err)
		return g
	}
	first, second := load(), load()
	require.NoError(t, second.Close())
	assert.Error(t, atCallTime{}.Check(t.Context(), forbidden))
	require.NoError(t, first.Close())
	assert.NoError(t, atCallTime{}.Check(t.Context(), forbidden), "all have left")
}

func TestAGuardThatNobodyHasMadeRefuses(t *testing.T) {
	assert.ErrorIs(t, new(Guard).Check(t.Context(), policy.Call{Net: "a.test:1"}), errNilGuard)
}
