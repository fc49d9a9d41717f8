package canon

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
)

// get is a request for a URL; opts change it.
func get(t testing.TB, rawURL string, opts ...func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequest("GET", rawURL, nil)
	require.NoError(t, err, rawURL)
	for _, opt := range opts {
		opt(r)
	}
	return r
}

func host(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
func header(k, v string) func(*http.Request) {
	return func(r *http.Request) { r.Header[k] = []string{v} }
}
func method(m string) func(*http.Request)          { return func(r *http.Request) { r.Method = m } }
func onURL(f func(*url.URL)) func(r *http.Request) { return func(r *http.Request) { f(r.URL) } }
func urlHost(h string) func(*http.Request) {
	return func(r *http.Request) { r.URL.Host, r.Host = h, "" }
}
func opaque(o string) func(*http.Request) { return onURL(func(u *url.URL) { u.Opaque = o }) }
func transferEncoding(te ...string) func(*http.Request) {
	return func(r *http.Request) { r.TransferEncoding = te }
}
func trailer(key string) func(*http.Request) {
	return func(r *http.Request) { r.Trailer = http.Header{key: {"x"}} }
}
func path(p string) func(*http.Request) { return onURL(func(u *url.URL) { u.Path = p }) }

// dests lists a request's destinations: "https://h:443, http://[::1]:80", or the reason why r is
// malformed.
func dests(r *http.Request) string {
	var buf Buf
	q, err := Parse(r, &buf)
	if bad := usualDiffers(r, &q, err); bad != "" {
		return bad
	}
	if err != nil {
		return "malformed: " + err.Error()
	}
	var all []string
	for _, d := range q.Dests[:q.N] {
		h := d.Host
		if d.Addr.IsValid() {
			h = d.Addr.String()
		}
		if d.Addr.Is6() {
			h = "[" + h + "]"
		}
		all = append(all, fmt.Sprintf("%s://%s:%d", d.Scheme, h, d.Port))
	}
	return strings.Join(all, ", ")
}

func TestDestinations(t *testing.T) {
	const respelled = "malformed: " + string(respelled)
	const ok, via = "https://h.example:443", "https://h.example/v1/x"
	for _, c := range []struct {
		r    *http.Request
		want string
	}{
		// Names.
		{get(t, "https://h.example/"), ok},
		{get(t, "HTTPS://H.Example"), ok},
		{get(t, "https://h.example."), ok},
		{get(t, "https://user:pass@h.example@h.example/"), ok},
		{get(t, "https://a_b.h-1.example/"), "https://a_b.h-1.example:443"},
		{get(t, "http://localhost./"), "http://localhost:80"},
		// Names that IDNA maps. net/http writes another Host line than it dials.
		{get(t, "http://evil。com/"), "http://evil.com:80, http://xn--evilcom-9o3f:80"},
		{get(t, "http://bücher.example/"), "http://xn--bcher-kva.example:80"},
		{get(t, "http://XN--bcher-KVA.example/"), "http://xn--bcher-kva.example:80"},
		{get(t, "http://bücher.example./"), "http://xn--bcher-kva.example:80"},
		{get(t, "http://BÜCHER.example/"), "http://xn--bcher-kva.example:80, http://xn--bcher-2pa.example:80"}, // which a proxy is asked for
		{get(t, "http://faß.example/"), "http://xn--fa-hia.example:80"},
		{get(t, "http://\u00ad:9001/"), "malformed: the host is empty"},
		{get(t, "http://①⑥⑨.254.169.254/"), "http://169.254.169.254:80, http://xn--orhkj.254.169.254:80"},
		// Addresses.
		{get(t, "http://127.0.0.1/"), "http://127.0.0.1:80"},
		{get(t, "http://[::1]:8080/"), "http://[::1]:8080"},
		{get(t, "http://[::FFFF:127.0.0.1]/"), "http://127.0.0.1:80"},
		{get(t, "http://[0:0:0:0:0:ffff:a9fe:a9fe]/"), "http://169.254.169.254:80"},
		{get(t, "http://[fe80::1%25eth0]/"), "malformed: the host has a zone"},
		{get(t, "http://[::ffff:127.0.0.1%25lo]:9001/"), "malformed: the host has a zone"},
		{get(t, "http://127.0.0.1./"), "http://127.0.0.1.:80, http://127.0.0.1:80"}, // a name, and an address
		// Addresses to some resolvers, names to others.
		{get(t, "http://127.1/"), "http://127.1:80, http://127.0.0.1:80"},
		{get(t, "http://0x7f.1/"), "http://0x7f.1:80, http://127.0.0.1:80"},
		{get(t, "http://0X7F000001/"), "http://0x7f000001:80, http://127.0.0.1:80"},
		{get(t, "http://0177.0.0.01/"), "http://0177.0.0.01:80, http://127.0.0.1:80"},
		{get(t, "http://2852039166/"), "http://2852039166:80, http://169.254.169.254:80"},
		{get(t, "http://0/"), "http://0:80, http://0.0.0.0:80"},
		{get(t, "http://256.0.0.1/"), "http://256.0.0.1:80"},
		{get(t, "http://1.2.3.4.5/"), "http://1.2.3.4.5:80"},
		{get(t, "http://08.1/"), "http://08.1:80"},
		// An empty host, which the net package takes for this machine.
		{get(t, "http://:9001/"), "malformed: the host is empty"},
		{get(t, "http:///"), "malformed: the URL has no host"},
		{get(t, "http://:/"), "malformed: the URL has no host"}, // http.NewRequest takes the colon off
		{get(t, "http://user@:80/"), "malformed: the host is empty"},
		{get(t, via, urlHost("[]:443")), "malformed: the host is empty"},
		{get(t, via, urlHost("[]")), "malformed: the host is empty"},
		{get(t, via, urlHost(":")), "malformed: the host is empty"},
		{get(t, via, urlHost("\u200b:80")), "malformed: the host is empty"},
		{get(t, via, urlHost("\u00ad\u2060")), "malformed: the host is empty"},
		{get(t, via, host(":80")), "malformed: the host is empty"},
		{get(t, via, host("[]")), "malformed: the host is empty"},
		{get(t, via, host("\u00ad")), "malformed: the host is empty"},
		{get(t, via, opaque("//:80")), "malformed: the host is empty"},
		{get(t, via, opaque("//:80/x")), "malformed: the host is empty"},
		{get(t, via, opaque("//u@")), "malformed: the opaque part of the URL has no host"},
		{get(t, via, opaque("http://[]:80/x")), "malformed: the host is empty"},
		{get(t, via, method("CONNECT"), opaque(":443")), "malformed: the host is empty"},
		{get(t, via, urlHost(".:80")), "malformed: the host is not a domain name: empty or over 253 characters"},
		// Ports.
		{get(t, "https://h.example:443/"), ok},
		{get(t, "https://h.example:/"), ok},
		{get(t, "https://h.example:0443/"), ok},
		{get(t, "https://h.example:0/"), "https://h.example:0"},
		{get(t, "http://h.example:443/"), "http://h.example:443"},
		{get(t, "https://h.example:65536/"), "malformed: the port is over 65535"},
		{get(t, "https://h.example:99999999999999999999/"), "malformed: the port is over 65535"},
		{get(t, via, urlHost("h.example:８０")), "malformed: the host is not a name that IDNA can map"},
		{get(t, via, urlHost("h.example:8o")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, urlHost("h.example:-1")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, urlHost("h.example: 80")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, urlHost("h.example:1@evil.com:80")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, host("h.example:http")), "malformed: the host is not an IPv6 address, nor its port a number"},
		// What the Host line says.
		{get(t, via, host("h.example")), ok},
		{get(t, via, host("H.example.:443")), ok},
		{get(t, via, host("evil.com")), ok + ", https://evil.com:443"},
		{get(t, via, host("h.example:8443")), ok + ", https://h.example:8443"},
		{get(t, via, host("127.0.0.1")), ok + ", https://127.0.0.1:443"},
		{get(t, via, header("hOST", "evil.com")), respelled},
		{get(t, via, header("HOST", "evil.com")), respelled},
		{get(t, via, header("Host", "evil.com")), ok}, // net/http leaves it out
		{get(t, via, header("host", "h.example")), respelled},
		{get(t, via, host("a.test"), header("hosT", "b.test")), respelled},
		{get(t, via, host("u@h.example@evil.com")), "malformed: the host has a character that no domain name has"},
		{get(t, via, host("a b")), "malformed: the host has a character that no domain name has"},
		{get(t, via, host("h.example\r\nX")), "malformed: the host has a character that no domain name has"},
		{get(t, via, host("h.example/v1")), "malformed: the host has a character that no domain name has"},
		{get(t, via, host("u@h.example")), "malformed: the host has a character that no domain name has"},
		// What Opaque says.
		{get(t, via, opaque("/admin")), ok},
		{get(t, via, opaque("//h.example/admin")), ok},
		{get(t, via, opaque("//evil.com/v1/x")), ok + ", https://evil.com:443"},
		{get(t, via, opaque("//h.example@evil.com:80/v1/x")), ok + ", https://evil.com:80"},
		{get(t, via, opaque("//u:p@evil.com/v1/x")), ok + ", https://evil.com:443"},
		{get(t, via, opaque("//evil.com@@h.example/v1/x")), "malformed: the opaque part of the URL has more than one @ in its host"},
		{get(t, via, opaque("//u@evil.com@h.example/v1/x")), "malformed: the opaque part of the URL has more than one @ in its host"},
		{get(t, via, opaque("http://u@h.example:443@evil.com/")), "malformed: the opaque part of the URL has more than one @ in its host"},
		{get(t, via, opaque("//[::1];@h.example/v1/x")), "malformed: the opaque part of the URL has a character before its @ that no user name has"},
		{get(t, via, opaque("//evil。com@h.example/v1/x")), "malformed: the opaque part of the URL has a character before its @ that no user name has"},
		{get(t, via, opaque("//evil.com/v1/@x@y")), ok + ", https://evil.com:443"}, // these are in the path
		{get(t, via, opaque("//\\evil.com/v1/x")), "malformed: the opaque part of the URL has a backslash in its host, which some read as a slash"},
		{get(t, via, opaque("//evil.com\\@h.example/v1/x")), "malformed: the opaque part of the URL has a backslash in its host, which some read as a slash"},
		{get(t, via, opaque("HTTP://h.example/v1/x")), ok + ", http://h.example:80"},
		{get(t, via, opaque("https://h.example/v1/x")), ok},
		{get(t, via, opaque("///evil.com")), "malformed: the opaque part of the URL has no host"},
		{get(t, via, opaque("evil.com/x")), "malformed: the opaque part of the URL is not a path"},
		{get(t, via, opaque("ftp://evil.com/x")), "malformed: the opaque part of the URL is not a path"},
		{get(t, via, opaque("*")), "malformed: the opaque part of the URL is not a path"},
		{get(t, via, opaque("?x")), "malformed: the opaque part of the URL is not a path"},
		{get(t, via, opaque("/v1/x HTTP/1.1")), "malformed: the opaque part of the URL has a character that no request line has"},
		{get(t, via, opaque("/v1/x#y")), "malformed: the opaque part of the URL has a character that no request line has"},
		// A tunnel.
		{get(t, "http://h.example", method("CONNECT"), host("evil.com:443")), "http://h.example:80, http://evil.com:443"},
		{get(t, "http://h.example", method("CONNECT"), opaque("evil.com:443")), "http://h.example:80, http://evil.com:443"},
		{get(t, "http://h.example", method("CONNECT"), opaque("evil.com:443/x")), "malformed: the opaque part of the URL is not a tunnel's target"},
		{get(t, "http://h.example", method("CONNECT"), opaque("evil.com:443?x")), "malformed: the opaque part of the URL is not a tunnel's target"},
		{get(t, "http://h.example", method("CONNECT"), opaque("u@evil.com:443")), "malformed: the target of the tunnel has an @"},
		{get(t, "http://h.example", method("CONNECT"), opaque("@evil.com:443")), "malformed: the target of the tunnel has an @"},
		{get(t, "http://h.example", method("CONNECT"), opaque("u@evil.com:443@h.example")), "malformed: the target of the tunnel has an @"},
		{get(t, "http://h.example", method("CONNECT"), host("u@evil.com:443")), "malformed: the host has a character that no domain name has"},
		{get(t, "http://h.example", method("CONNECT"), opaque("//evil.com:443")), "malformed: the opaque part of the URL is not a tunnel's target"},
		// Built by hand.
		{get(t, via, urlHost("[evil.com]:8080")), "https://evil.com:8080"},
		{get(t, via, urlHost("[127.0.0.1]")), "https://127.0.0.1:443"},
		{get(t, via, urlHost("")), "malformed: the URL has no host"},
		{get(t, via, urlHost("")), "malformed: the URL has no host"},
		{get(t, via, urlHost("evil.com#.h.example")), "malformed: the host has a character that no domain name has"},
		{get(t, via, urlHost("evil.com\x00.h.example")), "malformed: the host has a character that no domain name has"},
		{get(t, via, urlHost("evil.com%2F.h.example")), "malformed: the host has a character that no domain name has"},
		{get(t, via, urlHost("*.h.example")), "malformed: the host has a character that no domain name has"},
		{get(t, via, urlHost("h.example:https")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, urlHost("h.example:+443")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, urlHost("h.example:80:443")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, urlHost("[::1%]")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, urlHost("[::1%]]")), "malformed: the host has a zone"},
		{get(t, via, urlHost("[::1")), "malformed: the host is not an IPv6 address, nor its port a number"},
		{get(t, via, urlHost("h..example")), "malformed: the host has a label that is empty or over 63 characters"},
		{get(t, via, urlHost(".h.example")), "malformed: the host has a label that is empty or over 63 characters"},
		{get(t, via, urlHost("h.example..")), "malformed: the host has a label that is empty or over 63 characters"},
		{get(t, via, urlHost(strings.Repeat("a", 64)+".example")), "malformed: the host has a label that is empty or over 63 characters"},
		{get(t, via, urlHost(strings.Repeat("a.", 126)+"ab")), "malformed: the host is not a domain name: empty or over 253 characters"},
		{get(t, via, urlHost(".")), "malformed: the host is not a domain name: empty or over 253 characters"},
		{get(t, via, urlHost(strings.Repeat("\u00ad", 506)+"evil.com")), "malformed: the host is not a domain name: over 1012 bytes of Unicode"},
		{get(t, via, host(strings.Repeat("ａ", 340))), "malformed: the host is not a domain name: over 1012 bytes of Unicode"},
		{get(t, via, urlHost("evil.com／.h.example")), "malformed: the host is not a name that IDNA can map"},
		{get(t, via, urlHost("h.example\u200d")), "malformed: the host is not a name that IDNA can map"},
		{get(t, via, urlHost("h\xff.example")), asDialed("h\xff.example")}, // its mapping depends on the release of Go
		{get(t, via, path("v1/x")), "malformed: the path does not start with /"},
		{get(t, via, path("@evil.com/")), "malformed: the path does not start with /"},
		{get(t, via, path("*")), "malformed: the path does not start with /"},
		{get(t, via, path("")), ok},
		{get(t, via, onURL(func(u *url.URL) { u.RawQuery = "a\r\nHost: evil.com" })), "malformed: the query has a control character"},
		{get(t, via, path("/"+strings.Repeat("a//", 6000))), ok},
		{get(t, via, path("/"+strings.Repeat("..//;\\\x00", 6000))), "malformed: the path is too long to be read in all ways that servers read it"},
		{get(t, via, opaque("/"+strings.Repeat("..//;\\%00", 6000))), "malformed: the path is too long to be read in all ways that servers read it"},
		{get(t, via, path("/"+strings.Repeat("aaa", 6000))), ok},
		{get(t, via, onURL(func(u *url.URL) { u.Scheme = "HTTPS" })), "malformed: the scheme is not http or https"},
		{get(t, via, onURL(func(u *url.URL) { u.Scheme = "" })), "malformed: the scheme is not http or https"},
		{get(t, "file:///etc/passwd"), "malformed: the scheme is not http or https"},
		{&http.Request{}, "malformed: the request has no URL"},
		// Methods and headers.
		{get(t, via, method("")), ok},
		{get(t, via, method("get")), ok},
		{get(t, via, method("GET /admin HTTP/1.1")), "malformed: the method is not a token"},
		{get(t, via, method("ＧＥＴ")), "malformed: the method is not a token"},
		{get(t, via, header("X-A", "b\tc é")), ok},
		{get(t, via, header("X-A", "b\r\nHost: evil.com")), "malformed: a header's value has a control character"},
		{get(t, via, header("X-A", "a value that is longer than a word\n")), "malformed: a header's value has a control character"},
		{get(t, via, header("X-A", "\x00 a value that is longer than a word")), "malformed: a header's value has a control character"},
		{get(t, via, header("X-A: b\r\nHost", "evil.com")), "malformed: a header's name is not a token"},
		{get(t, via, header("Host ", "evil.com")), "malformed: a header's name is not a token"},
		{get(t, via, header(":authority", "evil.com")), "malformed: a header's name is not a token"},
		{get(t, via, header("X(A)", "x")), "malformed: a header's name is not a token"},
		{get(t, via, header("X-A-longer/name", "x")), "malformed: a header's name is not a token"},
		{get(t, via, header("X-A-longer-n\u00e4me", "x")), "malformed: a header's name is not a token"},
		{get(t, via, header("X_a-longer~name!", "x")), ok},
		{get(t, via, header("X-A", "a value that is longer\x7f")), "malformed: a header's value has a control character"},
		{get(t, via, header("", "x")), "malformed: a header's name is not a token"},
	} {
		assert.Equal(t, c.want, dests(c.r), "%s %+v host %q header %v", c.r.Method, c.r.URL, c.r.Host, c.r.Header)
	}
}

// usualDiffers says how Usual reads r other than Parse, which made q and err of it; "": it does
// not, or leaves r to Parse.
func usualDiffers(r *http.Request, q *Request, err error) string {
	var u Request
	if !u.Usual(r) || err == nil && u == *q {
		return ""
	}
	return fmt.Sprintf("Usual: %+v, Parse: %+v %v", u, *q, err)
}

func TestUsual(t *testing.T) {
	label := strings.Repeat("a", 63)
	for _, c := range []struct {
		r    *http.Request
		want bool
	}{
		{get(t, "https://api.stripe.com/v1/x?y", header("X-A", "b\tc")), true},
		{get(t, "http://localhost", method("")), true},
		{get(t, "https://h.example/a/../%2F;x/", method("PURGE"), host("")), true},
		{get(t, "https://h.example/", header("Host", "x.example")), true}, // net/http leaves it out
		{get(t, "https://"+label+"/"), true},
		{get(t, "https://"+label+"a/"), false},
		{get(t, "https://h.example:443/"), false},
		{get(t, "https://H.example/"), false},
		{get(t, "https://h.example./"), false},
		{get(t, "https://127.0.0.1/"), false},
		{get(t, "https://a.0x7f/"), false},
		{get(t, "https://[::1]/"), false},
		{get(t, "https://bücher.example/"), false},
		{get(t, "https://a..b/"), false},
		{get(t, "https://.b/"), false},
		{get(t, "https://h.example/", host("other.example")), false},
		{get(t, "https://h.example/", header("hosT", "x.example")), false},
		{get(t, "https://h.example/", header("X-A", "\r\n")), false},
		{get(t, "https://h.example/", header("X A", "b")), false},
		{get(t, "https://h.example/", method("CONNECT")), false},
		{get(t, "https://h.example/", method("G T")), false},
		{get(t, "https://h.example/", path("x")), false},
		{get(t, "https://h.example/", path("/;"+strings.Repeat("x", maxWork))), false},
		{get(t, "https://h.example/", header("trailer", "X")), false},
		{get(t, "https://h.example/", transferEncoding("chunked")), false},
		{get(t, "https://h.example/", trailer("X")), false},
		{get(t, "https://h.example/", opaque("//h.example/")), false},
		{get(t, "https://h.example/", onURL(func(u *url.URL) { u.RawQuery = "a\nb" })), false},
		{get(t, "https://h.example/", onURL(func(u *url.URL) { u.Scheme = "HTTPS" })), false},
		{&http.Request{}, false},
	} {
		var q Request
		assert.Equal(t, c.want, q.Usual(c.r), "%+v", c.r)
		if c.r.URL != nil {
			assert.NotContains(t, dests(c.r), "Usual")
		}
	}
}

func TestTooManyHosts(t *testing.T) {
	r := get(t, "http://0x7f.1/", host("0x7f.2"))
	assert.Equal(t, "http://0x7f.1:80, http://127.0.0.1:80, http://0x7f.2:80, http://127.0.0.2:80", dests(r))
	r.URL.Opaque = "//h.example/"
	assert.Equal(t, "malformed: the request names too many hosts", dests(r))
	r.Host, r.URL.Opaque = "h.example", "//0x7f.2/"
	assert.Equal(t, "malformed: the request names too many hosts", dests(r))
}

func TestMethodIsGET(t *testing.T) {
	q, err := Parse(get(t, "https://h.example/", method("")), nil)
	require.NoError(t, err)
	assert.Equal(t, "GET", q.Method)
}

// Every path that is sent as one thing and seen as another by somebody.
func TestHandMadePaths(t *testing.T) {
	for _, c := range []struct {
		change func(*http.Request)
		want   []string
	}{
		{onURL(func(u *url.URL) { u.Path, u.RawPath = "/v1/x", "/admin" }), []string{"/v1/x"}}, // RawPath is not used
		{onURL(func(u *url.URL) { u.Path, u.RawPath = "/a/b", "/a%2Fb" }), []string{"/a%2Fb", "/a/b"}},
		{onURL(func(u *url.URL) { u.Path, u.RawPath = "/a b", "/a b" }), []string{"/a b"}},
		{path("/a?b#c"), []string{"/a?b#c"}},                     // sent as /a%3Fb%23c
		{path("/a%2Fb"), []string{"/a%252Fb", "/a%2Fb", "/a/b"}}, // sent as /a%252Fb
		{path("/a%"), []string{"/a%25"}},                         // sent as /a%25
		{path("/%2e%2e/b"), []string{"/%252e%252e/b", "/b"}},     // sent as /%252e%252e/b
		{path("/a*"), []string{"/a%2A"}},                         // a star is not a wildcard here
		{path("/a/\xc0\xae\xc0\xae/b"), []string{"/a/\xc0\xae\xc0\xae/b", "/b"}},
		{opaque("/a/../b?c/../d"), []string{"/b"}},
		{opaque("/a%zz"), []string{"/a%25zz"}},
		{opaque("//h.example"), []string{"/"}},
	} {
		r := get(t, "https://h.example/", c.change)
		q, err := Parse(r, new(Buf))
		require.NoError(t, err)
		assert.Equal(t, c.want, readings(q.Path), "%+v", r.URL)
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	for _, r := range []*http.Request{
		get(t, "https://api.stripe.com/v1/x?y"),
		get(t, "https://API.Stripe.COM./v1/%20/../x", host("API.stripe.com"), header("X-A", "b")),
		get(t, "http://127.0.0.1:8080/"),
		get(t, "http://127.1/"),
		get(t, "http://[::1]/"),
		get(t, "https://a.test/", host("b.test"), opaque("//c.test/x")),
	} {
		var path [64]byte
		alloctest.AtMost(t, 0, func() {
			var buf Buf
			q, err := Parse(r, &buf)
			if err != nil {
				panic(err)
			}
			for i := range q.Path.Readings() {
				q.Path.Reading(i, path[:0])
			}
		}, r.URL)
	}
}
