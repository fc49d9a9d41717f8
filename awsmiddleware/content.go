package awsmiddleware

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/outguard/outguard/internal/judged"
)

// A content is what the bytes of a body come to. The zero content is that of a body which is not
// known: whoever holds a reader may put other bytes into it.
type content struct {
	known bool
	sum   uint64 // differs, but for a tiny chance, for other bytes
	size  int64

	operation string // that the body is to name, if it is a form that names one
	form      bool   // it names one
	other     bool   // and that is another
}

// of makes t the content of a stream, from where that stands to its end, and leaves it there. The
// content is known of readers that serializers make: they hold their bytes, and reading them takes
// nothing away.
func (t *content) of(stream io.Reader, operation string) {
	*t = content{operation: operation}
	var held interface {
		io.Seeker
		io.WriterTo
	}
	// Only these two are read twice: a Seek of the program's own reader may run any code, or fail
	// halfway.
	switch s := stream.(type) {
	case *bytes.Reader:
		held = s
	case *strings.Reader:
		held = s
	default:
		return
	}
	at, err := held.Seek(0, io.SeekCurrent)
	if err != nil {
		return
	}
	_, err = held.WriteTo(t) // in one piece, without a copy
	_, back := held.Seek(at, io.SeekStart)
	t.known = err == nil && back == nil
}

// Write takes the whole content.
func (t *content) Write(p []byte) (int, error) {
	return t.WriteString(unsafe.String(unsafe.SliceData(p), len(p))) // which does not keep it
}

// WriteString takes it from a reader of a string.
func (t *content) WriteString(s string) (int, error) {
	t.sum, t.size = judged.SumOfText(s), int64(len(s))
	// The SDK sorts a form of the query protocol, so that few members come before the operation:
	// Accounts.member.1=…&Action=CreateStackInstances.
	for rest, more := s, true; more; _, rest, more = strings.Cut(rest, "&") {
		if after, ok := strings.CutPrefix(rest, "Action="); ok {
			name, _, _ := strings.Cut(after, "&")
			t.form, t.other = true, !strings.EqualFold(name, t.operation)
			break
		}
		// What follows is sorted, too; JSON ends here at once.
		if rest > "Action=" {
			break
		}
	}
	return len(s), nil
}

// stream returns what the body of r, which has been judged, will be made of.
func (c *call) stream(ctx context.Context, r *smithyhttp.Request) judged.Stream {
	s := judged.Stream{Reader: r.GetStream(), Payload: v4.GetPayloadHash(ctx), Decides: c.bodyDecides()}
	if s.Decides {
		c.sent.of(s.Reader, c.operation.Operation)
		s.Known, s.Sum = c.sent.known, c.sent.sum
	}
	return s
}

// sameBody reports whether r has the body that the serializer has made, as far as that decides. It
// is read anew: the reader is the same one when a step has put other bytes into it.
func (c *call) sameBody(r *smithyhttp.Request) bool {
	if !c.bodyDecides() {
		return true
	}
	// A step that sets another stream sends another body, even if both hold the same bytes now.
	if !sameStream(c.made.stream, r.GetStream()) {
		return false
	}
	made := &c.made.content
	if !made.known {
		return true // none, or one that the program has given, whole
	}
	sent := &c.sent
	sent.of(r.GetStream(), made.operation)
	return sent.known && sent.sum == made.sum && sent.size == made.size && (r.ContentLength < 0 || r.ContentLength == sent.size)
}

// sameStream reports whether two readers are one. Readers whose type does not compare are never the
// same.
func sameStream(a, b io.Reader) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

// uploads has the types of inputs, with true for those that have a Body to be streamed.
var uploads sync.Map // reflect.Type → bool

// bodyDecides reports whether the body of an operation says on what it acts. That of an upload
// does not: it is the input's Body, which the SDK may wrap.
func (c *call) bodyDecides() bool {
	t := structType(c.operation.Input)
	if t == nil || t.Kind() != reflect.Struct {
		return true
	}
	is, known := uploads.Load(t)
	if !known {
		f, ok := t.FieldByName("Body")
		is = ok && f.Type == reflect.TypeFor[io.Reader]()
		uploads.Store(t, is)
	}
	return is == false
}
