package guard

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// handleWith runs a handler that makes a refused call and goes on.
func handleWith(t *testing.T, blockFails string, after func(ctx context.Context) error) error {
	t.Helper()
	noProcessGuard(t)
	g := newGuard(t, "version: 1\non_violation: block\nblock_fails: "+blockFails+"\nwhitelist: []\n")
	handle := g.Wrap(func(ctx context.Context) error {
		require.NoError(t, ctx.Err())
		require.Error(t, g.Check(ctx, request(t, "GET", "https://evil.example/")))
		return after(ctx)
	}).(func(context.Context) error)
	t.Cleanup(func() { g.Uninstall() })
	return handle(t.Context())
}

func TestBlockFailsAtOnce(t *testing.T) {
	var blocked *BlockedError
	err := handleWith(t, "at_once", func(ctx context.Context) error {
		assert.ErrorIs(t, ctx.Err(), context.Canceled)
		assert.ErrorAs(t, context.Cause(ctx), &blocked)
		return nil
	})
	assert.ErrorAs(t, err, &blocked, "the invocation fails")

	own := errors.New("own")
	assert.Equal(t, own, handleWith(t, "at_once", func(context.Context) error { return own }), "a handler's own error is returned untouched")
	for _, other := range []string{"invocation", "call"} {
		err = handleWith(t, other, func(ctx context.Context) error { return ctx.Err() })
		assert.Equal(t, other == "invocation", IsBlocked(err), other)
	}
}

func TestIsBlocked(t *testing.T) {
	blocked := newGuard(t, "version: 1\non_violation: block\nwhitelist: []\n").Check(context.Background(), request(t, "GET", "https://evil.example/"))
	for err, want := range map[error]bool{
		blocked:                            true,
		fmt.Errorf("wrapped: %w", blocked): true,
		&PolicyError{Err: errNoPolicy}:     true,
		errors.New("connection refused"):   false,
		context.Canceled:                   false,
	} {
		assert.Equal(t, want, IsBlocked(err), "%v", err)
	}
	assert.False(t, IsBlocked(nil))
}
