package awscall

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// A signer is who signs a request, as far as its signatures show. Signatures of SigV4A have no
// region. A request may have several signatures. The fields are those of the first, and others has
// the other keys.
type signer struct {
	kind                 signerKind
	key, region, service string
	others               [maxSignatures - 1]string
	presigned            bool // the signature is in the URL or in a form
	services             bool // two signatures are for two services
}

// maxSignatures is how many different signatures of a request are read.
const maxSignatures = 3

type signerKind uint8

// The order matters: anything but unsigned means that a signature has been seen.
const (
	unsigned      signerKind = iota
	signerUnknown            // it is signed, but the key cannot be read, or there are two
	signedByKey
)

// signature fills the zero signer s with who signs a request:
// "key/date/region/service/aws4_request", or a key alone in signatures of version 2.
func (h *header) signature(s *signer, query string) {
	// The values are sorted, so that the result does not depend on the map.
	for i := range h.authorization {
		if h.authorization[i] == "" {
			break
		}
		h.authorized(s, h.authorization[i])
	}
	// This field had signatures of version 3, whose key is in a form that is not read.
	switch {
	case hasPrefixFold(h.version3, "AWS4-"):
		h.authorized(s, h.version3)
	case h.version3 != "":
		h.add(s, &signer{kind: signerUnknown})
	}
	// A request may have a signature in the header and another in the query.
	if query != "" {
		var other signer
		other.inQuery(query)
		h.add(s, &other)
	}
	// One of the keys signs it, but not certainly the first. Other contradictory fields must not
	// count here: with a header that the service does not read, a request would be doubtful, and
	// http: rules would decide.
	if h.signers && s.kind == signedByKey {
		s.kind = signerUnknown
	}
}

// authorized adds the signatures in an Authorization field.
func (h *header) authorized(s *signer, auth string) {
	// AWS4-HMAC-SHA256 Credential=AKIA…/20261128/eu-west-1/s3/aws4_request, SignedHeaders=…
	switch {
	case hasPrefixFold(auth, "AWS4-"):
		_, rest, found := cutCredential(auth)
		if !found {
			h.add(s, &signer{kind: signerUnknown})
		}
		// A second Credential= is a second signature in one field.
		for found {
			var credential string
			credential, rest, found = cutCredential(rest)
			h.contradictory, h.signers = h.contradictory || found, h.signers || found
			credential, _, _ = strings.Cut(credential, ",")
			h.takeCredential(s, strings.TrimSpace(credential))
		}
	// AWS AKIA…:signature, version 2.
	case hasPrefixFold(auth, "AWS "):
		credential, _, _ := strings.Cut(auth[len("AWS "):], ":")
		h.takeCredential(s, credential)
	// An unknown scheme of AWS's is a signature nevertheless.
	case hasPrefixFold(auth, "AWS"):
		h.add(s, &signer{kind: signerUnknown})
	}
}

// cutCredential is strings.Cut at "Credential=", whose case a server may ignore.
func cutCredential(s string) (before, after string, found bool) {
	const name = "Credential="
	for i := 0; ; i++ {
		k := strings.IndexByte(s[i:], '=')
		if k < 0 {
			return s, "", false
		}
		// Most fields of a signature do not end in an l.
		if i += k; i+1 >= len(name) && s[i-1]|0x20 == 'l' && isField(s[i+1-len(name):i+1], name) {
			return s[:i+1-len(name)], s[i+1:], true
		}
	}
}

// takeCredential reads a credential into s, or adds it to the others there.
func (h *header) takeCredential(s *signer, credential string) {
	if s.kind == unsigned {
		s.read(credential)
		return
	}
	var other signer
	other.read(credential)
	h.add(s, &other)
}

// add adds another signature of the same request.
func (h *header) add(s, other *signer) {
	// The first signature counts; others are noted beside it.
	switch {
	case other.kind == unsigned:
		return
	case s.kind == unsigned:
		*s = *other
		return
	}
	// It is presigned only if all of its signatures are.
	s.presigned = s.presigned && other.presigned
	s.services = s.services || other.service != s.service
	if other.key == s.key {
		return
	}
	h.contradictory, h.signers = true, true
	// A fourth key is dropped: contradictory says enough.
	for i := range s.others {
		if s.others[i] == "" {
			s.others[i] = other.key
		}
		if s.others[i] == other.key {
			return
		}
	}
}

// inQuery reads the signature of a presigned URL, or of a form.
func (s *signer) inQuery(query string) {
	if query == "" {
		return
	}
	// The names of version 4 and of version 2.
	for _, name := range [...]string{"X-Amz-Credential", "AWSAccessKeyId"} {
		if v, ok := queryValue(query, name); ok {
			s.read(v)
			s.presigned = true
			return
		}
	}
	// A signature without a credential has an unknown key.
	if _, ok := queryValue(query, "X-Amz-Signature"); ok {
		s.kind, s.presigned = signerUnknown, true
	}
}

// inForm reads the signature of a form that a browser would send to S3. Its fields stand before the
// file, so that the beginning of the body is enough.
func (s *signer) inForm(r *http.Request, contentType string) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return
	}
	// The beginning is enough, even if the file is large.
	text, _ := peek(r)
	parts := multipart.NewReader(strings.NewReader(text), params["boundary"])
	for range maxFields {
		part, err := parts.NextRawPart()
		if err != nil {
			return
		}
		// Fields may be in any case.
		switch strings.ToLower(part.FormName()) {
		case "file":
			return
		case "x-amz-credential", "awsaccesskeyid":
			value, err := io.ReadAll(io.LimitReader(part, maxCredential))
			// A longer credential is not one.
			if s.read(string(value)); err != nil {
				s.kind = signerUnknown
			}
			s.presigned = true
			return
		case "x-amz-signature":
			s.kind, s.presigned = signerUnknown, true
		}
	}
}

// The bounds of what is read of a form. S3 takes 20 KB of fields before the file.
const (
	maxFields     = 1000
	maxCredential = 1 << 10
)

// read reads a credential, "key/date/region/service/aws4_request" or a part of it.
func (s *signer) read(credential string) {
	// The date stands between key and region.
	key, scope, _ := strings.Cut(credential, "/")
	_, scope, _ = strings.Cut(strings.TrimSuffix(scope, "/aws4_request"), "/") // the date
	region, service, ok := strings.Cut(scope, "/")
	// SigV4A has no region in the scope.
	if !ok {
		region, service = "", scope
	}
	s.kind, s.key, s.region, s.service = signedByKey, key, region, service
	if key == "" {
		s.kind = signerUnknown
	}
}
