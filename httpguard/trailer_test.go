package httpguard

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withTrailer is a request that declares Checksum. change changes its trailer when the body ends.
func withTrailer(t *testing.T, url string, change func(http.Header)) *http.Request {
	r, err := http.NewRequest("POST", url, nil)
	require.NoError(t, err)
	r.Trailer = http.Header{"Checksum": nil}
	r.Body = &body{Reader: io.MultiReader(strings.NewReader("data"), readerFunc(func([]byte) (int, error) {
		change(r.Trailer)
		return 0, io.EOF
	}))}
	r.ContentLength = -1
	return r
}

var lateTrailers = map[string]struct {
	change func(http.Header)
	want   string // the error; "" for none
}{
	"declared":           {func(h http.Header) { h.Set("Checksum", "42") }, ""},
	"not filled in":      {func(http.Header) {}, ""},
	"deleted":            {func(h http.Header) { h.Del("Checksum") }, ""},
	"Content-Length":     {func(h http.Header) { h.Set("Content-Length", "7") }, `the trailer "Content-Length" came while the body was sent`},
	"Transfer-Encoding":  {func(h http.Header) { h.Set("Transfer-Encoding", "chunked") }, `the trailer "Transfer-Encoding" came`},
	"Host":               {func(h http.Header) { h.Set("Host", "evil.example") }, `the trailer "Host" came`},
	"another spelling":   {func(h http.Header) { h["content-length"] = []string{"7"} }, `the trailer "content-length" came`},
	"a pseudo header":    {func(h http.Header) { h[":path"] = []string{"/admin"} }, `the trailer ":path" came`},
	"not declared":       {func(h http.Header) { h.Set("X-Amz-Target", "x") }, `the trailer "X-Amz-Target" came`},
	"lines in the value": {func(h http.Header) { h.Set("Checksum", "1\r\n\r\nGET /admin HTTP/1.1\r\n") }, `the trailer "Checksum" has a value`},
	"a line in the name": {func(h http.Header) { h["A\r\nB"] = []string{"1"} }, `the trailer "A\r\nB" came`},
}

// The trailer is sent behind the body, after all that was judged. What it holds then is what it
// declared, by HTTP/1 as by HTTP/2.
func TestATrailerThatComesLate(t *testing.T) {
	for name, c := range lateTrailers {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			line, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer line.Close()
			sent := make(chan string, 1)
			go func() { sent <- readRaw(line) }()
			client := &http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: &http.Transport{DisableKeepAlives: true}}}
			_, err = client.Do(withTrailer(t, "http://"+line.Addr().String(), c.change))
			got := <-sent
			_, trailer, ended := strings.Cut(got, "4\r\ndata\r\n0\r\n")
			if c.want == "" {
				require.NoError(t, err)
				assert.True(t, ended)
				assert.LessOrEqual(t, strings.Count(trailer, "\r\n"), 2, "%q", trailer)
				return
			}
			require.ErrorContains(t, err, c.want)
			assert.False(t, ended, "%q", got)

			s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				assert.Error(t, err, "the body does not end")
			}))
			s.EnableHTTP2 = true
			s.StartTLS()
			defer s.Close()
			base, ok := s.Client().Transport.(*http.Transport)
			require.True(t, ok)
			_, err = (&http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: base}}).Do(withTrailer(t, s.URL, c.change))
			require.ErrorContains(t, err, c.want)
		})
	}
}

// readRaw reads a request from the next connection, responds, and returns what was read.
func readRaw(line net.Listener) string {
	conn, err := line.Accept()
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	var b strings.Builder
	for r := bufio.NewReader(conn); ; {
		text, err := r.ReadString('\n')
		b.WriteString(text)
		if err != nil {
			return b.String()
		}
		if strings.Contains(b.String(), "\r\n0\r\n") && strings.HasSuffix(b.String(), "\r\n\r\n") {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			return b.String()
		}
	}
}

// A body that is sent once more has its trailer again.
func TestATrailerIsSentAgain(t *testing.T) {
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got = append(got, r.Trailer.Get("Checksum"))
		if len(got) == 2 {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
		}
	}))
	defer s.Close()
	c := &http.Client{Transport: &Transport{Guard: &fakeGuard{}, Base: &http.Transport{}}}
	for range 2 {
		r := withTrailer(t, s.URL, func(http.Header) {})
		again := func() (io.ReadCloser, error) {
			return &body{Reader: io.MultiReader(strings.NewReader("data"), readerFunc(func([]byte) (int, error) {
				r.Trailer.Set("Checksum", "42")
				return 0, io.EOF
			}))}, nil
		}
		r.Body, _ = again()
		r.GetBody = again
		r.Header.Set("Idempotency-Key", "1")
		resp, err := c.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
	assert.Equal(t, []string{"42", "42", "42"}, got)
}
