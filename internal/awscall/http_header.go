package awscall

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/outguard/outguard/internal/awsops"
)

// A header has the fields of a request's header that count. Their names may be in any case, since
// net/http sends them as they are.
type header struct {
	target, contentType, copySource, bucketOwner, guardrail string

	// What an upload to S3 asks for beside it, and the KMS key that encrypts it.
	adds   Adds
	kmsKey string

	authorization [maxSignatures]string // the different values, the greatest first
	version3      string                // a signature of version 3, which Route 53 took
	encoded       bool                  // the body is compressed
	contradictory bool                  // a field, or the signer, is given twice, with two values
	signers       bool                  // the signer is
}

// read takes the fields out of a header. It looks at each name once, or twice if a value is empty:
// that contradicts another value, which the map may have later.
func (h *header) read(from http.Header) {
	if h.readOnce(from) {
		h.readOnce(from)
	}
}

// readOnce reports whether one of the values is empty.
func (h *header) readOnce(from http.Header) (empty bool) {
	for key, values := range from {
		var to *string
		if len(key) > len(amz) && key[0]|0x20 == amz[0] {
			for _, v := range values {
				h.adds |= addedBy(key, v)
			}
			if isEncrypt(key) {
				to = &h.kmsKey
			}
		}
		switch len(key) { // most names stop here
		case len("X-Amz-Target"):
			switch {
			case isField(key, "X-Amz-Target"):
				to = &h.target
			case isField(key, "Content-Type"):
				to = &h.contentType
			}
		case len("Authorization"):
			if isField(key, "Authorization") {
				// Two different values of Authorization are two signatures.
				for _, v := range values {
					h.authorize(textproto.TrimString(v))
				}
			}
		case len("X-Amzn-Authorization"):
			if isField(key, "X-Amzn-Authorization") {
				to = &h.version3
			}
		case len("Content-Encoding"):
			h.encoded = h.encoded || isField(key, "Content-Encoding")
		case len("X-Amz-Copy-Source"):
			if isField(key, "X-Amz-Copy-Source") {
				to = &h.copySource
			}
		case len("X-Amzn-Bedrock-Guardrailidentifier"):
			if isField(key, "X-Amzn-Bedrock-Guardrailidentifier") {
				to = &h.guardrail
			}
		case len("X-Amz-Expected-Bucket-Owner"):
			if isField(key, "X-Amz-Expected-Bucket-Owner") {
				to = &h.bucketOwner
			}
		}
		// Any other name.
		if to == nil {
			continue
		}
		for _, v := range values {
			v = textproto.TrimString(v) // as net/http does
			if *to != "" && *to != v {
				h.contradictory, h.signers = true, h.signers || to == &h.version3
			}
			*to = max(*to, v) // of two, always the same one, in whatever order the map has them
			empty = empty || v == ""
		}
	}
	return empty
}

// isField reports whether key is a name in any case. Nearly all are in the canonical case.
func isField(key, canonical string) bool {
	return key == canonical || strings.EqualFold(key, canonical)
}

// authorize records one value of Authorization, in an order that does not depend on the map's.
func (h *header) authorize(value string) {
	// The values are sorted as they come: each moves down until it fits.
	for i := range h.authorization {
		at := &h.authorization[i]
		if value == "" || value == *at {
			break
		}
		if value > *at {
			*at, value = value, *at
		}
	}
	if h.authorization[1] != "" {
		h.contradictory, h.signers = true, true
	}
}

// isBedrockKey reports whether a request has one of Bedrock's API keys, which replace a signature
// there.
func (h *header) isBedrockKey(service string) bool {
	// A bearer token may also be one of OAuth, so that the service must be Bedrock.
	bearer := func(value string) bool { return hasPrefixFold(value, "Bearer ") }
	if service == "" || !slices.ContainsFunc(h.authorization[:], bearer) {
		return false
	}
	prefix, _ := awsops.Service(service)
	return prefix == "bedrock"
}
