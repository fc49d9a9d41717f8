package canon

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/net/http/httpguts"
)

// Eight bytes at a time or one by one, every byte at every place is judged as net/http judges it.
func TestHeadersAreReadAsNetHTTPReadsThem(t *testing.T) {
	for n := 1; n <= 20; n++ {
		for at := range n {
			for c := range 256 {
				b := []byte(strings.Repeat("Az-09a", 4)[:n])
				b[at] = byte(c)
				s := string(b)
				assert.Equal(t, httpguts.ValidHeaderFieldName(s), isToken(s), "name %q", s)
				assert.Equal(t, httpguts.ValidHeaderFieldValue(s), validValue(s), "value %q", s)
			}
		}
	}
	assert.False(t, isToken(""))
	assert.True(t, validValue(""))
}

// net/http leaves out the canonical spellings. It would write any other beside its own line.
func TestRespelledHeaders(t *testing.T) {
	const via = "http://h.example/v1/x"
	for canonical, others := range map[string][]string{
		"Host":              {"host", "HOST", "hOST", "HosT"},
		"Content-Length":    {"content-length", "CONTENT-LENGTH", "Content-length", "content-Length"},
		"Transfer-Encoding": {"transfer-encoding", "TRANSFER-ENCODING", "Transfer-encoding", "tRANSFER-eNCODING"},
		"Trailer":           {"trailer", "TRAILER", "trAiler"},
	} {
		r := get(t, via, header(canonical, "x"))
		assert.Equal(t, "http://h.example:80", dests(r), canonical)
		assert.NotContains(t, send(t, r, "").text.String(), canonical+": x")
		for _, key := range others {
			r := get(t, via, header(key, "x"))
			assert.Equal(t, "malformed: "+string(respelled), dests(r), key)
			assert.Contains(t, send(t, r, "").text.String(), key+": x", "net/http writes it")
		}
	}
	for _, key := range []string{"user-agent", "USER-AGENT", "connection", "Content_Length", "transfer_encoding", "x-host", "Hosts", "Trailers", "Content-Lengths"} {
		assert.Equal(t, "http://h.example:80", dests(get(t, via, header(key, "x"))), key)
	}
	for _, key := range []string{"Host ", " host", "Content-Length\t", "transfer-encoding:", "Ｈost", "ho\u017ft", "trailer\x00"} {
		assert.Equal(t, "malformed: a header's name is not a token", dests(get(t, via, header(key, "x"))), "%q", key)
	}
}

// A request whose fields make net/http write a body without its length.
func TestFraming(t *testing.T) {
	const ok, open = "http://h.example:80", "malformed: the transfer encoding leaves open where the body ends"
	const named = "malformed: a trailer is named like a header that net/http writes itself"
	post := func(length int64, opts ...func(*http.Request)) *http.Request {
		r, err := http.NewRequest("POST", "http://h.example/", strings.NewReader("GET /admin HTTP/1.1\r\n\r\n"))
		assert.NoError(t, err)
		r.ContentLength = length
		for _, opt := range opts {
			opt(r)
		}
		return r
	}
	for _, c := range []struct {
		r    *http.Request
		want string
	}{
		{post(23), ok},
		{post(-1), ok},
		{post(0), ok},
		{post(-1, transferEncoding("chunked")), ok},
		{post(23, transferEncoding("identity")), ok},
		{post(-1, transferEncoding("identity")), open},
		{post(0, transferEncoding("identity")), open},
		{post(-1, transferEncoding("")), open},
		{post(-1, transferEncoding("gzip", "chunked")), open},
		{post(-1, transferEncoding("Chunked")), open},
		{get(t, "http://h.example/", transferEncoding("identity")), ok},
		{post(-1, trailer("X-Checksum")), ok},
		{post(-1, trailer("host")), named},
		{post(-1, trailer("Content-Length")), named},
		{post(-1, trailer("transfer-Encoding")), named},
		{post(-1, trailer("TRAILER")), named},
	} {
		assert.Equal(t, c.want, dests(c.r), "%d %q %v", c.r.ContentLength, c.r.TransferEncoding, c.r.Trailer)
	}
	sent := send(t, post(-1, transferEncoding("identity")), "").text.String()
	assert.NotContains(t, sent, "Content-Length")
	assert.NotContains(t, sent, "Transfer-Encoding", "net/http writes the body without its length")
}
