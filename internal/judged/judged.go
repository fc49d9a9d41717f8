// Package judged marks a request that a richer layer has judged, so that the layers below let exactly that request pass.
package judged

import (
	"context"
	"net/http"
)

// With returns ctx with the mark that the request r (scheme, authority, method and path) has been judged.
func With(ctx context.Context, r *http.Request) context.Context { return ctx }

// Is reports whether r's context carries the mark of an equal request.
func Is(r *http.Request) bool { return false }
