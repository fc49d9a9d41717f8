package guard

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A call without a context belongs to the running invocation only if there can be no other.
func TestWhichInvocationACallWithoutAContextBelongsTo(t *testing.T) {
	for _, c := range []struct {
		steps string // + begins the next invocation, -N ends the N-th
		want  int    // the invocation that the call belongs to; 0 is none
	}{
		{"", 0},
		{"+", 1},
		{"+ -1", 0},
		{"+ -1 +", 2},
		{"+ +", 0},
		{"+ + -1", 0}, // the second was not alone all the time
		{"+ + -2", 0},
		{"+ + -1 -2", 0},
		{"+ + -1 -2 +", 3},
		{"+ + -1 +", 0},
		{"+ + +", 0},
	} {
		name := strings.NewReplacer("+", "begin", "-", "end ").Replace(c.steps)
		t.Run(name, func(t *testing.T) {
			g := newGuard(t, blockAll)
			invs := []*invocation{nil}
			for _, step := range strings.Fields(c.steps) {
				if step == "+" {
					inv, err := g.begin(context.Background())
					require.NoError(t, err)
					invs = append(invs, inv)
					continue
				}
				require.NoError(t, g.end(invs[step[1]-'0']))
			}
			assert.Same(t, invs[c.want], g.invocation(context.Background()))
			for n, inv := range invs[1:] {
				if inv.over() && len(g.lifecycle.running) == 1 {
					assert.Same(t, g.lifecycle.running[0], g.invocation(inv), "the call of an ended invocation belongs to the one that runs")
				} else {
					assert.Same(t, inv, g.invocation(inv), "a context wins")
				}
				assert.Equal(t, 1+n == c.want, func() bool {
					require.Error(t, g.Check(context.Background(), forbidden))
					return inv.failure() != nil
				}(), "the block of invocation %d", 1+n)
			}
		})
	}
}

func TestACallWithoutAContextBelongsToNoneWhenSeveralMayRun(t *testing.T) {
	g := newGuard(t, blockAll)
	assert.False(t, g.lifecycle.concurrent, "AWS_LAMBDA_MAX_CONCURRENCY is not set")
	g.lifecycle.concurrent = true
	inv, err := g.begin(context.Background())
	require.NoError(t, err)
	assert.Nil(t, g.invocation(context.Background()))
	require.Error(t, g.Check(context.Background(), forbidden))
	require.NoError(t, g.end(inv))
}

func TestColdStart(t *testing.T) {
	g := newGuard(t, allowAll)
	assert.True(t, g.lifecycle.cold())
	first, _ := g.begin(context.Background())
	assert.False(t, g.lifecycle.cold())
	second, _ := g.begin(context.Background())
	assert.True(t, first.cold)
	assert.False(t, second.cold)
}
