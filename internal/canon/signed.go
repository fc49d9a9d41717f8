package canon

import (
	"net/url"
	"strings"
)

// Whether a request may be signed for AWS is found out while its headers are read anyway, because
// nearly all requests are not. Package awscall then reads the signature.

// maySign reports whether a header field may hold a signature of AWS's, or announces a form that
// may hold one.
func maySign(key string, values []string) bool {
	switch len(key) { // most names stop here
	case len("Authorization"):
		return anyBegins(values, "AWS") && strings.EqualFold(key, "Authorization")
	case len("Content-Type"):
		return anyBegins(values, "multipart/form-data") && strings.EqualFold(key, "Content-Type")
	}
	return false
}

func anyBegins(values []string, prefix string) bool {
	for _, v := range values {
		v = strings.TrimLeft(v, " \t")
		if len(v) >= len(prefix) && strings.EqualFold(v[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

// querySigns reports whether a query has a parameter of a presigned URL.
func querySigns(query string) bool {
	for query != "" {
		var name string
		name, query, _ = strings.Cut(query, "&")
		name, _, _ = strings.Cut(name, "=")
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
