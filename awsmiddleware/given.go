package awsmiddleware

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Some clients are given their endpoint, as those of an API's connections or of an emulator are. An
// aws: rule does not vouch for it, so the guard also gets the request, to propose an entry for it.

// atGiven returns the request that the serializer makes of an input, at the endpoint that the
// client was given in place of AWS's own; nil if it was given none, or if the request cannot be
// made here. S3 puts the bucket into the host or the path later.
func (s *serializing) atGiven(ctx context.Context, input any) *http.Request {
	c := s.call
	given := givenEndpoint(c.stack)
	if given == "" || s.inner == nil || c.operation.Presigned || c.streams() || strings.HasPrefix(c.operation.Service, "S3") || !c.ownStep(s.inner) {
		return nil
	}
	base, err := url.Parse(given)
	if err != nil || base.Host == "" {
		return nil
	}
	// Other guards wrap the serializer too. Their steps would judge this request, which is not
	// sent.
	serializer := s.inner
	for again, ok := serializer.(*serializing); ok; again, ok = serializer.(*serializing) {
		if serializer = again.inner; serializer == nil {
			return nil
		}
	}
	var r *smithyhttp.Request
	// The chain ends here: nothing signs or sends the request.
	end := middleware.SerializeHandlerFunc(func(_ context.Context, in middleware.SerializeInput) (out middleware.SerializeOutput, md middleware.Metadata, err error) {
		r, _ = in.Request.(*smithyhttp.Request)
		return out, md, nil
	})
	in := middleware.SerializeInput{Parameters: input, Request: smithyhttp.NewStackRequest()}
	if _, _, err := serializer.HandleSerialize(ctx, in, end); err != nil || r == nil || r.URL == nil {
		return nil
	}
	r.URL.Scheme, r.URL.Host, r.Host = base.Scheme, base.Host, base.Host
	r.URL.Path = smithyhttp.JoinPath(base.Path, r.URL.Path)
	r.URL.RawPath = smithyhttp.JoinPath(base.EscapedPath(), r.URL.RawPath)
	return r.Request
}

// givenEndpoint returns the endpoint that the client of a stack was given, or "". It is among the
// client's options, which the step that resolves the endpoint holds.
func givenEndpoint(stack *middleware.Stack) string {
	m, ok := stack.Finalize.Get(resolveEndpoint)
	if !ok {
		return ""
	}
	for again, ok := m.(*resolving); ok; again, ok = m.(*resolving) {
		m = again.inner // another guard watches it
	}
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return ""
	}
	at := placeOfEndpoint(v.Type())
	if at.options < 0 {
		return ""
	}
	if v = v.Elem().Field(at.options).Field(at.endpoint); v.IsNil() {
		return ""
	}
	return v.Elem().String()
}

// An endpointPlace is where the step has the endpoint: in which field of its options.
type endpointPlace struct{ options, endpoint int }

// places has the place for each type of step, because reflection is slow.
var places sync.Map // reflect.Type → endpointPlace

// placeOfEndpoint finds the field BaseEndpoint in the options of a client's step. Both fields are
// -1 if the type has another form, as that of another release may have.
func placeOfEndpoint(t reflect.Type) endpointPlace {
	if at, ok := places.Load(t); ok {
		return at.(endpointPlace)
	}
	at := endpointPlace{-1, -1}
	if step := t.Elem(); step.Kind() == reflect.Struct {
		options, ok := step.FieldByName("options")
		if ok && options.Type.Kind() == reflect.Struct && len(options.Index) == 1 {
			f, ok := options.Type.FieldByName("BaseEndpoint")
			if ok && f.Type == reflect.TypeFor[*string]() && len(f.Index) == 1 {
				at = endpointPlace{options.Index[0], f.Index[0]}
			}
		}
	}
	places.Store(t, at)
	return at
}
