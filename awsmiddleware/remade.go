package awsmiddleware

import (
	"context"
	"strings"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// remakers are the steps of the SDK between the serializer and Build that make the same call
// another request. They are known by their types, because anybody can name a step like them.
var remakers = [...]struct{ id, pkg, name string }{
	{"RequestCompression", "github.com/aws/smithy-go/private/requestcompression", "requestCompression"},
	{"PresignSerializer", "github.com/aws/aws-sdk-go-v2/service/polly", "presignOpSynthesizeSpeechInput"},
	{asGet, "github.com/aws/aws-sdk-go-v2/aws/protocol/query", "asGetRequest"},
}

// asGet is the step that moves the form of a query call, such as STS's, into the URL to presign it.
const asGet = "Query:AsGetRequest"

// watchRemakers wraps those steps, before they run.
func (c *call) watchRemakers() error {
	for _, known := range remakers {
		m, ok := c.stack.Serialize.Get(known.id)
		if !ok {
			continue
		}
		step := m
		for outer, ok := step.(*remaking); ok; outer, ok = step.(*remaking) {
			step = outer.inner // another guard's
		}
		// A step of the program with that name stays unwrapped: what it changes counts as a change.
		if t := structType(step); t == nil || t.PkgPath() != known.pkg || t.Name() != known.name {
			continue
		}
		if _, err := c.stack.Serialize.Swap(known.id, &remaking{c, m}); err != nil {
			return err
		}
	}
	return nil
}

// remaking is one of those steps, watched: what it is given has not been changed, and what it makes
// of that is compared from then on.
type remaking struct {
	call  *call
	inner middleware.SerializeMiddleware
}

// ID is the step's, because other steps find their places by it.
func (m *remaking) ID() string { return m.inner.ID() }

// HandleSerialize compares, lets the step run and keeps what it has made.
func (m *remaking) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	middleware.SerializeOutput, middleware.Metadata, error,
) {
	c := m.call
	if r, ok := in.Request.(*smithyhttp.Request); ok && c.made.taken() && (c.isChanged(r) || m.ID() == asGet && !c.mayBeGet()) {
		c.changed = true
	}
	return m.inner.HandleSerialize(ctx, in, &remade{c, next})
}

// mayBeGet reports whether the call means the same when its body becomes its query.
func (c *call) mayBeGet() bool {
	t := structType(c.operation.Input)
	return c.made.content.form || t != nil && strings.HasSuffix(t.PkgPath(), "/service/polly")
}

// remade is what comes after such a step.
type remade struct {
	call *call
	next middleware.SerializeHandler
}

// HandleSerialize keeps what the step has made.
func (m *remade) HandleSerialize(ctx context.Context, in middleware.SerializeInput) (middleware.SerializeOutput, middleware.Metadata, error) {
	m.call.made.take(in.Request, m.call.operation.Operation)
	return m.next.HandleSerialize(ctx, in)
}
