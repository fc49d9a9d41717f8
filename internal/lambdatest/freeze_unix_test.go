//go:build unix

package lambdatest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/lambdatest"
)

func TestFreeze(t *testing.T) {
	f := start(t, "echo", nil)
	require.Nil(t, invoke(t, f, "{}", nil).Error)
	require.NoError(t, f.Freeze())
	res := make(chan *lambdatest.Result)
	go func() {
		r, _ := f.Invoke(t.Context(), []byte("{}"), &lambdatest.Request{Timeout: time.Minute})
		res <- r
	}()
	select {
	case <-res:
		t.Fatal("a frozen process answers")
	case <-time.After(20 * time.Millisecond):
	}
	require.NoError(t, f.Thaw())
	assert.Nil(t, (<-res).Error)
}
