package judged

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

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
	// The body of another host's request does not decide about an operation.
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
		if !d.counts || !d.summed && d.payload == "" || !m.isBy(guard) || m.void.Load() || !m.Equal(r) || !d.sameSum(r) {
			continue
		}
		if d.summed {
			return sumPrefix + strconv.FormatUint(d.content, 16)
		}
		return d.payload
	}
	return ""
}

// sumPrefix marks a sum in what Payload returns: a hash in hex has no space.
const sumPrefix = "sum "

// HasPayload reports whether a body's text is what Payload wants.
func HasPayload(text []byte, want string) bool {
	if sum, ok := strings.CutPrefix(want, sumPrefix); ok {
		return strconv.FormatUint(maphash.Bytes(seed(), text), 16) == sum
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]) == want
}
