package awsmiddleware

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// Real clients of many services are tried in internal/e2e; here are the seams.

// A fakeGuard records what it is asked and refuses what refuse says.
type fakeGuard struct {
	refuse func(policy.Call) bool
	calls  []policy.Call
}

var errRefused = errors.New("refused")

func (g *fakeGuard) Check(_ context.Context, c policy.Call) error {
	g.calls = append(g.calls, c)
	if g.refuse != nil && g.refuse(c) {
		return errRefused
	}
	return nil
}

// The SDK's service modules cost megabytes: the input is read by reflection, and not here.
func TestImportsOfThePackage(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	require.NoError(t, err)
	for path := range strings.Lines(string(out)) {
		path = strings.TrimSpace(path)
		first, _, _ := strings.Cut(path, "/")
		standard := !strings.Contains(first, ".")
		smithy := strings.HasPrefix(path, "github.com/aws/smithy-go/")
		core := strings.HasPrefix(path, "github.com/aws/aws-sdk-go-v2/aws/")
		own := strings.HasPrefix(path, "github.com/outguard/outguard/")
		assert.True(t, standard || smithy || core || own, path)
	}
}

// stack runs what New adds to a stack made by hand, as a client without serializer, service and
// operation would have it.
func run(g Guard, input any, request any, answer func(context.Context, any) (any, error), more ...func(*middleware.Stack)) error {
	s := middleware.NewStack("GetThing", func() any { return request })
	for _, f := range more {
		f(s)
	}
	if err := New(g)(s); err != nil {
		return err
	}
	_, _, err := middleware.DecorateHandler(middleware.HandlerFunc(func(ctx context.Context, in any) (any, middleware.Metadata, error) {
		out, err := answer(ctx, in)
		return out, middleware.Metadata{}, err
	}), s).Handle(context.Background(), input)
	return err
}

func nothing(context.Context, any) (any, error) { return nil, nil }

func httpRequest() *smithyhttp.Request {
	r := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	r.Method = "GET"
	r.URL.Scheme, r.URL.Host, r.URL.Path = "https", "things.example", "/a"
	return r
}

type GetThingInput struct{}

func TestAStackWithoutNames(t *testing.T) {
	for _, c := range []struct {
		input     any
		operation string
	}{
		{&GetThingInput{}, "GetThing"},
		{GetThingInput{}, "GetThing"},
		{nil, "GetThing"}, // the stack's own name
		{&struct{}{}, "GetThing"},
	} {
		g := &fakeGuard{}
		require.NoError(t, run(g, c.input, httpRequest(), nothing))
		require.Len(t, g.calls, 2)
		assert.Equal(t, c.operation, g.calls[0].AWS.Operation)
		assert.Equal(t, policy.ViaSDK, g.calls[0].Via)
		assert.Equal(t, policy.ViaWire, g.calls[1].Via)
	}
}

func TestNamesFromTheInputsType(t *testing.T) {
	assert.Equal(t, "awsmiddleware", packageService(GetThingInput{}), "not the SDK's: the package's own name")
	assert.Empty(t, packageService(nil))
	assert.Empty(t, packageService("text"))
	for s, want := range map[string]bool{"GetObject": true, "ListObjectsV2": true, "": false, "$type:L": false, "a b": false} {
		assert.Equal(t, want, isName(s), s)
	}
}

func TestARequestThatIsNotHTTPIsRefused(t *testing.T) {
	err := run(&fakeGuard{}, &GetThingInput{}, "no request", nothing)
	assert.ErrorContains(t, err, "is a string, whose host cannot be checked")
}

func TestAResponseOfAnotherKindPasses(t *testing.T) {
	for _, out := range []any{nil, "text", (*smithyhttp.Response)(nil), &smithyhttp.Response{}} {
		require.NoError(t, run(&fakeGuard{}, nil, httpRequest(), func(context.Context, any) (any, error) { return out, nil }))
	}
}

func TestTheRequestIsMarked(t *testing.T) {
	require.NoError(t, run(&fakeGuard{}, nil, httpRequest(), func(ctx context.Context, in any) (any, error) {
		assert.True(t, judged.Is(in.(*smithyhttp.Request).Build(ctx)))
		return nil, nil
	}))
}

// The response to a redirect that is refused is closed, not handed out.
func TestARefusedRedirect(t *testing.T) {
	r, err := http.NewRequest("GET", "https://evil.example/a", nil)
	require.NoError(t, err)
	body := &closing{}
	g := &fakeGuard{refuse: func(c policy.Call) bool { return c.HTTP != nil && c.HTTP.URL.Host == "evil.example" }}
	err = run(g, nil, httpRequest(), func(context.Context, any) (any, error) {
		return &smithyhttp.Response{Response: &http.Response{Body: body, Request: r}}, nil
	})
	assert.ErrorIs(t, err, errRefused)
	assert.True(t, body.closed)
	assert.Len(t, g.calls, 3)

	err = run(g, nil, httpRequest(), func(context.Context, any) (any, error) {
		return &smithyhttp.Response{Response: &http.Response{Request: r}}, nil // of a client that is not an http.Client
	})
	assert.ErrorIs(t, err, errRefused)
}

type closing struct{ closed bool }

func (*closing) Read([]byte) (int, error) { return 0, io.EOF }
func (c *closing) Close() error           { c.closed = true; return nil }

// A guard of a type that does not compare causes no panic.
type sliceGuard []string

func (sliceGuard) Check(context.Context, policy.Call) error { return nil }

func TestAGuardThatDoesNotCompare(t *testing.T) {
	twice := func(s *middleware.Stack) { _ = New(sliceGuard{"a"})(s) }
	require.NoError(t, run(sliceGuard{"a"}, nil, httpRequest(), nothing, twice))
}

func TestTwoGuardsAreBothAsked(t *testing.T) {
	first, second := &fakeGuard{}, &fakeGuard{}
	add := func(s *middleware.Stack) {
		require.NoError(t, New(first)(s))
		require.NoError(t, New(second)(s))
	}
	require.NoError(t, run(first, nil, httpRequest(), nothing, add))
	assert.Len(t, first.calls, 2)
	assert.Len(t, second.calls, 2)
}

// A retry of an attempt that was refused is refused again, whatever a retryer thinks of the error.
func TestARetryOfWhatWasRefused(t *testing.T) {
	g := &fakeGuard{refuse: func(c policy.Call) bool { return c.HTTP != nil && c.HTTP.Header.Get("Authorization") != "" }}
	request, sent := httpRequest(), 0
	var errs []error
	again := middleware.FinalizeMiddlewareFunc("again", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
		for range 3 {
			_, _, err := next.HandleFinalize(ctx, in)
			errs = append(errs, err)
			request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=ASIARTX3GSDSQAABCDEF/x") // signed by another key
		}
		return out, md, nil
	})
	err := run(g, nil, request, func(context.Context, any) (any, error) { sent++; return nil, nil },
		func(s *middleware.Stack) { _ = s.Finalize.Add(again, middleware.After) })
	assert.ErrorIs(t, err, errRefused, "also when a step has swallowed it")
	require.Len(t, errs, 3)
	assert.NoError(t, errs[0])
	assert.ErrorIs(t, errs[1], errRefused)
	assert.ErrorIs(t, errs[2], errRefused)
	assert.Equal(t, 1, sent)
}
