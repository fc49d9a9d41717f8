package awscall

import (
	"io"
	"net/http"
	"strings"

	"github.com/outguard/outguard/internal/awskey"
)

// A Request is a plain HTTP request that is an AWS call.
type Request struct {
	Service   string // IAM prefix, endpoint label or SDK id
	Operation string // "" if it cannot be known
	Region    string
	Account   string   // whose key signs it; "" if that cannot be known
	Resources []string // S3: ARNs; nil: not known
	Version   bool     // S3: a version of the object is meant
	Owner     string   // S3: the account that is said to own the bucket
	// Doubtful reports that the request may be the call, but is plain HTTP as well: it is not signed (S3 serves public objects so), or goes
	// to another host too.
	Doubtful bool
}

// FromHTTP says which AWS call a request is that goes to endpoints, of which nil stands for a host that is none. It is one if it is signed, in the header or in
// the query, and goes to one of AWS's own endpoints; a request to S3 may be one in any case.
func FromHTTP(r *http.Request, endpoints []*Endpoint) (q Request, ok bool) {
	credential, signed := signature(r)
	keyID, scopeRegion, scopeService := cutCredential(credential)
	for _, e := range endpoints {
		service := ""
		if e != nil {
			service = e.of(scopeService)
		}
		switch {
		case service == "":
			q.Doubtful = true
			continue
		case q.Service == "":
			q.Service, q.Region = service, e.Region
			if service == "s3" {
				q.s3(r, e, false)
			} else {
				q.Operation = operation(r)
			}
		case service != q.Service:
			q.Operation, q.Resources, q.Doubtful = "", nil, true
		case service == "s3":
			q.s3(r, e, true)
		}
	}
	if q.Service == "" || (!signed && q.Service != "s3") {
		return Request{}, false
	}
	q.Doubtful = q.Doubtful || !signed
	if q.Region == "" {
		q.Region = scopeRegion
	}
	q.Account = awskey.Account(keyID)
	return q, true
}

// of returns the service that the endpoint is one of, as its host says, or for one that the tables do not have, the signature; "" if it is none's.
func (e *Endpoint) of(signed string) string {
	if e.service == "" && e.name == signed {
		return signed
	}
	return e.service
}

// signature returns the credential that a request is signed with: "key/date/region/service/aws4_request", or a key alone in signatures of
// the old kind.
func signature(r *http.Request) (credential string, signed bool) {
	if auth := r.Header.Get("Authorization"); strings.HasPrefix(auth, "AWS4-") || strings.HasPrefix(auth, "AWS ") {
		if _, after, ok := strings.Cut(auth, "Credential="); ok {
			credential, _, _ = strings.Cut(after, ",")
			return strings.TrimSpace(credential), true
		}
		credential, _, _ = strings.Cut(strings.TrimPrefix(auth, "AWS "), ":")
		return credential, true
	}
	if r.URL.RawQuery == "" {
		return "", false
	}
	for _, name := range [...]string{"X-Amz-Credential", "AWSAccessKeyId"} {
		if v, ok := queryValue(r.URL.RawQuery, name); ok {
			return v, true
		}
	}
	_, signed = queryValue(r.URL.RawQuery, "X-Amz-Signature")
	return "", signed
}

// cutCredential cuts a credential; SigV4A's has no region.
func cutCredential(s string) (keyID, region, service string) {
	parts := strings.Split(s, "/")
	switch len(parts) {
	case 5:
		return parts[0], parts[2], parts[3]
	case 4:
		return parts[0], "", parts[2]
	}
	return parts[0], "", ""
}

// operation finds the operation in the protocols that name it: JSON in a header, query in a parameter, RPC in the path. "" if
// there is none, or more than one.
func operation(r *http.Request) (name string) {
	found := func(s string, ok bool) bool {
		switch {
		case !ok:
		case !isOperation(s) || (name != "" && name != s):
			name = ""
			return false
		default:
			name = s
		}
		return true
	}
	for key, values := range r.Header {
		if !strings.EqualFold(key, "X-Amz-Target") {
			continue
		}
		for _, v := range values {
			if !found(v[strings.LastIndexByte(v, '.')+1:], true) {
				return ""
			}
		}
	}
	if !found(queryValue(r.URL.RawQuery, "Action")) {
		return ""
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && hasBody(r) {
		form, ok := peek(r)
		if !ok || !found(queryValue(form, "Action")) {
			return ""
		}
	}
	path := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(path, "/service/"); ok {
		if _, op, ok := strings.Cut(rest, "/operation/"); !found(op, ok) {
			return ""
		}
	}
	// The one call by path that matters most: /2015-03-31/functions/NAME/invocations.
	if name == "" && r.Method == http.MethodPost && strings.Count(path, "/") == 4 && strings.HasPrefix(path, "/2015-03-31/functions/") && strings.HasSuffix(path, "/invocations") {
		return "Invoke"
	}
	return name
}

func isOperation(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// peek reads the beginning of a form without taking it from the request; ok: there is a way to, and it is the whole.
func peek(r *http.Request) (form string, ok bool) {
	if r.GetBody == nil {
		return "", false
	}
	body, err := r.GetBody()
	if err != nil {
		return "", false
	}
	defer body.Close()
	const most = 256 << 10 // the size of a message of SNS or SQS
	b, err := io.ReadAll(io.LimitReader(body, most+1))
	return string(b), err == nil && len(b) <= most
}

// queryValue returns the value of a parameter of a query. A parameter given twice, with two values, has none that is known.
func queryValue(query, name string) (value string, ok bool) {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, v, _ := strings.Cut(pair, "=")
		if key != name && (len(key) == len(name) || unescape(key) != name) {
			continue
		}
		if v = unescape(v); ok && v != value {
			return "", true
		}
		value, ok = v, true
	}
	return value, ok
}
