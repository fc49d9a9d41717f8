package judged

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// toAWS is a request of SQS with the query and the body that are given.
func toAWS(t *testing.T, query string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequest("POST", "https://sqs.eu-west-1.amazonaws.com/?"+query, body)
	require.NoError(t, err)
	return r
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// A request whose body has been wrapped has been judged if the body's text is what was judged.
func TestPayload(t *testing.T) {
	one, two := new(int), new(int)
	decides := Stream{Decides: true, Known: true, Sum: SumOfText("a")}
	for name, c := range map[string]struct {
		stream Stream
		change func(*Mark, *http.Request) any // returns the guard that asks
		want   string                         // the text that the body must have; "": no text makes a difference
	}{
		"signed":            {Stream{Payload: hash("a")}, nil, "a"},
		"decides":           {decides, nil, "a"},
		"not known":         {Stream{Decides: true, Payload: hash("a")}, nil, ""},
		"without a payload": {Stream{}, nil, ""},
		"other query":       {decides, func(_ *Mark, r *http.Request) any { r.URL.RawQuery = "b=2"; return one }, ""},
		"other path":        {decides, func(_ *Mark, r *http.Request) any { r.URL.Path = "/q"; return one }, ""},
		"other header":      {decides, func(_ *Mark, r *http.Request) any { r.Header.Set("X-Amz-Target", "x"); return one }, ""},
		"other guard":       {decides, func(*Mark, *http.Request) any { return two }, ""},
		"void":              {decides, func(m *Mark, _ *http.Request) any { m.Void(); return one }, ""},
	} {
		r := toAWS(t, "a=1", nil)
		ctx, m := With(context.Background(), r)
		m.By(one, true)
		m.SetStream(c.stream)
		by := any(one)
		if c.change != nil {
			by = c.change(m, r)
		}
		_, inner := With(ctx, toAWS(t, "inner", nil)) // the mark may be further out
		want := inner.Payload(r, by)
		if c.want == "" {
			assert.Empty(t, want, name)
			continue
		}
		assert.True(t, HasPayload([]byte(c.want), want), name)
		assert.False(t, HasPayload([]byte(c.want+" "), want), name)
	}
	plain := request(t, nil)
	_, m := With(context.Background(), plain)
	m.By(one, true)
	m.SetStream(decides)
	assert.Empty(t, m.Payload(plain, one), "no AWS host")
}

func TestAStreamIsTheBody(t *testing.T) {
	body := strings.NewReader("a")
	for name, c := range map[string]struct {
		stream Stream
		body   io.Reader
		want   bool
	}{
		"the same":            {Stream{Reader: body}, body, true},
		"wrapped by the SDK":  {Stream{Reader: body}, io.NopCloser(body), true},
		"another":             {Stream{Reader: body}, strings.NewReader("a"), false},
		"none":                {Stream{Reader: body}, nil, false},
		"signed, another":     {Stream{Reader: body, Payload: hash("a")}, strings.NewReader("a"), false},
		"unsigned":            {Stream{Reader: body, Payload: "UNSIGNED-PAYLOAD"}, strings.NewReader("b"), true},
		"unsigned in chunks":  {Stream{Reader: body, Payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, strings.NewReader("b"), true},
		"unsigned, it counts": {Stream{Reader: body, Payload: "UNSIGNED-PAYLOAD", Decides: true}, strings.NewReader("b"), false},
	} {
		r := toAWS(t, "", nil)
		_, m := With(context.Background(), r)
		m.SetStream(c.stream)
		r.Body = nil
		if c.body != nil {
			r.Body = io.NopCloser(c.body)
		}
		assert.Equal(t, c.want, m.Covers(r), name)
	}
}

func TestContent(t *testing.T) {
	part := strings.NewReader("xxabc")
	_, _ = part.Seek(2, io.SeekStart)
	var none *strings.Reader
	for name, c := range map[string]struct {
		body io.Reader
		want string
		ok   bool
	}{
		"none":        {nil, "", true},
		"string":      {strings.NewReader("abc"), "abc", true},
		"bytes":       {bytes.NewReader([]byte("abc")), "abc", true},
		"buffer":      {bytes.NewBufferString("abc"), "abc", true},
		"read before": {part, "abc", true},
		"too long":    {strings.NewReader("abcd"), "", false},
		"too much":    {bytes.NewBufferString("abcd"), "", false},
		"a stream":    {bufio.NewReader(strings.NewReader("abc")), "", false},
		"nil":         {none, "", false},
		"no pointer":  {struct{ io.Reader }{strings.NewReader("abc")}, "", false},
	} {
		var body io.ReadCloser
		if c.body != nil {
			body = io.NopCloser(c.body)
		}
		for range 2 { // it is left there
			text, ok := Content(body, 3)
			assert.Equal(t, c.ok, ok, name)
			if ok {
				assert.Equal(t, c.want, string(text), name)
			}
		}
	}
	text, ok := Content(http.NoBody, 3)
	assert.True(t, ok && len(text) == 0)
}

// What net/http sends when it tries again is a part of the request.
func TestAnotherGetBodyIsAnotherBody(t *testing.T) {
	g := new(int)
	r := toAWS(t, "", strings.NewReader("a"))
	_, m := With(context.Background(), r)
	m.By(g, true)
	assert.True(t, m.Covers(r.Clone(context.Background())))
	given := r.GetBody
	for name, other := range map[string]func() (io.ReadCloser, error){
		"another": func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("b")), nil },
		"none":    nil,
	} {
		r.GetBody = other
		assert.False(t, m.Covers(r), name)
	}
	r.GetBody = given
	assert.True(t, m.Covers(r))
}
