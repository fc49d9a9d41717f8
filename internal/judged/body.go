package judged

import (
	"bytes"
	"hash/maphash"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// An identity says which body a request has. The zero identity is equal to none.
type identity struct {
	known bool
	of    reflect.Type   // a pointer; nil: no body
	at    unsafe.Pointer // what is in the body cannot be had for another while the mark holds this
}

// isWrapper reports whether t is a reader that net/http or the SDK puts around a body and that
// passes on what it reads, whole.
func isWrapper(t reflect.Type) bool {
	switch t.PkgPath() {
	case "net/http":
		return t.Name() == "readTrackingBody"
	case "io":
		return t.Name() == "nopCloser" || t.Name() == "nopCloserWriterTo"
	case "github.com/aws/smithy-go/transport/http/internal/io":
		return t.Name() == "safeReadCloser" || t.Name() == "safeWriteToReadCloser"
	}
	return false
}

// identify returns which reader is in body, below such wrappers. It is not known for a body that is
// not a pointer.
func identify(body any) identity {
	if body == nil || body == http.NoBody {
		return identity{known: true}
	}
	v := reflect.ValueOf(body)
	for range 10 {
		switch v.Kind() {
		case reflect.Interface:
			v = v.Elem()
		case reflect.Pointer:
			if v.IsNil() {
				return identity{}
			}
			// The pointer identifies the reader: while the mark holds it, no other value gets its
			// address.
			if !isWrapper(v.Type().Elem()) {
				return identity{known: true, of: v.Type(), at: v.UnsafePointer()}
			}
			v = v.Elem()
		case reflect.Struct:
			if !isWrapper(v.Type()) || v.NumField() == 0 {
				return identity{}
			}
			v = v.Field(0) // each of them has what it wraps there
		default:
			return identity{}
		}
	}
	return identity{}
}

// Content returns what is left to read of a body that is in memory, below such wrappers, and leaves
// it there. ok is false for any other body, and for more than most bytes.
func Content(body io.ReadCloser, most int) (text []byte, ok bool) {
	i := identify(body)
	switch {
	case !i.known:
		return nil, false
	case i.of == nil:
		return nil, true
	}
	switch in := i.reader().(type) {
	case *bytes.Buffer:
		return slices.Clone(in.Bytes()), in.Len() <= most
	case *bytes.Reader:
		return restOf(in, in.Len(), in.Size(), most)
	case *strings.Reader:
		return restOf(in, in.Len(), in.Size(), most)
	}
	return nil, false
}

// reader returns the reader of an identity that is known and not that of no body.
func (i identity) reader() any { return reflect.NewAt(i.of.Elem(), i.at).Interface() }

// sumOfContent is the sum of what is left to read of a body that serializers make, and leaves it
// there. ok is false for any other body.
func sumOfContent(body io.ReadCloser) (sum uint64, ok bool) {
	i := identify(body)
	if !i.known || i.of == nil {
		return 0, false
	}
	reader := i.reader()
	held, ok := reader.(interface {
		Len() int
		Size() int64
	})
	if !ok {
		return 0, false
	}
	var h maphash.Hash
	h.SetSeed(seed())
	var buf [1 << 10]byte
	for at := held.Size() - int64(held.Len()); ; {
		n, err := 0, error(nil)
		switch in := reader.(type) { // calls by an interface would move buf to the heap
		case *bytes.Reader:
			n, err = in.ReadAt(buf[:], at)
		case *strings.Reader:
			n, err = in.ReadAt(buf[:], at)
		default:
			return 0, false
		}
		_, _ = h.Write(buf[:n])
		if at += int64(n); err != nil {
			return h.Sum64(), err == io.EOF
		}
	}
}

// restOf returns the last left bytes of in, which has size bytes. It reports false for more than
// most.
func restOf(in io.ReaderAt, left int, size int64, most int) ([]byte, bool) {
	if left > most {
		return nil, false
	}
	// ReadAt does not move the position, so the body can still be sent.
	text := make([]byte, left)
	n, err := in.ReadAt(text, size-int64(left))
	return text, n == left && (err == nil || err == io.EOF)
}
