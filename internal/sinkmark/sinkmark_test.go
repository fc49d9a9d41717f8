package sinkmark

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

// forged is a context with the same value for every key.
type forged struct {
	context.Context
	value any
}

func (f forged) Value(any) any { return f.value }

func TestIs(t *testing.T) {
	background := context.Background()
	assert.True(t, Is(With(background)))
	assert.False(t, Is(background))
	for _, value := range []any{true, new(byte), (*byte)(nil), struct{}{}} {
		assert.False(t, Is(forged{background, value}), "%T", value)
		assert.False(t, Is(context.WithValue(background, key{}, value)), "%T", value)
	}
}
