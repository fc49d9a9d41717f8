package guard

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// closable counts how often it is closed.
type closable struct {
	r      io.Reader // unexported: with a JSON form it would be no stream
	closed int
}

func (c *closable) Read(p []byte) (int, error) { return c.r.Read(p) }

func (c *closable) Close() error { c.closed++; return nil }

func TestBlockBeforeAStreamBegins(t *testing.T) {
	g := newGuard(t, blockAll)
	body := &closable{r: strings.NewReader("never sent")}
	for name, h := range map[string]any{
		"reader": func(ctx context.Context) (io.ReadCloser, error) { g.Check(ctx, forbidden); return body, nil },
		"URL stream": func(ctx context.Context) (*events.LambdaFunctionURLStreamingResponse, error) {
			g.Check(ctx, forbidden)
			return &events.LambdaFunctionURLStreamingResponse{Body: body}, nil
		},
	} {
		body.closed = 0
		_, _, err := invoke(g.Wrap(h), "{}")
		var blocked *BlockedError
		require.ErrorAs(t, err, &blocked, name)
		assert.Equal(t, 1, body.closed, "%s: nobody else will close it", name)
		assert.Empty(t, g.lifecycle.running, name)
	}
}

// sharedAnswer is a value that is sent as JSON and lives on.
type sharedAnswer struct{ Closed bool }

func (s *sharedAnswer) Close() error { s.Closed = true; return nil }

func TestABlockClosesNoAnswerThatIsNoStream(t *testing.T) {
	g := newGuard(t, blockAll)
	shared := new(sharedAnswer)
	_, _, err := invoke(g.Wrap(func(ctx context.Context) (*sharedAnswer, error) { g.Check(ctx, forbidden); return shared, nil }), "{}")
	require.Error(t, err)
	assert.False(t, shared.Closed)
}

func TestStreamEndsItsInvocation(t *testing.T) {
	for name, use := range map[string]func(io.ReadCloser){
		"read to the end": func(r io.ReadCloser) { io.Copy(io.Discard, r); io.Copy(io.Discard, r); r.Close() },
		"closed early":    func(r io.ReadCloser) { r.Read(make([]byte, 2)); r.Close() },
		"closed unread":   func(r io.ReadCloser) { r.Close() },
	} {
		g := newGuard(t, allowAll)
		body := &closable{r: strings.NewReader("a stream")}
		h := g.Wrap(func(ctx context.Context) (io.ReadCloser, error) { return body, nil }).(func(context.Context) (io.ReadCloser, error))
		r, err := h(context.Background())
		require.NoError(t, err)
		assert.Len(t, g.self().lifecycle.running, 1, name)
		use(r)
		assert.Empty(t, g.self().lifecycle.running, name)
		assert.Equal(t, 1, body.closed, name)
	}
}

func TestViolationsOfCloseBelongToTheStreamsInvocation(t *testing.T) {
	g, log := logged(t, strings.Replace(blockAll, "block", "alert", 1))
	h := g.Wrap(func(ctx context.Context) (io.ReadCloser, error) {
		return closing{strings.NewReader("a stream"), func() {
			assert.False(t, invocationFrom(ctx).over())
			g.Check(context.Background(), forbidden)
		}}, nil
	}).(func(context.Context) (io.ReadCloser, error))
	r, err := h(lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "the-request"}))
	require.NoError(t, err)
	require.NoError(t, r.Close())
	assert.Contains(t, log.String(), `"request_id":"the-request"`)
}

type closing struct {
	r     *strings.Reader
	close func()
}

func (c closing) Read(p []byte) (int, error) { return c.r.Read(p) }

func (c closing) Close() error { c.close(); return nil }

func TestBlockWhileAStreamIsRead(t *testing.T) {
	g := newGuard(t, blockAll)
	for _, c := range []struct {
		name string
		read func(inv context.Context, p []byte) (int, error) // with a block in it
		want error                                            // nil: the block
	}{
		{"more to come", func(ctx context.Context, p []byte) (int, error) { g.Check(ctx, forbidden); return copy(p, "data"), nil }, nil},
		{"the end", func(ctx context.Context, p []byte) (int, error) { g.Check(ctx, forbidden); return 0, io.EOF }, nil},
		{"data and the end", func(ctx context.Context, p []byte) (int, error) { g.Check(ctx, forbidden); return 1, io.EOF }, nil},
		{"own error", func(ctx context.Context, p []byte) (int, error) { g.Check(ctx, forbidden); return 0, io.ErrNoProgress }, io.ErrNoProgress},
	} {
		h := g.Wrap(func(ctx context.Context) (io.Reader, error) {
			return readerFunc(func(p []byte) (int, error) { return c.read(ctx, p) }), nil
		}).(func(context.Context) (io.Reader, error))
		r, err := h(context.Background())
		require.NoError(t, err)
		body, err := io.ReadAll(r)
		if c.want != nil {
			assert.Equal(t, c.want, err, c.name)
		} else {
			var blocked *BlockedError
			assert.ErrorAs(t, err, &blocked, c.name)
		}
		assert.Empty(t, body, "%s: nothing that was made of a blocked call's response is sent", c.name)
		assert.Empty(t, g.lifecycle.running, c.name)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Streams end in many goroutines at once. Some end by a block while they are read, some are closed
// early by the client.
func TestManyStreamsAtOnce(t *testing.T) {
	g := newGuard(t, blockAll)
	h := g.Wrap(func(ctx context.Context, bad bool) (io.Reader, error) {
		r, w := io.Pipe()
		go func() {
			_, _ = io.WriteString(w, "first ")
			if bad {
				g.Check(ctx, forbidden)
			}
			_, _ = io.WriteString(w, "second")
			_ = w.Close()
		}()
		return r, nil
	}).(func(context.Context, bool) (io.Reader, error))
	var wg sync.WaitGroup
	for n := range 60 {
		wg.Go(func() {
			r, err := h(context.Background(), n%2 == 0)
			if !assert.NoError(t, err) {
				return
			}
			if n%10 == 5 { // a good one: a late block would fail the only other one that runs
				wg.Go(func() { _, _ = io.ReadAll(r) }) // as net/http may read on
				assert.NoError(t, r.(io.Closer).Close())
				return
			}
			body, err := io.ReadAll(r)
			var blocked *BlockedError
			assert.Equal(t, n%2 == 0, errors.As(err, &blocked))
			assert.Equal(t, n%2 != 0, string(body) == "first second")
			assert.NoError(t, r.(io.Closer).Close())
		})
	}
	wg.Wait()
	assert.Empty(t, g.lifecycle.running)
}
