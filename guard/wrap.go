package guard

import (
	"context"
	"io"
	"reflect"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Wrap guards the process (see [Guard.Install]) and returns handler wrapped by the guard:
//
//	lambda.Start(g.Wrap(handle))
//
// handler is anything that lambda.Start takes. The wrapped handler has the same event and result
// types, so JSON, content types, streaming and error types do not change. Panics pass through. Its
// type differs in three ways:
//
//   - The first parameter is always a context.
//   - The last result is always an error.
//   - A result that is a concrete reader becomes an io.Reader, so that the guard can fail it.
//
// A lambda.Handler becomes a lambda.Handler. Pass options to
// lambda.StartWithOptions(g.Wrap(handle), …). A handler of lambda.NewHandlerWithOptions loses its
// content type and streaming when it is wrapped. A value that lambda.Start would refuse is
// returned unchanged.
//
// If a call is blocked, the invocation fails with that [*BlockedError], unless the handler itself
// returns an error, which is kept. A call blocked before the first invocation fails the first
// invocation, and its handler does not run. An invocation waits for its alerts before it returns,
// within Options.FlushBudget.
func (g *Guard) Wrap(handler any) any {
	if g.self() == nil {
		g = New(nil, nil)
	}
	_ = g.Install() // transports it cannot guard are reported by Coverage and in the start line
	g = g.self()    // an equal guard may judge for it from now on, and has its invocations
	if h, ok := handler.(bytesHandler); ok {
		return &guardedHandler{g, h}
	}
	w, ok := newWrapper(g, handler)
	if !ok {
		return handler
	}
	return reflect.MakeFunc(w.outer, w.call).Interface()
}

// bytesHandler is lambda.Handler.
type bytesHandler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// guardedHandler is a lambda.Handler that is guarded. It gets and returns raw JSON.
type guardedHandler struct {
	guard   *Guard
	handler bytesHandler
}

// Invoke runs one invocation of the handler. A block replaces its response, but not its own error.
func (h *guardedHandler) Invoke(ctx context.Context, payload []byte) (_ []byte, err error) {
	if h.guard.guards(ctx) {
		return h.handler.Invoke(ctx, payload)
	}
	inv, err := h.guard.begin(ctx)
	defer h.guard.end(inv) // also after a panic, which is not recovered, so that its stack stays whole
	if err != nil {
		return nil, err
	}
	response, err := h.handler.Invoke(h.guard.layers.context(inv, h.guard), payload)
	if blocked := h.guard.end(inv); blocked != nil && err == nil {
		return nil, blocked
	}
	return response, err
}

// guards reports whether ctx belongs to an invocation that g already guards, because the handler
// was wrapped twice, or calls a wrapped function itself. In Lambda, such a call may bring another
// context than the handler's: only the runtime brings the id of another request. What is blocked
// there fails the invocation that runs.
func (g *Guard) guards(ctx context.Context) bool {
	inv := invocationFrom(ctx)
	if inv != nil && inv.guard == g && !inv.over() {
		return true
	}
	if g.layers.runtime == "" {
		return false // a test may run several at once
	}
	running := g.lifecycle.only()
	return running != nil && (inv != nil && inv.guard == g || requestOf(ctx) == "" || requestOf(ctx) == requestOf(running))
}

// requestOf returns the id that Lambda's runtime has given the request in ctx, or "".
func requestOf(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

// A wrapper calls a handler function by reflection.
type wrapper struct {
	guard        *Guard
	inner        reflect.Value
	outer        reflect.Type // type of the function that lambda.Start gets
	takesContext bool
	hasResult    bool // the handler returns a value before its error
	hasError     bool // the handler returns an error
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// newWrapper reports false for a handler that lambda.Start refuses. Its rules are those of
// handlerTakesContext and validateReturns in aws-lambda-go.
func newWrapper(g *Guard, handler any) (*wrapper, bool) {
	inner := reflect.ValueOf(handler)
	if !inner.IsValid() || inner.Kind() != reflect.Func || inner.IsNil() {
		return nil, false
	}
	t := inner.Type()
	ins, outs := t.NumIn(), t.NumOut()
	if ins > 2 || outs > 2 || outs > 0 && !t.Out(outs-1).Implements(errorType) {
		return nil, false
	}
	w := &wrapper{guard: g, inner: inner, takesContext: ins > 0 && isContext(t.In(0)), hasResult: outs == 2, hasError: outs > 0}
	if ins == 2 && !w.takesContext {
		return nil, false
	}
	if ins == 1 && !w.takesContext && t.In(0).Kind() == reflect.Interface && t.In(0).NumMethod() > 0 {
		return nil, false
	}

	var in, out []reflect.Type
	if !w.takesContext {
		in = append(in, contextType)
	}
	for i := range ins {
		in = append(in, t.In(i))
	}
	if w.hasResult {
		out = append(out, widened(t.Out(0)))
	}
	out = append(out, errorType)
	if w.outer = reflect.FuncOf(in, out, t.IsVariadic()); w.outer.ConvertibleTo(t) {
		w.outer = t // a named type keeps its name
	}
	return w, true
}

// isContext reports whether aws-lambda-go passes its context to a parameter of type t: an interface
// with the methods of context.Context, such as a named one.
func isContext(t reflect.Type) bool {
	return t.Kind() == reflect.Interface && t.NumMethod() > 0 && contextType.Implements(t) && t.Implements(contextType)
}

// call is the function that lambda.Start gets.
func (w *wrapper) call(args []reflect.Value) []reflect.Value {
	ctx, _ := args[0].Interface().(context.Context)
	// A test may call the wrapped function with nil. context.WithCancelCause would panic.
	if ctx == nil {
		ctx = context.Background()
		args[0] = reflect.ValueOf(ctx)
	}
	if w.guard.guards(ctx) {
		result, err := w.handle(args)
		return w.results(result, err)
	}
	inv, err := w.guard.begin(ctx)
	streaming := false
	defer func() { // also after a panic, which is not recovered, so that its stack stays whole
		if !streaming {
			w.guard.end(inv) // the result does not matter: the invocation has failed, or end was called
		}
	}()
	if err != nil {
		return w.results(reflect.Value{}, err)
	}
	// A Value of the parameter's own type: reflect compares the methods of any other.
	inv.handed = w.guard.layers.context(inv, w.guard)
	args[0] = reflect.ValueOf(&inv.handed).Elem()
	result, err := w.handle(args)
	if err != nil {
		return w.results(result, err)
	}
	result, ok := w.guard.stream(inv, result)
	if ok {
		if blocked := inv.failure(); blocked != nil {
			_ = result.Interface().(io.Closer).Close() // aws-lambda-go does not see it
			return w.results(reflect.Value{}, blocked)
		}
		streaming = true
		return w.results(result, nil)
	}
	if blocked := w.guard.end(inv); blocked != nil {
		return w.results(reflect.Value{}, blocked)
	}
	return w.results(result, nil)
}

// handle calls the handler with those of args that it takes. For a handler without a result, result
// is the invalid Value.
func (w *wrapper) handle(args []reflect.Value) (result reflect.Value, err error) {
	in := args
	if !w.takesContext {
		in = args[1:]
	}
	var out []reflect.Value
	if w.inner.Type().IsVariadic() {
		out = w.inner.CallSlice(in)
	} else {
		out = w.inner.Call(in)
	}
	if w.hasResult {
		result = out[0]
	}
	if w.hasError {
		err, _ = out[len(out)-1].Interface().(error)
	}
	return result, err
}

// results returns the results of the outer function. An invalid result stands for the zero value.
func (w *wrapper) results(result reflect.Value, err error) []reflect.Value {
	out := make([]reflect.Value, 0, 2)
	if w.hasResult {
		if !result.IsValid() {
			result = reflect.Zero(w.outer.Out(0))
		}
		out = append(out, result)
	}
	if err == nil {
		return append(out, reflect.Zero(errorType))
	}
	return append(out, errorValue(err))
}

// errorValue returns err as a Value of type error, and not of its own type.
func errorValue(err error) reflect.Value { return reflect.ValueOf(&err).Elem() }
