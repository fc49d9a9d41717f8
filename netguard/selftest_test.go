package netguard

import (
	"context"
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

// Code of the program gets the context of the self-test where it has put a resolver of its own in
// place. That context lets no other look-up pass.
func TestTheContextOfTheSelfTestEndsWithIt(t *testing.T) {
	var kept context.Context
	conn, _ := net.Pipe()
	g := newGuard(t, "whitelist: []\n")
	setResolver(t, &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		kept = ctx
		assert.Same(t, conn, Watch(ctx, conn, g), "the look-up of the self-test")
		return nil, errTest
	}})
	require.Error(t, TestNames())
	require.NotNil(t, kept)
	assert.NotSame(t, conn, Watch(kept, conn, g))
}
