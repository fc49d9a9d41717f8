package netguard

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSelfTests(t *testing.T) {
	s := install(t, newGuard(t, "whitelist: []"), world)
	require.NoError(t, TestContext())
	require.NoError(t, TestNames())
	assert.Empty(t, s.queries(), "no packet leaves")

	setResolver(t, &net.Resolver{PreferGo: true, Dial: s.dial})
	require.ErrorContains(t, TestNames(), "does not ask it")
}

func BenchmarkSelfTestOfContext(b *testing.B) {
	for b.Loop() {
		require.NoError(b, TestContext())
	}
}

func BenchmarkSelfTestOfNames(b *testing.B) {
	install(b, newGuard(b, "whitelist: []"), world)
	for b.Loop() {
		require.NoError(b, TestNames())
	}
}
