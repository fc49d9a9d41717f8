package canon

import (
	"net/http"
	"net/url"
	"strings"
)

// Whether a request may be signed for AWS is found out while its headers are read anyway, because
// nearly all requests are not. Package awscall then reads the signature.

// FieldSigns reports whether a header field may hold a signature of AWS's, or announces a form that
// may hold one: one of its values begins so. The name is compared last, because few values do. What
// is usual is compared as it is: EqualFold takes longer.
func FieldSigns(key string, values []string) bool {
	name, begin := "", ""
	switch len(key) {
	// AWS4-HMAC-SHA256 and the older "AWS key:signature" begin alike.
	case len("Authorization"):
		name, begin = "Authorization", "AWS"
	// A POST form carries its signature in the body.
	case len("Content-Type"):
		name, begin = "Content-Type", "multipart/form-data"
	default:
		return false
	}
	for _, v := range values {
		for len(v) > 0 && (v[0] == ' ' || v[0] == '\t') {
			v = v[1:]
		}
		if len(v) >= len(begin) && (v[:len(begin)] == begin || v[0]|0x20 == begin[0]|0x20 && strings.EqualFold(v[:len(begin)], begin)) &&
			(key == name || strings.EqualFold(key, name)) {
			return true
		}
	}
	return false
}

// Headers reads of r what Parse reads beside its destinations: signed reports that it may be signed
// for AWS. If ok is false, its headers leave a doubt, as about where it ends, and Parse refuses it.
func Headers(r *http.Request) (signed, ok bool) {
	if checkFraming(r) != nil {
		return false, false
	}
	for key, values := range r.Header {
		signs, refused := readField(key, values)
		if refused != "" {
			return false, false
		}
		signed = signed || signs
	}
	return signed || URLSigns(r.URL), true
}

// MaySign reports whether r may be signed for AWS, whatever else its headers leave in doubt.
func MaySign(r *http.Request) bool {
	for key, values := range r.Header {
		if FieldSigns(key, values) {
			return true
		}
	}
	return URLSigns(r.URL)
}

// URLSigns reports whether the URL is presigned, also by the query of an opaque one.
func URLSigns(u *url.URL) bool {
	return u != nil && (querySigns(u.RawQuery) || u.Opaque != "" && querySigns(opaqueQuery(u.Opaque)))
}

// querySigns reports whether a query has a parameter of a presigned URL.
func querySigns(query string) bool {
	// A rest that is shorter holds neither name, also with escapes.
	for len(query) >= len("X-Amz-Signature") {
		var name string
		name, query, _ = strings.Cut(query, "&")
		name, _, _ = strings.Cut(name, "=")
		// AWS decodes names of parameters, so X%2DAmz-Signature is one too.
		if strings.IndexByte(name, '%') >= 0 {
			if n, err := url.QueryUnescape(name); err == nil {
				name = n
			}
		}
		switch len(name) {
		case len("X-Amz-Signature"):
			if strings.EqualFold(name, "X-Amz-Signature") {
				return true
			}
		case len("X-Amz-Credential"):
			if strings.EqualFold(name, "X-Amz-Credential") {
				return true
			}
		}
	}
	return false
}

// opaqueQuery returns the query that is part of an opaque URL.
func opaqueQuery(opaque string) string {
	_, query, _ := strings.Cut(opaque, "?")
	return query
}
