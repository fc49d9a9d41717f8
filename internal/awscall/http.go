package awscall

import (
	"net/http"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// This file reads an HTTP request as an AWS call.

// A Request is a plain HTTP request that is an AWS call.
type Request struct {
	Service   string   // IAM prefix, endpoint label or SDK id
	Operation string   // "" if it cannot be known
	Region    string   // of the endpoint or, if that has none, of the signature
	Key       string   // the access key id that signs it, or "" if it cannot be known
	Resources []string // of S3: ARNs; nil if they are not known
	Version   bool     // of S3: a version of the object is meant
	Owner     string   // the account that the host is of or, of S3, that is named as the bucket's owner
	// Adds is what the request asks for beside the operation. KMSKey is of an upload to S3: the key
	// that encrypts it.
	Adds   Adds
	KMSKey string
	// Body has the members of the input, if they can be read. They show what is added, too.
	Body *Body
	// Others are further access key ids, if the request has several signatures.
	Others [maxSignatures - 1]string
	// Presigned reports that the signature is in the URL or in a form.
	Presigned bool
	// Doubtful reports that the request may be this call, but is plain HTTP too: it is not signed,
	// as when S3 serves public objects, or it also goes to another host.
	Doubtful bool
	// Resource reports that the request is signed for the service, but goes to a host that is not
	// an API endpoint of it: a resource's own host, or a custom domain.
	Resource bool
}

// FromHTTP fills the zero Request q with the AWS call that a request is. endpoints are its
// destinations; nil stands for a host that is not an AWS endpoint. atAWS reports that one of them
// is below one of AWS's domains.
//
// A request is an AWS call if it is signed for a service, whatever its host: see signedElsewhere
// for hosts that are not API endpoints. One to an endpoint of AWS's also is a call if it names an
// operation. A request to S3 is always one, perhaps doubtful. FromHTTP reports false for any other
// request. If that has a signature which does not count, Service and Region are the signature's.
func (q *Request) FromHTTP(r *http.Request, endpoints []*Endpoint, atAWS bool) (ok bool) {
	var h header
	h.read(r.Header)
	// The signature comes first: it decides between services that share a host.
	var by signer
	h.signature(&by, r.URL.RawQuery)
	// A URL with Opaque has a query of its own, which net/http sends.
	if _, query, found := strings.Cut(r.URL.Opaque, "?"); found {
		var other signer
		other.inQuery(query)
		if h.add(&by, &other); by.kind == unsigned || h.signers {
			by.kind = signerUnknown // this query is not read any further
		}
	}
	// Browsers upload to S3 by a form, which holds the signature.
	if by.kind == unsigned && hasPrefixFold(h.contentType, "multipart/form-data") {
		by.inForm(r, h.contentType)
	}
	calls, elsewhere := false, false
	// Each destination is read. If they differ in anything, the request is doubtful.
	for i, e := range endpoints {
		if e != nil && e.website != "" {
			q.website(r, e)
			continue
		}
		// Services may share a host: the signature then decides.
		service, own := e.serviceFor(by.service)
		if !own && service != "" { // an endpoint that was made for an account
			q.Region = e.Region
			service = ""
		}
		q.Doubtful = q.Doubtful || !own
		switch {
		// A destination that is not AWS's makes an S3 request unclear, below.
		case service == "":
			elsewhere = elsewhere || i > 0
		// The first destination with a service decides what the call is.
		case q.Service == "":
			q.Service, q.Region = service, e.Region
			if service == "s3" {
				q.firstS3(r, &h, e, &by)
			} else {
				q.Owner = e.account()
				path := r.URL.EscapedPath()
				q.Operation, calls = operation(r, path, &h, service, &by)
				if q.Body = q.input(r, path, &h); q.Body == nil {
					q.Adds = bodyAdds(r, &h, service, q.Operation)
				}
			}
		// Two services, depending on which host counts: nothing is certain.
		case service != q.Service:
			q.Operation, q.Resources, q.Body, q.Doubtful = "", nil, nil, true
		// The same service again must be in the same region, and mean the same.
		default:
			q.Doubtful = q.Doubtful || e.Region != q.Region
			if service == "s3" {
				q.s3(r, &h, e, &by, true)
			}
		}
	}
	if elsewhere && q.Service == "s3" {
		q.Operation, q.Resources = "", nil // S3 takes any other name that it is asked for under as a bucket
	}
	// Bedrock takes bearer tokens in the place of a signature.
	if by.kind == unsigned && h.isBedrockKey(q.Service) {
		by.kind = signerUnknown
	}
	// No host is one of a service; the signature alone may make it a call. It may be in a form.
	if q.Service == "" {
		if by.kind == unsigned && atAWS && hasPrefixFold(h.contentType, "application/x-www-form-urlencoded") {
			text, _ := peek(r)
			by.inQuery(text)
		}
		if q.Region == "" && len(endpoints) > 0 && endpoints[0] != nil {
			q.Region = endpoints[0].Region
		}
		return q.signedElsewhere(r, &h, &by, atAWS)
	}
	// An unsigned request without an operation is plain HTTP. S3 serves public objects without a
	// signature, and is a call anyway.
	if by.kind == unsigned && q.Service != "s3" && !calls {
		*q = Request{}
		return false
	}
	if q.Region == "" {
		q.Region = by.region
	}
	// Without a key that can be read, nobody knows whose call it is.
	q.Doubtful = q.Doubtful || by.kind != signedByKey
	q.Key, q.Others, q.Presigned = by.key, by.others, by.presigned
	return true
}

// Signers returns the keys that sign a request, as far as its header and its query show them.
// contradictory reports that there are several.
// It is for attempts of the SDK, whose operation is known already.
func Signers(r *http.Request) (q Request, contradictory bool) {
	var h header
	h.read(r.Header)
	var by signer
	h.signature(&by, r.URL.RawQuery)
	q.Key, q.Others = by.key, by.others
	return q, by.others[0] != "" || h.authorization[1] != ""
}

// Scope returns the service that a request is signed for, as the signature names it; "" if it has
// no signature that names one.
func Scope(r *http.Request) string {
	var h header
	h.read(r.Header)
	var by signer
	h.signature(&by, r.URL.RawQuery)
	// Two signatures for two services leave it open.
	if by.services {
		return ""
	}
	return by.service
}

// firstS3 reads a request at the first of its endpoints that is S3's.
func (q *Request) firstS3(r *http.Request, h *header, e *Endpoint, by *signer) {
	// At these hosts, paths and operations distinguish S3's own from others.
	q.s3(r, h, e, by, false)
	switch {
	case e.s3 == "s3-outposts" && strings.HasPrefix(r.URL.Path, "/S3Outposts/"):
		q.Service = "s3-outposts"
	case q.Operation == "" && e.before == "" && (e.s3 == "s3-outposts" || e.s3 == "s3express-control"):
		q.Doubtful = true // some of the operations at these hosts are S3's, some are their own
	}
}

// serviceFor returns the service that an endpoint belongs to, given the one that the request is
// signed for. Of services that share a host, it is the signed one. A label that the tables do not
// have is taken for the signed service of that name. It returns "" if the host fits no service.
//
// own reports that the service has the endpoint for every account. An endpoint that was made for
// one account, which may be another's, has an id before the service.
func (e *Endpoint) serviceFor(signed string) (service string, own bool) {
	switch {
	case e == nil:
		return "", false
	case len(e.services) > 1 && slices.Contains(e.services, signed):
		return signed, true
	case len(e.services) > 0:
		return e.services[0], true
	case e.Name == signed:
		return signed, signed != ""
	}
	if signed != "" && e.ofAccount(signed) {
		return signed, false
	}
	return "", false
}

// ofAccount reports whether the endpoint is one that a service has made for an account,
// "id.mediaconvert.eu-west-1", or for several regions, "id.endpoint.events".
// The first label is the id that the service gave to the endpoint.
func (e *Endpoint) ofAccount(service string) bool {
	id, label, ok := strings.Cut(e.Name, ".")
	before, last, _ := cutLast(label)
	if e.Region == "" && (isEndpoints(before) || isEndpoints(before[strings.IndexByte(before, '.')+1:])) {
		label = last
	}
	return ok && id != "" && awsops.HasEndpoint(service, plainName(label))
}

// isEndpoints reports whether a label is the one of multi-region endpoints, in both spellings.
func isEndpoints(label string) bool { return label == "endpoint" || label == "endpoints" }
