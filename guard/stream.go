package guard

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"

	"github.com/aws/aws-lambda-go/events"
)

var (
	anyType       = reflect.TypeFor[any]()
	readerType    = reflect.TypeFor[io.Reader]()
	streamType    = reflect.TypeFor[*stream]()
	urlStreamType = reflect.TypeFor[*events.LambdaFunctionURLStreamingResponse]()
)

// widened returns the type that an answer of type t is returned as, so that a *stream can stand in for it: io.Reader for a
// concrete reader, any for an interface that *stream does not have. aws-lambda-go looks at the value alone.
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

// stream returns the answer to hand to aws-lambda-go when it is a stream, whose reading is a part of the invocation. What it
// returns is an io.Closer.
func (g *Guard) stream(inv *invocation, answer reflect.Value) (reflect.Value, bool) {
	if !answer.IsValid() || !answer.CanInterface() {
		return answer, false
	}
	switch r := answer.Interface().(type) {
	case *events.LambdaFunctionURLStreamingResponse:
		if r == nil {
			return answer, false
		}
		guarded := *r // the caller may keep its own
		guarded.Body = &stream{guard: g, invocation: inv, reader: r.Body}
		return reflect.ValueOf(&guarded), true
	case io.Reader:
		if isJSON(r) {
			return answer, false
		}
		return reflect.ValueOf(&stream{guard: g, invocation: inv, reader: r}), true
	}
	return answer, false
}

// isJSON reports whether aws-lambda-go sends r's JSON form and never reads it: its rule is that a reader that
// has a JSON form other than {} is a value like any other.
func isJSON(r io.Reader) bool {
	form, err := json.Marshal(r)
	return err == nil && !bytes.HasPrefix(form, []byte("{}"))
}

// A stream is an answer that is read after the handler has returned. It ends the invocation when it ends, and fails when a call
// is blocked meanwhile; what has been sent by then cannot be taken back. Its JSON form is {}, which makes aws-lambda-go read it.
type stream struct {
	guard      *Guard
	invocation *invocation
	reader     io.Reader // nil: empty
	done       error     // how the reader ended, once it has; of Read's goroutine
}

func (s *stream) Read(p []byte) (int, error) {
	if s.done != nil {
		return 0, s.done
	}
	if blocked := s.invocation.failure(); blocked != nil {
		return 0, s.finish(blocked)
	}
	n, err := 0, io.EOF
	if s.reader != nil {
		n, err = s.reader.Read(p)
	}
	if err != nil && err != io.EOF { // the user's own error is left as it is
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

// finish ends the invocation and returns how the stream ends.
func (s *stream) finish(err error) error {
	if blocked := s.guard.end(s.invocation); blocked != nil && err == io.EOF {
		err = blocked
	}
	s.done = err
	return err
}

// Close closes the reader, if it can be closed, and ends the invocation. aws-lambda-go calls it whatever happened.
func (s *stream) Close() error {
	defer s.guard.end(s.invocation) // too late to fail the stream, not too late for what closing has to tell
	if c, ok := s.reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// ContentType is the reader's own, else what aws-lambda-go takes for readers without one.
func (s *stream) ContentType() string {
	if c, ok := s.reader.(interface{ ContentType() string }); ok {
		return c.ContentType()
	}
	return "application/octet-stream"
}
