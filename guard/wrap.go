package guard

import (
	"context"
	"io"
	"reflect"
)

// Wrap guards the process (see [Guard.Install]) and returns handler with the guard round it:
//
//	lambda.Start(g.Wrap(handle))
//
// handler is whatever lambda.Start takes. What it returns keeps the types of the event and of the answer, so that JSON, content types,
// streaming and error types are as they were, and panics pass through untouched. Three things differ in the type: there is always a context in front and an
// error at the end, and an answer that is a concrete reader is an io.Reader, so that its stream can be made to fail.
// A lambda.Handler gives a lambda.Handler. Options belong outside: lambda.StartWithOptions(g.Wrap(handle), …); a handler of
// lambda.NewHandlerWithOptions loses its content type and streaming when it is wrapped.
// What lambda.Start would refuse is returned unchanged, and lambda.Start refuses it.
//
// An invocation in which a call was blocked fails with that [*BlockedError], unless the handler itself returned an error: that is left as it is. A
// call blocked before the first invocation fails the first invocation, and the handler does not run. Before it returns, an
// invocation waits for its alerts, within Options.FlushBudget.
func (g *Guard) Wrap(handler any) any {
	if g == nil {
		g = New(nil, nil)
	}
	_ = g.Install() // what it cannot guard is in Coverage and in the start line
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

type guardedHandler struct {
	guard   *Guard
	handler bytesHandler
}

func (h *guardedHandler) Invoke(ctx context.Context, payload []byte) (_ []byte, err error) {
	if h.guard.holds(ctx) {
		return h.handler.Invoke(ctx, payload)
	}
	inv, err := h.guard.begin(ctx)
	defer h.guard.end(inv) // after a panic as well; it is not recovered, so that its stack stays whole
	if err != nil {
		return nil, err
	}
	answer, err := h.handler.Invoke(inv, payload)
	if blocked := h.guard.end(inv); blocked != nil && err == nil {
		return nil, blocked
	}
	return answer, err
}

// holds reports whether ctx is of an invocation that this guard guards already: the handler was wrapped twice.
func (g *Guard) holds(ctx context.Context) bool {
	inv := invocationFrom(ctx)
	return inv != nil && inv.guard == g && !inv.over()
}

// A wrapper calls a handler function by reflection.
type wrapper struct {
	guard        *Guard
	inner        reflect.Value
	outer        reflect.Type // of the function that lambda.Start gets
	takesContext bool
	answers      bool // the handler returns an answer before its error
	fails        bool // the handler returns an error
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// newWrapper returns false for what lambda.Start refuses. The rules are those of aws-lambda-go's handlerTakesContext and validateReturns.
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
	w := &wrapper{guard: g, inner: inner, takesContext: ins > 0 && isContext(t.In(0)), answers: outs == 2, fails: outs > 0}
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
	if w.answers {
		out = append(out, widened(t.Out(0)))
	}
	out = append(out, errorType)
	if w.outer = reflect.FuncOf(in, out, t.IsVariadic()); w.outer.ConvertibleTo(t) {
		w.outer = t // a type with a name keeps it
	}
	return w, true
}

func isContext(t reflect.Type) bool {
	return t.Kind() == reflect.Interface && t.NumMethod() > 0 && contextType.Implements(t) && t.Implements(contextType)
}

// call is the function that lambda.Start gets.
func (w *wrapper) call(args []reflect.Value) []reflect.Value {
	ctx, _ := args[0].Interface().(context.Context)
	if ctx == nil {
		ctx = context.Background()
	}
	if w.guard.holds(ctx) {
		answer, err := w.handle(ctx, args)
		return w.results(answer, err)
	}
	inv, err := w.guard.begin(ctx)
	streaming := false
	defer func() { // after a panic as well; it is not recovered, so that its stack stays whole
		if !streaming {
			w.guard.end(inv) // it fails already
		}
	}()
	if err != nil {
		return w.results(reflect.Value{}, err)
	}
	answer, err := w.handle(inv, args)
	if err != nil {
		return w.results(answer, err)
	}
	if s, ok := w.guard.stream(inv, answer); ok {
		if blocked := inv.failure(); blocked != nil {
			_ = s.Interface().(io.Closer).Close() // nobody will read it
			return w.results(reflect.Value{}, blocked)
		}
		streaming = true
		return w.results(s, nil)
	}
	if blocked := w.guard.end(inv); blocked != nil {
		return w.results(reflect.Value{}, blocked)
	}
	return w.results(answer, nil)
}

// handle calls the handler with what it takes of args. Without an answer, the value is not valid.
func (w *wrapper) handle(ctx context.Context, args []reflect.Value) (answer reflect.Value, err error) {
	in := args[1:]
	if w.takesContext {
		in = append([]reflect.Value{reflect.ValueOf(ctx)}, in...)
	}
	var out []reflect.Value
	if w.inner.Type().IsVariadic() {
		out = w.inner.CallSlice(in)
	} else {
		out = w.inner.Call(in)
	}
	if w.answers {
		answer = out[0]
	}
	if w.fails {
		err, _ = out[len(out)-1].Interface().(error)
	}
	return answer, err
}

// results makes what the outer function returns; an answer that is not valid stands for the zero one.
func (w *wrapper) results(answer reflect.Value, err error) []reflect.Value {
	out := make([]reflect.Value, 0, 2)
	if w.answers {
		if !answer.IsValid() {
			answer = reflect.Zero(w.outer.Out(0))
		}
		out = append(out, answer)
	}
	failure := reflect.Zero(errorType)
	if err != nil {
		failure = reflect.ValueOf(&err).Elem()
	}
	return append(out, failure)
}
