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

	authorization [maxSignatures]string // the different values, the greatest first
	version3      string                // a signature of version 3, which Route 53 took
	encoded       bool                  // the body is compressed
	contradictory bool                  // a field, or the signer, is given twice, with two values
}

// read takes the fields out of a header. It looks at each name once.
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
				// Two different values of Authorization are two signatures.
				for _, v := range values {
					h.authorize(textproto.TrimString(v))
				}
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
		case len("x-amzn-bedrock-guardrailidentifier"):
			if strings.EqualFold(key, "x-amzn-bedrock-guardrailidentifier") {
				to = &h.guardrail
			}
		case len("x-amz-expected-bucket-owner"):
			if strings.EqualFold(key, "x-amz-expected-bucket-owner") {
				to = &h.bucketOwner
			}
		}
		// Any other name.
		if to == nil {
			continue
		}
		for _, v := range values {
			v = textproto.TrimString(v) // as net/http does
			h.contradictory = h.contradictory || (*to != "" && *to != v)
			*to = max(*to, v) // of two, always the same one, in whatever order the map has them
		}
	}
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
	h.contradictory = h.contradictory || h.authorization[1] != ""
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
