package guard

import (
	"context"
	"io/fs"
	"net/http"
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

// A guard that is closed twice (by defer and by Cleanup) takes no equal guard with it.
func TestASecondCloseHasNoEffect(t *testing.T) {
	for closed := range 2 {
		noProcessGuard(t)
		var both [2]*Guard
		for i := range both {
			var err error
			both[i], err = Load(&Options{Policy: []byte(blockAll), Getenv: environment(), Stdout: new(buffer)})
			require.NoError(t, err)
		}
		require.NoError(t, both[closed].Close())
		require.NoError(t, both[closed].Close())
		both[closed].Uninstall()
		assert.Error(t, atCallTime{}.Check(t.Context(), forbidden))
		require.NoError(t, both[1-closed].Close())
		assert.NoError(t, atCallTime{}.Check(t.Context(), forbidden), "all have left")
	}
}

func TestAGuardThatNobodyHasMadeRefuses(t *testing.T) {
	noProcessGuard(t)
	g := new(Guard)
	assert.ErrorIs(t, g.Check(t.Context(), policy.Call{Net: "a.test:1"}), errNilGuard)
	require.ErrorIs(t, g.Install(), errNilGuard)
	assert.Empty(t, guards())
	require.NoError(t, g.Flush(t.Context()))
	require.NoError(t, g.Close())
	g.Uninstall()
	assert.False(t, g.Coverage().HTTP)
	_, err := (&http.Client{Transport: g.Transport(&http.Transport{})}).Get("http://127.0.0.1:1/")
	require.ErrorIs(t, err, errNilGuard)
	h := g.Wrap(func() { t.Error("the handler ran") }).(func(context.Context) error)
	assert.Error(t, h(t.Context()))
}

// A function of the options that panics makes a guard that refuses every call.
func TestOptionsThatPanic(t *testing.T) {
	for _, c := range []struct {
		name, policy string
		o            Options
	}{
		{"Getenv", blockAll, Options{Getenv: func(string) string { panic("no environment") }}},
		{"FS", "version: 1\nblacklist:\n  - feed: hosts.txt\n", Options{Getenv: environment(), FS: panicFS{}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			noProcessGuard(t)
			log := new(buffer)
			c.o.Policy, c.o.Stdout = []byte(c.policy), log
			g, err := Load(&c.o)
			var broken *PolicyError
			require.ErrorAs(t, err, &broken)
			require.ErrorContains(t, err, "a function of the options panics: no ")
			assert.Contains(t, log.String(), "a function of the options panics")
			require.ErrorAs(t, g.Check(t.Context(), forbidden), &broken)
			_, err = http.Get("http://127.0.0.1:1/")
			require.ErrorAs(t, err, &broken)
		})
	}
	p, err := policy.Parse("policy.yaml", []byte(allowAll), policy.Env{})
	require.NoError(t, err)
	g := New(p, &Options{Getenv: func(string) string { panic("no environment") }, Stdout: new(buffer)})
	assert.ErrorContains(t, g.Check(t.Context(), forbidden), "a function of the options panics")
}

type panicFS struct{}

func (panicFS) Open(string) (fs.File, error) { panic("no file") }
