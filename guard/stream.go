package guard

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"

	"github.com/aws/aws-lambda-go/events"
)

// These are the types that widened and results compare with.
var (
	anyType       = reflect.TypeFor[any]()
	readerType    = reflect.TypeFor[io.Reader]()
	streamType    = reflect.TypeFor[*stream]()
	urlStreamType = reflect.TypeFor[*events.LambdaFunctionURLStreamingResponse]()
)

// widened returns the type in which a result of type t is returned, so that a *stream can replace
// it: io.Reader for a concrete reader, any for an interface that *stream does not implement.
// aws-lambda-go inspects only the value, not its static type.
func widened(t reflect.Type) reflect.Type {
	switch {
	case t == urlStreamType || streamType.AssignableTo(t):
		return t
	case t.Kind() == reflect.Interface:
		return anyType
	case t.Implements(readerType):
		return readerType
	}
	return t
}

// stream returns the guarded form of a result that is a stream: reading it is a part of the
// invocation. That form is an io.Closer. For any other result, stream reports false, and returns it
// or a form of it that is not marshaled a second time.
func (g *Guard) stream(inv *invocation, result reflect.Value) (reflect.Value, bool) {
	if !result.IsValid() || !result.CanInterface() {
		return result, false
	}
	switch r := result.Interface().(type) {
	case *events.LambdaFunctionURLStreamingResponse:
		if r == nil {
			return result, false
		}
		guarded := *r // a copy, because the handler may keep its own
		guarded.Body = &stream{guard: g, invocation: inv, reader: r.Body}
		return reflect.ValueOf(&guarded), true
	case io.Reader:
		if form, ok := jsonForm(r); ok {
			if _, custom := r.(json.Marshaler); custom {
				result = reflect.ValueOf(&marshaled{&stream{guard: g, invocation: inv, reader: r}, form})
			}
			return result, false
		}
		return reflect.ValueOf(&stream{guard: g, invocation: inv, reader: r}), true
	}
	return result, false
}

// jsonForm reports whether aws-lambda-go sends r in its JSON form, without reading it, and returns
// that form. It does so for a reader whose JSON form is not {}.
func jsonForm(r io.Reader) (form json.RawMessage, ok bool) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // aws-lambda-go escapes or not, as its option says
	if e.Encode(r) != nil || bytes.HasPrefix(b.Bytes(), []byte("{}")) {
		return nil, false
	}
	return b.Bytes(), true
}

// A marshaled is a reader that aws-lambda-go sends in its JSON form, with that form: MarshalJSON of
// the user's reader runs once.
type marshaled struct {
	*stream
	form json.RawMessage
}

// MarshalJSON returns the form.
func (m *marshaled) MarshalJSON() ([]byte, error) { return m.form, nil }

// A stream is a result that is read after the handler has returned. Its end is the end of the
// invocation. It fails when a call is blocked while it is read; data sent before that cannot be
// taken back. Its JSON form is {}, so aws-lambda-go reads it.
type stream struct {
	guard      *Guard
	invocation *invocation
	reader     io.Reader // nil is an empty stream
	done       error     // how the stream ended; used only by the goroutine of Read
}

// Read reads from the user's reader until a call is blocked. Then it returns the block in place of
// data and of io.EOF.
func (s *stream) Read(p []byte) (int, error) {
	if s.done != nil {
		return 0, s.done
	}
	if blocked := s.invocation.failure(); blocked != nil {
		return 0, s.finish(blocked)
	}
	n, err := s.read(p)
	if err != nil && err != io.EOF { // the user's own error is kept
		return n, s.finish(err)
	}
	if blocked := s.invocation.failure(); blocked != nil {
		return 0, s.finish(blocked)
	}
	if err == io.EOF {
		err = s.finish(io.EOF)
		if err != io.EOF {
			n = 0
		}
	}
	return n, err
}

// read reads from the user's reader. A panic ends the invocation, as one in the handler does. It is
// not recovered, so that its stack stays whole.
func (s *stream) read(p []byte) (n int, err error) {
	if s.reader == nil {
		return 0, io.EOF
	}
	// Without recover, only the flag distinguishes a panic from a return.
	returned := false
	defer func() {
		if !returned {
			s.guard.end(s.invocation)
		}
	}()
	n, err = s.reader.Read(p)
	returned = true
	return n, err
}

// finish ends the invocation and returns the final error of the stream.
func (s *stream) finish(err error) error {
	if blocked := s.guard.end(s.invocation); blocked != nil && err == io.EOF {
		err = blocked
	}
	s.done = err
	return err
}

// Close closes the reader, if it is an io.Closer, and ends the invocation. aws-lambda-go always
// calls it.
func (s *stream) Close() error {
	defer s.guard.end(s.invocation) // too late to fail the stream, but violations during Close are still reported
	if c, ok := s.reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// ContentType returns the reader's content type, or the default of aws-lambda-go.
func (s *stream) ContentType() string {
	if c, ok := s.reader.(interface{ ContentType() string }); ok {
		return c.ContentType()
	}
	return "application/octet-stream"
}
