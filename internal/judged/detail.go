package judged

import (
	"io"
	"net/http"
	"strings"
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
	retry   uint64 // of what a retry has too
	body    identity
	again   unsafe.Pointer // GetBody: what net/http sends when it tries again
	payload string         // see Stream
	summed  bool           // content is known
	content uint64         // the sum of the body's text
}

// set makes d the detail of r; see [Mark.set]. Sums are left out where no host of AWS and no
// signature makes them count.
func (d *detail) set(r *http.Request, atAWS, signed bool) {
	*d = detail{counts: atAWS, signed: signed && !atAWS}
	if d.counts {
		d.body, d.again = identify(r.Body), getBody(r)
	}
	if d.counts || d.signed {
		d.sum, d.retry = Sums(r)
	}
}

// Lasting returns a number that is the same for a retry of r, whose mark m is: it leaves out what
// signing renews.
func (m *Mark) Lasting(r *http.Request) uint64 {
	if m.aws.counts || m.aws.signed {
		return m.aws.retry
	}
	_, sum := Sums(r)
	return sum
}

// equal reports whether r has the same details.
func (d *detail) equal(r *http.Request) bool {
	signed, ok := canon.Headers(r)
	switch {
	case !ok:
		return false
	case d.counts:
		return d.sameSum(r) && d.sameBody(r)
	// A header that was added since may turn the request into a call of AWS.
	case MayBeAWS(r) || d.signed != signed:
		return false
	}
	return !signed || d.sameSum(r)
}

// sameSum reports whether r has the query and the headers that count.
func (d *detail) sameSum(r *http.Request) bool {
	sum, _ := Sums(r)
	return sum == d.sum
}

// sameBody reports whether r sends the body that was judged, now and when net/http tries again.
func (d *detail) sameBody(r *http.Request) bool {
	return d.payload == unsignedPayload || d.body.known && d.body == identify(r.Body) && d.again == getBody(r) && d.sameContent(r.Body)
}

// sameContent reports whether a body has the content that is known of it: it may be the same reader
// with other bytes in it.
func (d *detail) sameContent(body io.ReadCloser) bool {
	if !d.summed {
		return true
	}
	sum, ok := sumOfContent(body)
	return ok && sum == d.content
}

// getBody returns what r's GetBody is to the runtime. Another function may give another body.
func getBody(r *http.Request) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&r.GetBody)) }

// MayBeAWS is MayBeAWS of the request that m is for.
func (m *Mark) MayBeAWS() bool { return m.aws.counts }

// MayBeAWS reports whether r goes to a host that may be AWS's, or asks for one.
func MayBeAWS(r *http.Request) bool {
	return r.URL != nil && isAWS(r.URL.Host) || r.Host != "" && (r.URL == nil || r.Host != r.URL.Host) && isAWS(r.Host)
}

// isAWS reports whether a host may be AWS's. Only a host that is not in canonical form is parsed,
// because that allocates.
func isAWS(hostPort string) bool {
	host := hostPort
	if strings.IndexByte(host, ':') >= 0 { // most hosts have no port
		host = host[:strings.LastIndexByte(host, ':')]
	}
	other := strings.HasSuffix(host, ".")
	for i := range len(host) {
		c := host[i]
		other = other || c >= 0x80 || c == '%' || c-'A' < 26
	}
	if other {
		name, _, _, err := canon.HostPort(hostPort)
		return err != nil || awsname.MayBeEndpoint(name)
	}
	return awsname.MayBeEndpoint(host)
}
