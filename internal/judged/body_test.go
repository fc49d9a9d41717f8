package judged

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type plain struct{ io.Reader }

// A body is the same below what the SDK and net/http put around it.
func TestIdentity(t *testing.T) {
	for name, body := range map[string]io.Reader{
		"writes itself": strings.NewReader("a"),
		"is read only":  &plain{strings.NewReader("a")},
		"buffer":        bytes.NewBufferString("a"),
	} {
		want := identify(body)
		assert.True(t, want.known, name)
		sent, err := smithyhttp.NewStackRequest().(*smithyhttp.Request).SetStream(body)
		require.NoError(t, err)
		for range 2 { // a retry is built anew
			r := sent.Build(context.Background())
			assert.Equal(t, want, identify(r.Body), name)
			assert.Equal(t, want, identify(io.NopCloser(r.Body)), name)
		}
		assert.NotEqual(t, want, identify(&plain{body}), name)
	}
	assert.Equal(t, identify(nil), identify(http.NoBody))
	assert.True(t, identify(nil).known)
	assert.NotEqual(t, identify(nil), identify(strings.NewReader("")))
	assert.NotEqual(t, identify(strings.NewReader("a")), identify(strings.NewReader("a")))
	assert.False(t, identify(plain{strings.NewReader("a")}).known, "another may be equal to it")
	assert.False(t, identify((*plain)(nil)).known)
	var deep io.ReadCloser = http.NoBody
	for range 20 {
		deep = io.NopCloser(deep)
	}
	assert.False(t, identify(deep).known)
}
