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

// The same reader may hold other bytes by now. Then it is another body.
func TestTheSameReaderWithOtherContent(t *testing.T) {
	body := strings.NewReader("a")
	r := toAWS(t, "", body)
	var d detail
	d.set(r, MayBeAWS(r), false)
	d.summed, d.content = true, SumOfText("a")
	for text, same := range map[string]bool{"a": true, "b": false, "aa": false, "": false} {
		body.Reset(text)
		assert.Equal(t, same, d.sameBody(r), "%q", text)
		assert.Equal(t, len(text), body.Len(), "it is left there")
	}
}

func TestSumOfContent(t *testing.T) {
	long := strings.Repeat("0123456789", 1_000)
	part := strings.NewReader("xx" + long)
	_, _ = part.Seek(2, io.SeekStart)
	for name, body := range map[string]io.Reader{"string": strings.NewReader(long), "bytes": bytes.NewReader([]byte(long)), "read before": part} {
		for range 2 { // it is left there
			sum, ok := sumOfContent(io.NopCloser(body))
			assert.True(t, ok, name)
			assert.Equal(t, SumOfText(long), sum, name)
		}
	}
	for name, body := range map[string]io.ReadCloser{
		"none": nil, "no body": http.NoBody, "buffer": io.NopCloser(bytes.NewBufferString("a")), "a stream": io.NopCloser(&plain{strings.NewReader("a")}),
	} {
		_, ok := sumOfContent(body)
		assert.False(t, ok, name)
	}
}
