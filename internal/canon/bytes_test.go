package canon

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The smallest steps, by themselves.

func TestFoldAtABadSecondByte(t *testing.T) {
	for text, want := range map[string]string{"\xc0\x2e": ".", "\xc0\x2f": "/", "\xc1\x1c": `\`, "\xc0\x2d": "", "\xc0": "", "\xc0\xae": ".", "\xc1\x9c": `\`} {
		to, size, wide := foldAt(text)
		assert.Equal(t, want, to, "%q", text)
		assert.Equal(t, want != "", size == 2, "%q", text)
		assert.Equal(t, want != "" && text[1]&0xc0 != 0x80, wide, "%q: only some decoders read it so", text)
	}
}

func TestDots(t *testing.T) {
	for segment, want := range map[string][2]int{ // without and with escapes
		"": {0, 0}, ".": {1, 1}, "..": {2, 2}, "...": {0, 0}, "a": {0, 0}, ".a": {0, 0}, "a.": {0, 0}, "%2e": {0, 1}, "%2E": {0, 1}, "%2e%2e": {0, 2}, ".%2e": {0, 2},
		"%2e.": {0, 2}, "%2": {0, 0}, ".%2": {0, 0}, "%": {0, 0}, "%2f": {0, 0}, "%3e": {0, 0}, "%2e%2": {0, 0}, "%2e%2e.": {0, 0}, ".%2e.": {0, 0},
	} {
		assert.Equal(t, want[0], dots([]byte(segment), false), segment)
		assert.Equal(t, want[1], dots([]byte(segment), true), segment)
	}
}

func TestDottedIPv4(t *testing.T) {
	for s, want := range map[string]string{
		"1.2.3.4": "1.2.3.4", "0.0.0.0": "0.0.0.0", "255.255.255.255": "255.255.255.255", "10.0.0.1": "10.0.0.1",
		"": "", "1.2.3": "", "1.2.3.4.5": "", "1.2.3.256": "", "1.2.3.a": "", "1.2.3.:": "", "1.2.3./": "", "1.2.3.04": "", "01.2.3.4": "", "1..3.4": "", ".1.2.3.4": "", "1.2.3.": "", "1.2.3.00": "",
	} {
		addr, ok := dottedIPv4(s)
		assert.Equal(t, want != "", ok, s)
		if ok {
			assert.Equal(t, want, addr.String())
		}
	}
}

func TestCleanKeepsBlanks(t *testing.T) {
	for text, want := range map[string]string{"/a b": "/a b", "/a\x00b": "/ab", "/a\x1fb": "/ab", "/a\x7fb": "/ab", "/a!b~": "/a!b~", "/ ": "/ "} {
		assert.Equal(t, want, string(clean([]byte(text), control)), "%q", text)
		assert.Equal(t, text, string(clean([]byte(text), 0)), "%q", text)
	}
	for text, want := range map[string]string{"//a": "/a", "/a//b": "/a/b", "///": "/", "/a/b": "/a/b"} {
		assert.Equal(t, want, string(clean([]byte(text), doubleSlash)), text)
	}
	for text, want := range map[string]string{"/a;x/b": "/a/b", "/a;x;y": "/a", "/;x/;": "//", "/a/b": "/a/b"} {
		assert.Equal(t, want, string(clean([]byte(text), parameter)), text)
	}
}

func TestSigns(t *testing.T) {
	for value, want := range map[string]bool{
		"AWS4-HMAC-SHA256 x": true, "aws x": true, "AWS": true, " AWS4": true, "\tAWS4": true, " \t AWS4": true, "AW": false, "": false, " ": false, "Bearer AWS": false, "xAWS": false,
	} {
		assert.Equal(t, want, FieldSigns("Authorization", []string{value}), "%q", value)
		assert.Equal(t, want, FieldSigns("authorization", []string{"Bearer x", value}), "%q", value)
		assert.False(t, FieldSigns("Authorisation", []string{value}), "another header")
	}
	assert.True(t, FieldSigns("Content-Type", []string{" Multipart/Form-Data; boundary=x"}))
	assert.False(t, FieldSigns("Content-Type", []string{"AWS4"}))
	assert.False(t, FieldSigns("Content-Type", []string{"multipart/mixed"}))
}

func TestQuerySigns(t *testing.T) {
	for query, want := range map[string]bool{
		"X-Amz-Signature=x": true, "x-amz-signature": true, "a=b&X-Amz-Signature=x": true, "X%2DAmz-Signature=x": true, "X%2damz%2Dcredential=x": true, "X-Amz-Credential=": true,
		"": false, "a=X-Amz-Signature": false, "X-Amz-Signature2=x": false, "X%zzAmz-Signature=x": false, "X-Amz-Date=x": false, "&&": false,
	} {
		assert.Equal(t, want, querySigns(query), query)
	}
}

// A presigned URL is noticed however the request is read, and wherever its query stands.
func TestAPresignedURLIsSigned(t *testing.T) {
	for _, c := range []struct {
		url  url.URL
		want bool
	}{
		{url.URL{Scheme: "https", Host: "a.test", Path: "/x", RawQuery: "X-Amz-Signature=1"}, true},
		{url.URL{Scheme: "https", Host: "a.test", Path: "/x", RawQuery: "a=b&x-amz-credential=1"}, true},
		{url.URL{Scheme: "https", Host: "a.test", Opaque: "//a.test/x?X-Amz-Signature=1"}, true},
		{url.URL{Scheme: "https", Host: "a.test", Path: "/x", RawQuery: "a=X-Amz-Signature"}, false},
		{url.URL{Scheme: "https", Host: "a.test", Opaque: "//a.test/x?a=b"}, false},
	} {
		r := &http.Request{Method: "GET", URL: &c.url, Header: http.Header{}}
		var buf Buf
		q, err := Parse(r, &buf)
		require.NoError(t, err)
		assert.Equal(t, c.want, q.Signed, "%v", &c.url)
		assert.Equal(t, c.want, MaySign(r), "%v", &c.url)
		var usual Request
		if usual.Usual(r) {
			assert.Equal(t, c.want, usual.Signed, "%v", &c.url)
		}
	}
}
