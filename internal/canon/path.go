package canon

import (
	"net/url"
	"slices"
	"strings"
)

// A Path is a request's path as it is sent, before any reading of it.
type Path struct {
	text    string
	escaped bool // text is percent-encoded; else a "%" in it is sent as "%25"
	traits  trait
}

// sentPath is the path that net/http sends for u, which has no Opaque.
func sentPath(u *url.URL) (Path, error) {
	p := Path{text: u.Path}
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
	p.traits = traits(p.text, p.escaped)
	return p, nil
}

// unescapesTo reports whether raw, unescaped, is path: only then net/http sends it. It does not allocate.
func unescapesTo(raw, path string) bool {
	n := 0
	for i := 0; i < len(raw); i++ {
		c := raw[i]
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

// opaquePath reads what u.Opaque puts on the request line: an absolute path, or an authority before it. In a tunnel it
// is the authority alone.
func opaquePath(opaque string, tunnel bool) (target string, p Path, err error) {
	for i := range len(opaque) {
		if c := opaque[i]; c <= ' ' || c == 0x7f || c == '#' {
			return "", p, Malformed("the opaque part of the URL has a character that no request line has")
		}
	}
	rest := opaque
	if q := strings.IndexByte(rest, '?'); q >= 0 {
		rest = rest[:q]
	}
	hasAuthority := false
	switch {
	case strings.HasPrefix(rest, "//"):
		rest, hasAuthority = rest[2:], true
	case strings.HasPrefix(rest, "/"):
	case len(rest) > 7 && strings.EqualFold(rest[:7], "http://"):
		rest, hasAuthority = rest[7:], true
	case len(rest) > 8 && strings.EqualFold(rest[:8], "https://"):
		rest, hasAuthority = rest[8:], true
	case tunnel:
		hasAuthority = true
	default:
		return "", p, Malformed("the opaque part of the URL is not a path")
	}
	if hasAuthority {
		target = rest
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			target, rest = rest[:slash], rest[slash:]
		} else {
			rest = ""
		}
		if at := strings.LastIndexByte(target, '@'); at >= 0 {
			target = target[at+1:]
		}
		if target == "" {
			return "", p, Malformed("the opaque part of the URL has no host")
		}
	}
	if rest == "" {
		rest = "/"
	}
	return target, Path{text: rest, escaped: true, traits: traits(rest, true)}, nil
}

// PatternForms are the forms of a rule's path, which starts with a slash: like the readings of a request's path, each once, RFC 3986's
// first. A star stays a wildcard, and an encoded one ("%2A") stays encoded.
func PatternForms(pattern string) []string {
	const star = "\xff" // in no UTF-8 text
	if strings.Contains(pattern, "%") {
		pattern = strings.NewReplacer("%2A", star, "%2a", star).Replace(pattern)
	}
	p := Path{text: pattern, escaped: true, traits: traits(pattern, true)}
	if p.Plain() {
		return []string{p.String()}
	}
	var forms []string
	for i := range p.Readings() {
		s := strings.ReplaceAll(string(p.reading(i, nil)), star, "%2A")
		if !slices.Contains(forms, s) {
			forms = append(forms, s)
		}
	}
	return forms
}
