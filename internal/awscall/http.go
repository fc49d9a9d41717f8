package awscall

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// A Request is a plain HTTP request that is an AWS call.
type Request struct {
	Service   string // IAM prefix, endpoint label or SDK id
	Operation string // "" if it cannot be known
	Region    string
	Key       string   // the access key id that signs it; "" if that cannot be known
	Resources []string // S3: ARNs; nil: not known
	Version   bool     // S3: a version of the object is meant
	Owner     string   // S3: the account that is said to own the bucket
	// Doubtful reports that the request may be the call, but is plain HTTP as well: it is not signed (S3 serves public objects so), or goes
	// to another host too.
	Doubtful bool
}

// FromHTTP says which AWS call a request is that goes to endpoints, of which nil stands for a host that is none. It is one if it is signed, in the header or in
// the query, or names an operation, and goes to one of AWS's own endpoints; a request to S3 may be one in any case.
func FromHTTP(r *http.Request, endpoints []*Endpoint) (q Request, ok bool) {
	var h header
	h.read(r.Header)
	by := h.signature(r.URL.RawQuery)
	if by.by == nobody && strings.Contains(r.URL.Opaque, "?") {
		by.by = somebody // whatever the query there says
	}
	calls, elsewhere := false, false
	for i, e := range endpoints {
		if e != nil && e.website != "" {
			q.website(r, e)
			continue
		}
		service, own := e.of(by.service)
		q.Doubtful = q.Doubtful || !own
		switch {
		case service == "":
			elsewhere = elsewhere || i > 0
		case q.Service == "":
			q.Service, q.Region = service, e.Region
			if service == "s3" {
				q.s3(r, &h, e, &by, false)
				switch {
				case e.s3 == "s3-outposts" && strings.HasPrefix(r.URL.Path, "/S3Outposts/"):
					q.Service = "s3-outposts"
				case q.Operation == "" && e.before == "" && (e.s3 == "s3-outposts" || e.s3 == "s3express-control"):
					q.Doubtful = true // what runs those is partly S3's, partly their own
				}
			} else {
				q.Operation, calls = operation(r, &h, service, &by)
			}
		case service != q.Service:
			q.Operation, q.Resources, q.Doubtful = "", nil, true
		default:
			q.Doubtful = q.Doubtful || e.Region != q.Region
			if service == "s3" {
				q.s3(r, &h, e, &by, true)
			}
		}
	}
	if elsewhere && q.Service == "s3" {
		q.Operation, q.Resources = "", nil // whatever name S3 is asked for under, it takes for a bucket
	}
	if by.by == nobody && h.isBedrockKey(q.Service) {
		by.by = somebody
	}
	switch {
	case q.Service == "", by.by == nobody && q.Service != "s3" && !calls:
		return Request{}, false
	case q.Region == "":
		q.Region = by.region
	}
	q.Doubtful = q.Doubtful || by.by != aKey
	q.Key = by.key
	return q, true
}

// of returns the service that the endpoint is one of: as its host says, of services that share it the one that the request is signed for, and for one
// that the tables do not have, that one as well. "": it is none's. own: it is the service's for every account; one that is made for an account, which may be
// another, has its id before the service.
func (e *Endpoint) of(signed string) (service string, own bool) {
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

// ofAccount reports whether the endpoint is one that a service has made for an account: "id.mediaconvert.eu-west-1", or one for several
// regions: "id.endpoint.events".
func (e *Endpoint) ofAccount(service string) bool {
	id, label, ok := strings.Cut(e.Name, ".")
	if before, last, _ := cutLast(label); e.Region == "" && (before == "endpoint" || before == "endpoints" || strings.HasSuffix(before, ".endpoint")) {
		label = last
	}
	return ok && id != "" && awsops.HasEndpoint(service, plainName(label))
}

// header is what counts of a request's header, in whatever case its names are: net/http sends them as they stand.
type header struct {
	authorization, target, contentType, copySource, bucketOwner string
	version3                                                    string // a signature of that version, which Route 53 took
	encoded                                                     bool   // the body is compressed
	torn                                                        bool   // one of them is given twice, with two values
}

func (h *header) read(from http.Header) {
	for key, values := range from {
		var to *string
		switch len(key) { // most names stop here
		case len("x-amz-target"):
			switch {
			case strings.EqualFold(key, "x-amz-target"):
				to = &h.target
			case strings.EqualFold(key, "content-type"):
				to = &h.contentType
			}
		case len("authorization"):
			if strings.EqualFold(key, "authorization") {
				to = &h.authorization
			}
		case len("x-amzn-authorization"):
			if strings.EqualFold(key, "x-amzn-authorization") {
				to = &h.version3
			}
		case len("content-encoding"):
			h.encoded = h.encoded || strings.EqualFold(key, "content-encoding")
		case len("x-amz-copy-source"):
			if strings.EqualFold(key, "x-amz-copy-source") {
				to = &h.copySource
			}
		case len("x-amz-expected-bucket-owner"):
			if strings.EqualFold(key, "x-amz-expected-bucket-owner") {
				to = &h.bucketOwner
			}
		}
		if to == nil {
			continue
		}
		for _, v := range values {
			v = textproto.TrimString(v) // as net/http does
			h.torn = h.torn || (*to != "" && *to != v)
			*to = v
		}
	}
}

// isBedrockKey reports whether a request has one of Bedrock's API keys, which stand in for a signature there.
func (h *header) isBedrockKey(service string) bool {
	if !hasPrefixFold(h.authorization, "Bearer ") || service == "" {
		return false
	}
	prefix, _ := awsops.Service(service)
	return prefix == "bedrock"
}

// A signer is who a request is made by, as far as its signature tells.
type signer struct {
	by                   signerKind
	key, region, service string
}

type signerKind uint8

const (
	nobody signerKind = iota
	somebody
	aKey
)

// signature returns who has signed: "key/date/region/service/aws4_request", or a key alone in signatures of the old kind. SigV4A's have no
// region.
func (h *header) signature(query string) (s signer) {
	switch auth := h.authorization; {
	case hasPrefixFold(auth, "AWS4-"):
		_, credential, _ := strings.Cut(auth, "Credential=")
		h.torn = h.torn || strings.Contains(credential, "Credential=")
		credential, _, _ = strings.Cut(credential, ",")
		s.read(strings.TrimSpace(credential))
	case hasPrefixFold(auth, "AWS "):
		credential, _, _ := strings.Cut(auth[len("AWS "):], ":")
		s.read(credential)
	case hasPrefixFold(auth, "AWS"), h.version3 != "":
		s.by = somebody
	}
	var other signer
	if other.inQuery(query); s.by == nobody {
		s = other
	} else if other.by != nobody && other.key != s.key {
		h.torn = true
	}
	if h.torn && s.by == aKey {
		s.by = somebody
	}
	return s
}

// inQuery reads the signature of a presigned URL, or of a form.
func (s *signer) inQuery(query string) {
	if query == "" {
		return
	}
	for _, name := range [...]string{"X-Amz-Credential", "AWSAccessKeyId"} {
		if v, ok := queryValue(query, name); ok {
			s.read(v)
			return
		}
	}
	if _, ok := queryValue(query, "X-Amz-Signature"); ok {
		s.by = somebody
	}
}

func (s *signer) read(credential string) {
	key, scope, _ := strings.Cut(credential, "/")
	_, scope, _ = strings.Cut(strings.TrimSuffix(scope, "/aws4_request"), "/") // the date
	region, service, ok := strings.Cut(scope, "/")
	if !ok {
		region, service = "", scope
	}
	s.by, s.key, s.region, s.service = aKey, key, region, service
	if key == "" {
		s.by = somebody
	}
}
