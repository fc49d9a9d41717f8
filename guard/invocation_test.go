package guard

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

const blockAll = "version: 1\non_violation: block\nwhitelist: []\n"

// forbidden is a call that blockAll refuses.
var forbidden = policy.Call{Net: "db.internal:5432"}

func TestInvocationIsItsHandlersContext(t *testing.T) {
	g := newGuard(t, allowAll)
	type key struct{}
	parent, cancel := context.WithCancelCause(context.WithValue(lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "id"}), key{}, "v"))
	inv, err := g.begin(parent)
	require.NoError(t, err)
	child, stop := context.WithTimeout(inv, time.Hour)
	defer stop()
	assert.Same(t, inv, invocationFrom(child))
	assert.Equal(t, "v", child.Value(key{}))
	lc, ok := lambdacontext.FromContext(child)
	require.True(t, ok)
	assert.Equal(t, "id", lc.AwsRequestID)
	before := runtime.NumGoroutine()
	for range 10 {
		_, stop := context.WithCancel(inv)
		defer stop()
	}
	assert.Equal(t, before, runtime.NumGoroutine(), "a child context costs no goroutine")
	assert.Equal(t, "guard.Invocation", fmt.Sprintf("%+v", inv), "a program may log it while others write into it")
	reason := errors.New("reason")
	cancel(reason)
	<-child.Done()
	assert.Equal(t, reason, context.Cause(child))
	require.NoError(t, g.end(inv))
}

func TestWhomABlockFails(t *testing.T) {
	g := newGuard(t, blockAll)
	background := context.Background()

	require.Error(t, g.Check(background, forbidden)) // during init
	first, err := g.begin(background)
	require.Error(t, err, "the block during init")
	require.NoError(t, g.end(first))
	second, err := g.begin(background)
	require.NoError(t, err, "only the first is failed by it")

	require.Error(t, g.Check(background, forbidden))
	require.Error(t, g.end(second), "a call without a context belongs to the running one")
	require.Error(t, g.end(second), "and it stays so")

	require.Error(t, g.Check(background, forbidden)) // between invocations
	require.Error(t, g.Check(second, forbidden))     // after its end
	third, err := g.begin(background)
	require.NoError(t, err)
	require.Error(t, g.Check(second, forbidden), "late, while exactly one other runs")
	require.Error(t, g.end(third), "which it fails")
	fourth, err := g.begin(background)
	require.NoError(t, err)
	require.NoError(t, g.end(fourth))
	require.Error(t, g.Check(fourth, forbidden))
	require.NoError(t, g.end(fourth), "a block after the end fails nothing")

	a, _ := g.begin(background)
	b, _ := g.begin(background)
	require.Error(t, g.Check(background, forbidden), "its invocation is unknown")
	require.Error(t, g.Check(b, forbidden))
	require.NoError(t, g.end(a))
	require.Error(t, g.end(b))

	c, _ := g.begin(background)
	require.Error(t, g.Check(background, forbidden))
	require.Error(t, g.end(c), "alone again")
}

func TestTheFirstBlockIsTheOneThatFails(t *testing.T) {
	g := newGuard(t, blockAll)
	inv, _ := g.begin(context.Background())
	first := g.Check(inv, forbidden)
	g.Check(inv, policy.Call{Net: "other.internal:1"})
	assert.Same(t, first, g.end(inv))
}

func TestWrappedTwice(t *testing.T) {
	g := newGuard(t, blockAll)
	handler := func(ctx context.Context) error { g.Check(context.Background(), forbidden); return nil }
	for _, h := range []any{g.Wrap(g.Wrap(handler)), g.Wrap(lambda.NewHandler(g.Wrap(handler)))} {
		_, _, err := invoke(h, "{}")
		var blocked *BlockedError
		require.ErrorAs(t, err, &blocked)
		assert.Empty(t, g.lifecycle.running)
	}
}

func TestHoweverAHandlerEndsItsInvocationEnds(t *testing.T) {
	g := newGuard(t, allowAll)
	for name, end := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		for kind, h := range map[string]any{
			"func":    func(context.Context) { end() },
			"Handler": bytesFunc(func(context.Context, []byte) ([]byte, error) { end(); return nil, nil }),
		} {
			var recovered any
			var wg sync.WaitGroup
			wg.Go(func() {
				defer func() { recovered = recover() }()
				switch h := g.Wrap(h).(type) {
				case func(context.Context) error:
					h(context.Background())
				case lambda.Handler:
					h.Invoke(context.Background(), nil)
				}
			})
			wg.Wait()
			assert.Equal(t, name == "panic", recovered != nil, "%s of a %s: it is passed on", name, kind)
			assert.Empty(t, g.lifecycle.running, "%s of a %s", name, kind)
		}
	}
}

func TestBlockDuringTheFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g *Guard
		var inv *invocation
		var once sync.Once
		late := notifierFunc(func([]notify.Alert) {
			once.Do(func() { g.Check(inv, policy.Call{Net: "late.internal:1"}) })
		})
		g = New(newGuard(t, blockAll).policy(), &Options{Stdout: new(buffer), Getenv: environment(), Notifiers: []notify.Notifier{late}})
		t.Cleanup(g.Uninstall)
		h := g.Wrap(func(ctx context.Context) error {
			inv = invocationFrom(ctx)
			g.alerts().Record(notify.Alert{Verdict: "alert", Call: notify.Call{Kind: "net"}}, inv.ticket)
			return nil
		}).(func(context.Context) error)
		var blocked *BlockedError
		require.ErrorAs(t, h(context.Background()), &blocked)
		assert.Equal(t, "late.internal:1", blocked.Alert.Call.Net)
	})
}

func TestInvocationWithoutViolations(t *testing.T) {
	g := newGuard(t, allowAll)
	inv, _ := g.begin(context.Background())
	require.NoError(t, g.end(inv))
	before := runtime.NumGoroutine()
	alloctest.AtMost(t, 1, func() {
		inv, _ := g.begin(context.Background())
		g.end(inv)
	}, "the invocation itself")
	assert.LessOrEqual(t, runtime.NumGoroutine(), before) // those of earlier tests may end
}

func TestManyAtOnce(t *testing.T) {
	g := newGuard(t, blockAll)
	h := g.Wrap(func(ctx context.Context, bad bool) error {
		if bad {
			g.Check(ctx, forbidden)
		}
		return nil
	}).(func(context.Context, bool) error)
	var wg sync.WaitGroup
	for n := range 200 {
		wg.Go(func() { assert.Equal(t, n%2 == 0, h(context.Background(), n%2 == 0) != nil) })
	}
	wg.Wait()
	assert.Empty(t, g.lifecycle.running)
}
