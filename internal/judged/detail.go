package judged

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/canon"
)

// A detail is what a mark covers beyond method, authority and path. For a host that may be AWS's,
// the operation stands in the query, in headers or in a form. For any host, a signature makes a
// request an AWS call, and some headers say where the body ends.
type detail struct {
	counts  bool // the host may be AWS's
	signed  bool // another host's request has what may be a signature
	sum     uint64
	body    identity
	payload string // see Stream
	summed  bool   // content is known
	content uint64 // the sum of the body's text
}

func (d *detail) set(r *http.Request) {
	*d = detail{counts: MayBeAWS(r)}
	if d.counts {
		d.sum, d.body = Sum(r, false), identify(r.Body)
	} else if d.signed, _ = canon.Headers(r); d.signed {
		d.sum = Sum(r, false)
	}
}

// equal reports whether r has the same details.
func (d *detail) equal(r *http.Request) bool {
	signed, ok := canon.Headers(r)
	switch {
	case !ok:
		return false
	case d.counts:
		return d.sum == Sum(r, false) && d.sameBody(r.Body)
	case MayBeAWS(r) || d.signed != signed:
		return false
	}
	return !signed || d.sum == Sum(r, false)
}

func (d *detail) sameBody(body io.ReadCloser) bool {
	return d.payload == unsignedPayload || d.body.known && d.body == identify(body)
}

// unsignedPayload is the payload's hash of a request whose signature leaves the body out: S3's, of
// data whose content makes no difference to the operation.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// A Stream is what the body of a request will be made of. The request itself has none yet.
type Stream struct {
	Reader io.Reader
	// Payload is the SHA-256 of the content, in hex, as the signature has it.
	Payload string
	// Decides means that the operation, or what it acts on, stands in the body. Such a body
	// is not exempt when the signature leaves it out. Nor does the signature vouch for it:
	// any step may say what is signed.
	Decides bool
	Known   bool   // Sum is known
	Sum     uint64 // what SumOfText makes of the content
}

// SetStream notes what the body of the request will be made of.
func (m *Mark) SetStream(s Stream) {
	if !m.aws.counts {
		return
	}
	m.aws.body = identify(s.Reader)
	switch {
	case s.Decides:
		m.aws.summed, m.aws.content = s.Known, s.Sum
	case strings.HasPrefix(s.Payload, "STREAMING-UNSIGNED-PAYLOAD"):
		m.aws.payload = unsignedPayload
	default:
		m.aws.payload = s.Payload
	}
}

// Payload returns what [HasPayload] takes to find out whether r's body has the content that it must
// have so that guard has judged r: r's body is not the one that was judged, but may have its
// content, because it has been wrapped. It is "" if that cannot make a difference.
func (m *Mark) Payload(r *http.Request, guard any) string {
	for ; m != nil; m = m.above {
		d := &m.aws
		if !d.counts || !d.summed && d.payload == "" || !m.isBy(guard) || m.void.Load() || !m.Equal(r) || d.sum != Sum(r, false) {
			continue
		}
		if d.summed {
			return sumPrefix + strconv.FormatUint(d.content, 16)
		}
		return d.payload
	}
	return ""
}

const sumPrefix = "sum "

// HasPayload reports whether a body's text is what Payload wants.
func HasPayload(text []byte, want string) bool {
	if sum, ok := strings.CutPrefix(want, sumPrefix); ok {
		return strconv.FormatUint(maphash.Bytes(seed(), text), 16) == sum
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]) == want
}

// MayBeAWS reports whether r goes to a host that may be AWS's, or asks for one.
func MayBeAWS(r *http.Request) bool {
	return r.URL != nil && isAWS(r.URL.Host) || r.Host != "" && (r.URL == nil || r.Host != r.URL.Host) && isAWS(r.Host)
}

func isAWS(hostPort string) bool {
	host := hostPort
	if at := strings.LastIndexByte(host, ':'); at >= 0 {
		host = host[:at]
	}
	for i := range len(host) {
		if c := host[i]; c >= 0x80 || c == '%' || c >= 'A' && c <= 'Z' || c == '.' && i == len(host)-1 {
			name, _, _, err := canon.HostPort(hostPort)
			return err != nil || awsname.MayBeEndpoint(name)
		}
	}
	return awsname.MayBeEndpoint(host)
}

// seeded is the process's seed of sums.
var seeded struct {
	sync.Once
	seed maphash.Seed
}

func seed() maphash.Seed {
	seeded.Do(func() { seeded.seed = maphash.MakeSeed() })
	return seeded.seed
}

// Sum is a number that differs, but for a chance of 1 in 2⁶⁴, for requests with another query,
// another signature, content type or coding, or other X-Amz headers. What signing renews is left
// out for a retry.
func Sum(r *http.Request, retry bool) uint64 {
	sum := uint64(0)
	if r.URL != nil {
		sum = maphash.String(seed(), r.URL.RawQuery)
	}
	for key, values := range r.Header {
		if !counts(key, retry) {
			continue
		}
		sum += SumOf(key, values) // in any order of the headers
	}
	return sum
}

// SumOfText is such a number of any text.
func SumOfText(text string) uint64 { return maphash.String(seed(), text) }

// SumOf is such a number of one header, with its values in their order.
func SumOf(key string, values []string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed())
	_, _ = h.WriteString(key)
	for _, v := range values {
		_ = h.WriteByte(0)
		_, _ = h.WriteString(v)
	}
	return h.Sum64()
}

// counts reports whether a header can make another call of a request.
func counts(key string, retry bool) bool {
	if len(key) > 6 && strings.EqualFold(key[:6], "x-amz-") {
		return !retry || !strings.EqualFold(key, "x-amz-date") && !strings.EqualFold(key, "x-amz-security-token")
	}
	switch len(key) {
	case len("content-type"):
		return strings.EqualFold(key, "content-type")
	case len("content-encoding"):
		return strings.EqualFold(key, "content-encoding")
	case len("authorization"):
		return !retry && strings.EqualFold(key, "authorization")
	}
	return false
}

// An identity says which body a request has. The zero identity is equal to none.
type identity struct {
	known bool
	of    reflect.Type   // nil: no body
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
	case i.of.Kind() != reflect.Pointer:
		return nil, false
	}
	switch in := reflect.NewAt(i.of.Elem(), i.at).Interface().(type) {
	case *bytes.Buffer:
		return slices.Clone(in.Bytes()), in.Len() <= most
	case *bytes.Reader:
		return restOf(in, in.Len(), in.Size(), most)
	case *strings.Reader:
		return restOf(in, in.Len(), in.Size(), most)
	}
	return nil, false
}

func restOf(in io.ReaderAt, left int, size int64, most int) ([]byte, bool) {
	if left > most {
		return nil, false
	}
	text := make([]byte, left)
	n, err := in.ReadAt(text, size-int64(left))
	return text, n == left && (err == nil || err == io.EOF)
}
