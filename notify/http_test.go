package notify

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/sinkmark"
)

// A guard's deliveries use HTTP/1.1, also where the receiver offers HTTP/2.
func TestDeliveriesUseHTTP1(t *testing.T) {
	proto := make(chan string, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { proto <- r.Proto }))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	w := &Webhook{URL: s.URL, Secret: "s3cr3t"}
	own := w.link.open(w.Env).wire.transport()
	own.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	own.TLSClientConfig.NextProtos = nil
	require.NoError(t, w.Notify(sinkmark.With(context.Background()), []Alert{{Verdict: "alert"}}))
	assert.Equal(t, "HTTP/1.1", <-proto)
}
