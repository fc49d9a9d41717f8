package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type event struct {
	N int `json:"n"`
}

type reply struct {
	Sum int `json:"sum"`
}

type myError struct{ code int }

func (e *myError) Error() string { return fmt.Sprint("code ", e.code) }

type namedHandler func(context.Context, event) (reply, error)

type service struct{ sum int }

func (s *service) handle(_ context.Context, e event) (reply, error) { return reply{s.sum + e.N}, nil }

func echo[T any](_ context.Context, e T) (T, error) { return e, nil }

type bytesFunc func(context.Context, []byte) ([]byte, error)

func (f bytesFunc) Invoke(ctx context.Context, b []byte) ([]byte, error) { return f(ctx, b) }

// myContext is context.Context under another name.
type myContext interface{ context.Context }

// jsonReader is a reader that aws-lambda-go sends as JSON, because it has a JSON form.
type jsonReader struct {
	X int
	io.Reader
}

func (jsonReader) MarshalJSON() ([]byte, error) { return []byte(`{"x":"<1>"}`), nil }

// handlers are what lambda.Start takes, one of each kind, and each is run bare and wrapped.
var handlers = map[string]any{
	"nothing in, nothing out":               func() {},
	"event in, nothing out":                 func(event) {},
	"nothing in, error out":                 func() error { return nil },
	"event in, error out":                   func(e event) error { return fmt.Errorf("n is %d", e.N) },
	"nothing in, value and error out":       func() (reply, error) { return reply{1}, nil },
	"event in, value and error out":         func(e event) (reply, error) { return reply{e.N + 1}, nil },
	"ctx in, nothing out":                   func(context.Context) {},
	"ctx in, error out":                     func(context.Context) error { return &myError{7} },
	"ctx in, value and error out":           func(context.Context) (*reply, error) { return nil, nil },
	"ctx and event in, nothing out":         func(context.Context, event) {},
	"ctx and event in, error out":           func(ctx context.Context, e *event) error { return io.ErrUnexpectedEOF },
	"ctx and event in, value and error out": func(ctx context.Context, e event) (reply, error) { return reply{e.N}, nil },
	"own context type":                      func(ctx myContext, e event) (reply, error) { return reply{e.N}, ctx.Err() },
	"named":                                 namedHandler(func(_ context.Context, e event) (reply, error) { return reply{e.N}, nil }),
	"method value":                          (&service{sum: 9}).handle,
	"generic":                               echo[event],
	"any in":                                func(e any) (any, error) { return e, nil },
	"variadic":                              func(e ...any) (any, error) { return e, nil },
	"variadic with context":                 func(_ context.Context, e ...any) (any, error) { return len(e), nil },
	"any out is nil":                        func() (any, error) { return nil, nil },
	"concrete error":                        func() *myError { return &myError{1} },
	"result and error":                      func() (reply, error) { return reply{1}, errors.New("both") },
	"bytes":                                 bytesFunc(func(_ context.Context, b []byte) ([]byte, error) { return append(b, '!'), nil }),
	"bytes, error":                          bytesFunc(func(context.Context, []byte) ([]byte, error) { return nil, &myError{2} }),
	"io.Reader":                             func() (io.Reader, error) { return strings.NewReader("text"), nil },
	"nil io.Reader":                         func() (io.Reader, error) { return nil, nil },
	"concrete reader":                       func() (*bytes.Buffer, error) { return bytes.NewBufferString("buffer"), nil },
	"nil concrete reader":                   func() (*bytes.Buffer, error) { return nil, nil },
	"concrete reader, error":                func() (*bytes.Buffer, error) { return nil, &myError{3} },
	"any reader":                            func() (any, error) { return strings.NewReader("any"), nil },
	"io.ReadCloser":                         func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("closer")), nil },
	"other interface":                       func() (fmt.Stringer, error) { return bytes.NewBufferString("stringer"), nil },
	"reader with a JSON form":               func() (jsonReader, error) { return jsonReader{1, strings.NewReader("unread")}, nil },
	"reader that breaks":                    func() (io.Reader, error) { return io.MultiReader(strings.NewReader("half"), broken{}), nil },
	"function URL stream":                   func() (*events.LambdaFunctionURLStreamingResponse, error) { return urlStream("body"), nil },
	"function URL stream, any":              func() (any, error) { return urlStream("body"), nil },
	"function URL stream, nil":              func() (*events.LambdaFunctionURLStreamingResponse, error) { return nil, nil },
	"function URL stream, empty": func() (*events.LambdaFunctionURLStreamingResponse, error) {
		return &events.LambdaFunctionURLStreamingResponse{StatusCode: 204}, nil
	},
	"reader with content type":        func() (*typedReader, error) { return &typedReader{strings.NewReader("<svg/>")}, nil },
	"panic":                           func() { panic("boom") },
	"panic with an error":             func(context.Context) error { panic(&myError{4}) },
	"nil":                             nil,
	"no function":                     "text",
	"three in":                        func(context.Context, event, event) {},
	"two in, the first no context":    func(event, context.Context) {},
	"interface that is not a context": func(fmt.Stringer) {},
	"three out":                       func() (reply, reply, error) { return reply{}, reply{}, nil },
	"out is not an error":             func() reply { return reply{} },
	"second out is not an error":      func() (reply, reply) { return reply{}, reply{} },
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, &myError{5} }

type typedReader struct{ io.Reader }

func (*typedReader) ContentType() string          { return "image/svg+xml" }
func (*typedReader) MarshalJSON() ([]byte, error) { return nil, errors.New("not json") }

func urlStream(body string) *events.LambdaFunctionURLStreamingResponse {
	return &events.LambdaFunctionURLStreamingResponse{StatusCode: 201, Headers: map[string]string{"a": "b"}, Body: strings.NewReader(body)}
}

// invoke runs h as lambda.Start does, in this process.
func invoke(h any, payload string) (body string, panicked any, err error) {
	defer func() { panicked = recover() }()
	b, err := lambda.NewHandler(h).Invoke(context.Background(), []byte(payload))
	return string(b), nil, err
}

func TestWrapChangesNothing(t *testing.T) {
	g := newGuard(t, allowAll)
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				wantBody, wantPanic, wantErr := invoke(h, `{"n":41}`)
				body, panicked, err := invoke(g.Wrap(h), `{"n":41}`)
				assert.Equal(t, wantBody, body)
				assert.Equal(t, wantErr, err)
				assert.Equal(t, wantPanic, panicked)
			}
			assert.Empty(t, g.lifecycle.running, "every invocation has ended")
		})
	}
}

func TestWrapKeepsTypes(t *testing.T) {
	g := newGuard(t, allowAll)
	for handler, want := range map[any]any{
		new(func(context.Context, event) (reply, error)):                new(func(context.Context, event) (reply, error)),
		new(func(context.Context, *event) (*reply, error)):              new(func(context.Context, *event) (*reply, error)),
		new(func(context.Context, event) error):                         new(func(context.Context, event) error),
		new(func(context.Context) (io.Reader, error)):                   new(func(context.Context) (io.Reader, error)),
		new(func(context.Context) (io.ReadCloser, error)):               new(func(context.Context) (io.ReadCloser, error)),
		new(func(context.Context) (any, error)):                         new(func(context.Context) (any, error)),
		new(namedHandler):                                               new(namedHandler),
		new(func()):                                                     new(func(context.Context) error),
		new(func(event) *myError):                                       new(func(context.Context, event) error),
		new(func(any) error):                                            new(func(context.Context, any) error),
		new(func(context.Context) (*os.File, error)):                    new(func(context.Context) (io.Reader, error)),
		new(func(context.Context) (fmt.Stringer, error)):                new(func(context.Context) (any, error)),
		new(func() (*events.LambdaFunctionURLStreamingResponse, error)): new(func(context.Context) (*events.LambdaFunctionURLStreamingResponse, error)),
	} {
		in, out := reflect.TypeOf(handler).Elem(), reflect.TypeOf(want).Elem()
		h := reflect.MakeFunc(in, func([]reflect.Value) []reflect.Value { panic("not called") }).Interface()
		assert.Equal(t, out, reflect.TypeOf(g.Wrap(h)), "of %v", in)
	}
	assert.Implements(t, (*lambda.Handler)(nil), g.Wrap(lambda.NewHandler(func() {})))
}

func TestWrapReturnsInvalidHandlersUnchanged(t *testing.T) {
	g := newGuard(t, allowAll)
	assert.Nil(t, g.Wrap(nil))
	assert.Equal(t, 5, g.Wrap(5))
	var f func()
	assert.IsType(t, f, g.Wrap(f))
	assert.IsType(t, func() reply { return reply{} }, g.Wrap(func() reply { return reply{} }))
}

func TestWrapWithNilContext(t *testing.T) {
	g := newGuard(t, allowAll)
	h := g.Wrap(func(ctx context.Context) error {
		require.NotNil(t, ctx.Done)
		return ctx.Err()
	}).(func(context.Context) error)
	var none context.Context
	assert.NoError(t, h(none))
}
