package awscall

import "strings"

// A signer is who signs a request, as far as the signature shows. Signatures of SigV4A have no
// region.
type signer struct {
	kind                 signerKind
	key, region, service string
}

type signerKind uint8

const (
	unsigned      signerKind = iota
	signerUnknown            // it is signed, but the key cannot be read, or there are two
	signedByKey
)

// signature reads who signs a request: "key/date/region/service/aws4_request", or a key alone in
// signatures of version 2.
func (h *header) signature(query string) (s signer) {
	switch auth := h.authorization; {
	case hasPrefixFold(auth, "AWS4-"):
		_, credential, _ := strings.Cut(auth, "Credential=")
		h.contradictory = h.contradictory || strings.Contains(credential, "Credential=")
		credential, _, _ = strings.Cut(credential, ",")
		s.read(strings.TrimSpace(credential))
	case hasPrefixFold(auth, "AWS "):
		credential, _, _ := strings.Cut(auth[len("AWS "):], ":")
		s.read(credential)
	case hasPrefixFold(auth, "AWS"), h.version3 != "":
		s.kind = signerUnknown
	}
	var other signer
	if other.inQuery(query); s.kind == unsigned {
		s = other
	} else if other.kind != unsigned && other.key != s.key {
		h.contradictory = true
	}
	if h.contradictory && s.kind == signedByKey {
		s.kind = signerUnknown
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
		s.kind = signerUnknown
	}
}

// read reads a credential, "key/date/region/service/aws4_request" or a part of it.
func (s *signer) read(credential string) {
	key, scope, _ := strings.Cut(credential, "/")
	_, scope, _ = strings.Cut(strings.TrimSuffix(scope, "/aws4_request"), "/") // the date
	region, service, ok := strings.Cut(scope, "/")
	if !ok {
		region, service = "", scope
	}
	s.kind, s.key, s.region, s.service = signedByKey, key, region, service
	if key == "" {
		s.kind = signerUnknown
	}
}
