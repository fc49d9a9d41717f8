package judged

import (
	"context"
	"net/http/httptrace"
	"testing"

	"github.com/stretchr/testify/assert"
)

// layered returns a context with hooks of the program's own, below the hooks of a layer of guard.
func layered(guard any) (ctx context.Context, l *Layer) {
	under := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{ConnectStart: func(string, string) {}})
	above := httptrace.WithClientTrace(under, &httptrace.ClientTrace{ConnectStart: func(string, string) {}})
	l = &Layer{
		Guard: guard, Under: under, Trace: httptrace.ContextClientTrace(above), Net: above.Value(keys().net),
		Judged: func(m *Mark, t *httptrace.ClientTrace) *httptrace.ClientTrace { return &httptrace.ClientTrace{} },
	}
	return context.WithValue(above, LayerKey{}, l), l
}

type other struct{}

// A request that goes straight to an *http.Transport has the hooks below the layer, if the layer's
// guard has judged it.
func TestHooksOfAJudgedRequest(t *testing.T) {
	guard, stranger := new(int), new(int)
	ctx, l := layered(guard)
	r := request(t, nil)
	for _, c := range []struct {
		name     string
		ctx      context.Context
		by       any // nil: By is not called
		straight bool
		trace    any // what net/http finds; nil: hooks that Judged made
		net      any // what net finds
	}{
		{name: "judged by the guard of the layer", ctx: ctx, by: guard, straight: true, trace: l.Under.Value(keys().trace), net: l.Under.Value(keys().net)},
		{name: "through another transport", ctx: ctx, by: guard, net: l.Under.Value(keys().net)},
		{name: "judged by another guard", ctx: ctx, by: stranger, straight: true, trace: l.Trace, net: l.Net},
		{name: "by nobody known", ctx: ctx, straight: true, trace: l.Trace, net: l.Net},
		{name: "below no layer", ctx: l.Under, by: guard, straight: true, trace: l.Under.Value(keys().trace), net: l.Under.Value(keys().net)},
	} {
		t.Run(c.name, func(t *testing.T) {
			marked, m := With(context.WithValue(c.ctx, other{}, "kept"), r)
			if c.by != nil {
				m.By(c.by, c.straight)
			}
			assert.Equal(t, "kept", marked.Value(other{}))
			trace := marked.Value(keys().trace)
			if c.trace != nil {
				assert.Same(t, c.trace, trace)
			} else {
				assert.NotSame(t, l.Trace, trace)
				assert.NotSame(t, l.Under.Value(keys().trace), trace)
				assert.Same(t, trace, marked.Value(keys().trace), "made once")
			}
			assert.Same(t, c.net, marked.Value(keys().net))
		})
	}
}

// Hooks that the program adds above the layer are kept, with the layer's judging of connections in
// them.
func TestHooksAboveTheLayer(t *testing.T) {
	guard := new(int)
	ctx, l := layered(guard)
	var asked *httptrace.ClientTrace
	l.Judged = func(_ *Mark, t *httptrace.ClientTrace) *httptrace.ClientTrace {
		asked = t
		return &httptrace.ClientTrace{}
	}
	own := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotFirstResponseByte: func() {}})
	marked, m := With(own, request(t, nil))
	m.By(guard, true)
	assert.NotSame(t, l.Under.Value(keys().trace), marked.Value(keys().trace), "the program's hooks are not lost")
	assert.Same(t, own.Value(keys().trace), asked)
	assert.Same(t, own.Value(keys().net), marked.Value(keys().net))
}

func TestNoHooks(t *testing.T) {
	marked, m := With(context.Background(), request(t, nil))
	m.By(new(int), true)
	assert.Nil(t, marked.Value(keys().trace))
	assert.Nil(t, marked.Value(keys().net))
	assert.Nil(t, marked.Value(other{}))
}

// A dial that a guard judges on its own, and a connection of Outguard's own, have no hooks of the
// layer. Anything else is kept.
func TestDialsWithoutTheLayer(t *testing.T) {
	guard, stranger := new(int), new(int)
	ctx, l := layered(guard)
	above := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{ConnectStart: func(string, string) {}})
	for _, c := range []struct {
		name string
		ctx  context.Context
		want any
	}{
		{"the layer's guard", WithDial(ctx, guard, "a.test:443"), l.Under.Value(keys().net)},
		{"another guard", WithDial(ctx, stranger, "a.test:443"), l.Net},
		{"no host", WithDial(ctx, guard, ":443"), l.Net},
		{"not an address", WithDial(ctx, guard, "a..test:443"), l.Net},
		{"hooks above the layer", WithDial(above, guard, "a.test:443"), above.Value(keys().net)},
		{"no layer", WithDial(l.Under, guard, "a.test:443"), l.Under.Value(keys().net)},
		{"no hooks", WithDial(context.Background(), guard, "a.test:443"), nil},
		{"quiet", Quiet(ctx), l.Under.Value(keys().net)},
		{"quiet, hooks above the layer", Quiet(above), above.Value(keys().net)},
		{"quiet, no layer", Quiet(l.Under), l.Under.Value(keys().net)},
		{"quiet, no hooks", Quiet(context.Background()), nil},
	} {
		assert.Equal(t, c.want, c.ctx.Value(keys().net), c.name)
		kept := context.WithValue(c.ctx, other{}, "kept")
		assert.Equal(t, "kept", kept.Value(other{}), c.name)
	}
	for name, wrap := range map[string]func(context.Context) context.Context{
		"dial":  func(ctx context.Context) context.Context { return WithDial(ctx, guard, "a.test:443") },
		"quiet": Quiet,
	} {
		got := wrap(context.WithValue(ctx, other{}, l.Net))
		assert.Equal(t, l.Net, got.Value(other{}), "%s: another key with the same value", name)
		assert.Same(t, l.Trace, got.Value(keys().trace), "%s: the hooks of net/http", name)
	}
}

func TestADialWithoutAHostIsNotMarked(t *testing.T) {
	for _, addr := range []string{":443", "a..test:443", ""} {
		assert.Nil(t, DialFrom(WithDial(context.Background(), new(int), addr)), addr)
	}
	assert.NotNil(t, DialFrom(WithDial(context.Background(), new(int), "a.test:443")))
}

// The parent's values and end are the child's.
func TestInitKeepsTheParent(t *testing.T) {
	parent, cancel := context.WithCancel(context.WithValue(context.Background(), other{}, "kept"))
	var c Context
	m := c.Init(parent, request(t, nil))
	assert.Same(t, m, From(&c))
	assert.Equal(t, "kept", c.Value(other{}))
	cancel()
	assert.ErrorIs(t, c.Err(), context.Canceled)
}
