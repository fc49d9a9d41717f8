package canon

import (
	"net/url"
	"strings"
)

// A Path is a request's path as it is sent, before any reading of it.
type Path struct {
	text    string
	escaped bool // text is percent-encoded; else a "%" in it is sent as "%25"
	traits  trait
}

// tooMuchPath is why a path beyond maxWork is refused.
const tooMuchPath = Malformed("the path is too long to be read in all ways that servers read it")

// sentPath is the path that net/http sends for u, which has no Opaque.
func sentPath(u *url.URL) (Path, error) {
	p := Path{text: u.Path}
	// As url.EscapedPath: a RawPath that does not fit Path is ignored, so it must not be judged
	// either.
	if u.RawPath != "" && unescapesTo(u.RawPath, u.Path) {
		p = Path{text: u.RawPath, escaped: true}
	}
	if p.text == "" {
		p.text = "/"
	}
	if p.text[0] != '/' {
		// Towards a proxy net/http glues such a path onto the host.
		return Path{}, Malformed("the path does not start with /")
	}
	if p.traits = traits(p.text, p.escaped); p.traits != 0 && p.tooMuch() {
		return Path{}, tooMuchPath
	}
	return p, nil
}

// encoded holds the characters of a path that is validly encoded, as net/url sees it.
var encoded = set("-_.~!$&'()*+,;=:@[]%/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

// unescapesTo reports whether raw is validly encoded and, unescaped, is path: only then net/http
// sends it. It does not allocate.
func unescapesTo(raw, path string) bool {
	n := 0
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if !encoded[c] {
			return false
		}
		if c == '%' {
			v, ok := unhex(raw, i)
			if !ok {
				return false
			}
			c = v
			i += 2
		}
		if n == len(path) || path[n] != c {
			return false
		}
		n++
	}
	return n == len(path)
}

// opaquePath reads what u.Opaque puts on the request line: an absolute path, or an authority before
// it. In a tunnel it is the authority alone.
func opaquePath(u *url.URL, tunnel bool) (target authority, p Path, err error) {
	rest := u.Opaque
	for i := range len(rest) {
		// A blank would end the target of the request line. Some servers read what follows as the
		// version, others as the path.
		if c := rest[i]; c <= ' ' || c == 0x7f || c == '#' {
			return target, p, Malformed("the opaque part of the URL has a character that no request line has")
		}
	}
	target = authority{scheme: u.Scheme}
	// CONNECT takes host:port alone. A path in it would be read by proxies in ways of their own.
	if tunnel && (strings.ContainsAny(rest, "/?") || u.RawQuery != "" || u.ForceQuery) {
		return target, p, Malformed("the opaque part of the URL is not a tunnel's target")
	}
	// The query is not part of the path; querySigns has read it.
	if q := strings.IndexByte(rest, '?'); q >= 0 {
		rest = rest[:q]
	}
	named := true
	switch scheme, after, ok := strings.Cut(rest, "://"); {
	// net/http writes the scheme before such a target.
	case strings.HasPrefix(rest, "//"):
		rest = rest[2:]
	case strings.HasPrefix(rest, "/"):
		named = false
	case ok && strings.EqualFold(scheme, "http"):
		target.scheme, rest = "http", after
	case ok && strings.EqualFold(scheme, "https"):
		target.scheme, rest = "https", after
	case !tunnel:
		return target, p, Malformed("the opaque part of the URL is not a path")
	}
	if named {
		target.text = rest
		rest = ""
		if slash := strings.IndexByte(target.text, '/'); slash >= 0 {
			target.text, rest = target.text[:slash], target.text[slash:]
		}
		if target.text, err = withoutUser(target.text, tunnel); err != nil {
			return target, p, err
		}
	}
	if rest == "" {
		rest = "/"
	}
	p = Path{text: rest, escaped: true, traits: traits(rest, true)}
	if p.tooMuch() {
		return target, Path{}, tooMuchPath
	}
	return target, p, nil
}

// userinfo holds the characters before an @ (RFC 3986, 3.2.1).
var userinfo = set("-._~!$&'()*+,;=:%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

// withoutUser takes the user off the authority of an opaque URL. Where servers and proxies could
// disagree about which part is the host, there is none.
func withoutUser(s string, tunnel bool) (string, error) {
	// Browsers and some servers end the host of "good.example\@evil.example" at the backslash,
	// others go by the @.
	if strings.IndexByte(s, '\\') >= 0 {
		return "", Malformed("the opaque part of the URL has a backslash in its host, which some read as a slash")
	}
	if user, host, ok := strings.Cut(s, "@"); ok {
		switch {
		case tunnel:
			return "", Malformed("the target of the tunnel has an @")
		case strings.IndexByte(host, '@') >= 0:
			return "", Malformed("the opaque part of the URL has more than one @ in its host")
		}
		for i := range len(user) {
			if !userinfo[user[i]] {
				return "", Malformed("the opaque part of the URL has a character before its @ that no user name has")
			}
		}
		s = host
	}
	if s == "" {
		return "", Malformed("the opaque part of the URL has no host")
	}
	return s, nil
}
