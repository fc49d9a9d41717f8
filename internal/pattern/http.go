package pattern

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/outguard/outguard/internal/canon"
	"github.com/outguard/outguard/internal/report"
)

// An HTTP is a parsed http: subject, in canonical form, with what it leaves out filled in by its
// mode.
type HTTP struct {
	text   string     // normal form: parses again to an equal pattern
	Scheme string     // "http" or "https"; "" is any
	Host   string     // a name, a pattern with "*", or "*"; "" for an address
	Addr   netip.Addr // valid for an IP literal
	Port   int        // anyPort is any
	Path   string     // with its wildcards, "%2F" and "%25" kept; "" is any
	Wide   bool       // read as a blacklist does
}

// AnyPort is the port of a pattern that matches every port.
const AnyPort = -1

// ParseHTTP parses "[scheme://]host[:port][/path]". What it leaves out is narrow in a whitelist
// (https, the scheme's port) and wide in a blacklist (any).
func ParseHTTP(text string, m Mode) (HTTP, error) {
	// In a blacklist, what is not written stays any.
	p := HTTP{Port: AnyPort, Wide: m == Wide}
	if m != Narrow && m != Wide {
		return p, errMode
	}
	// From left to right: scheme, what may not follow, host, port, path.
	scheme, rest, hasScheme := strings.Cut(text, "://")
	if hasScheme {
		p.Scheme = strings.ToLower(scheme)
		if p.Scheme != "http" && p.Scheme != "https" {
			return p, badScheme(scheme, rest)
		}
	} else {
		rest = text
	}
	// Queries take no part in a match. Silently dropped, they would look like a condition.
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		// "e?il.com" is meant as a wildcard.
		if rest[i] == '?' && !strings.Contains(rest[:i], "/") && strings.Contains(rest[i:], ".") && !strings.Contains(rest[i:], "=") && badCharacter(rest) < 0 {
			return p, report.OfKey("http", text, ": \"?\" has no meaning in a host", "write * for a part of a label")
		}
		text = text[:len(text)-len(rest)+i] // what follows, and user info, can be a secret
		return p, &report.Problem{What: "http: a query or fragment, which never takes part in a match, follows " + fmt.Sprintf("%q", report.Short(text[strings.LastIndexByte(text, '@')+1:])),
			Fix: "delete it"}
	}
	// Invisible and invalid characters make texts look alike that are not.
	if i := badCharacter(rest); i >= 0 {
		return p, &report.Problem{What: fmt.Sprintf("http: %q holds the character %q", report.Short(text), firstRune(rest[i:])), Fix: "the form is [scheme://]host[:port][/path], with blanks as %20"}
	}
	authority, path := rest, ""
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		authority, path = rest[:slash], rest[slash:]
	}
	host, port, err := splitPattern(text, authority)
	if err != nil {
		return p, err
	}
	// The port as written, else that of the scheme, else any.
	switch {
	case port == "*":
	case port != "":
		if p.Port, err = patternPort(text, port); err != nil {
			return p, err
		}
	case !p.Wide:
		p.Port = SchemePort(p.Scheme)
	}
	// The normal form has the scheme only if it was written, so that it parses to the same in
	// either list.
	written := p.Scheme
	if p.Scheme == "" && !p.Wide {
		p.Scheme = "https"
	}
	if p.Host, p.Addr, err = patternHost("http", text, host, m); err != nil {
		return p, err
	}
	// "*.com" in a whitelist opens what anybody can register.
	if !p.Wide && tooWide(p.Host) {
		return p, wideProblem("http", host)
	}
	if p.Path, err = patternPath(text, path); err != nil {
		return p, err
	}
	if p.Wide && p.Path == "/" {
		p.Path = "" // a pasted URL ends so, and a blacklist reads it wide
	}
	var room [96]byte
	if form := appendForm(room[:0], written, &p, port); string(form) == text {
		p.text = text // most texts are in normal form
	} else {
		p.text = string(form)
	}
	return p, nil
}

// badScheme says what to write for a scheme that http: does not have.
func badScheme(scheme, rest string) *report.Problem {
	fix := "write http:// or https://, or leave the scheme out"
	switch strings.ToLower(scheme) {
	case "ws":
		fix = "a websocket begins as HTTP: write http://" + report.Short(rest)
	case "wss":
		fix = "a websocket begins as HTTP: write https://" + report.Short(rest)
	case "grpc", "tcp", "tls", "postgres", "postgresql", "mysql", "redis", "rediss", "mongodb", "smtp", "amqp", "kafka", "nats", "ldap":
		fix = "write net: host:port for what is not HTTP"
	case "s3":
		fix = "write aws: s3:GetObject with resources:"
	}
	return &report.Problem{What: fmt.Sprintf("http: the scheme %q is not http or https", report.Short(scheme)), Fix: fix}
}

// SchemePort returns the port that a scheme has if none is written.
func SchemePort(scheme string) int {
	if scheme == "http" {
		return 80
	}
	return 443
}

// badCharacter is the index of the first byte that no pattern has, or -1.
func badCharacter(s string) int {
	// The replacement character stands for bytes that are not UTF-8.
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\ufffd' })
}

// firstRune returns the first character of a text.
func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

// splitPattern cuts "host[:port]".
func splitPattern(text, authority string) (host, port string, err error) {
	// In the order in which one form would be misread as the next.
	switch {
	case strings.Contains(authority, "@"):
		_, host, _ := strings.Cut(authority, "@")
		return "", "", &report.Problem{What: fmt.Sprintf("user info, which never takes part in a match, stands before @%s", report.Short(host)), Fix: "delete it, and the @"}
	case authority == "":
		return "", "", report.OfKey("", text, " has no host", "the form is [scheme://]host[:port][/path]")
	case strings.HasPrefix(authority, "["):
		end := strings.IndexByte(authority, ']')
		if end < 0 || end+1 < len(authority) && authority[end+1] != ':' {
			return "", "", report.OfKey("", text, " has an unfinished IPv6 address", "write it as [2001:db8::1] or [2001:db8::1]:8080")
		}
		host, port = authority[:end+1], strings.TrimPrefix(authority[end+1:], ":")
		if host == "[]" {
			return "", "", report.OfKey("", text, " has no host", "write the address between the brackets")
		}
		return host, port, nil
	// Two colons without brackets: an IPv6 address, or two ports.
	case strings.Count(authority, ":") > 1:
		fix := "write one port"
		if _, err := netip.ParseAddr(authority); err == nil {
			fix = "write an IPv6 address in brackets: [" + authority + "]"
		}
		return "", "", report.OfKey("", text, " has more than one colon", fix)
	}
	host, port, _ = strings.Cut(authority, ":")
	if host == "" {
		return "", "", report.OfKey("", text, " has no host", "write the host before the port; localhost for this machine")
	}
	return host, port, nil
}

// patternPort parses the port of a pattern. "*" is dealt with before.
func patternPort(text, port string) (int, error) {
	n, err := strconv.ParseUint(port, 10, 16)
	// "0", "65536" and "+443" are not ports.
	if err != nil || n == 0 {
		return 0, &report.Problem{What: fmt.Sprintf("%q: the port %q is not a number from 1 to 65535", report.Short(text), report.Short(port)), Fix: "write a port, or :* for any"}
	}
	return int(n), nil
}

// patternPath brings a path with wildcards to canonical form.
func patternPath(text, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	// A star within a segment is for that segment, so that "a**" means nothing.
	for segment := range strings.SplitSeq(path[1:], "/") {
		if strings.Contains(segment, "**") && segment != "**" {
			return "", report.OfKey("http", text, ": \"**\" stands beside other text", `write "**" as a segment of its own: /a/**`)
		}
	}
	if err := canon.CheckPattern(path); err != nil {
		return "", report.OfKey("http", text, ": "+err.Error(), "write the path as it is meant, each character encoded once at most")
	}
	// The first form is the canonical one. Engines take the others, too.
	return canon.PatternForms(path)[0], nil
}

// appendForm appends a pattern in normal form, as String returns it: with the scheme and the port
// as they were written. In a whitelist, "" is the port of the scheme, and "*" any.
func appendForm(b []byte, scheme string, p *HTTP, port string) []byte {
	if scheme != "" {
		b = append(append(b, scheme...), "://"...)
	}
	switch {
	case p.Addr.Is6():
		b = append(p.Addr.AppendTo(append(b, '[')), ']')
	case p.Addr.IsValid():
		b = p.Addr.AppendTo(b)
	default:
		b = append(b, p.Host...)
	}
	switch port {
	case "":
	case "*":
		b = append(b, ":*"...)
	default:
		b = strconv.AppendInt(append(b, ':'), int64(p.Port), 10)
	}
	return appendPath(b, p.Path)
}

// appendPath appends a path in canonical form so that it can be read again: what cannot stand in a
// policy, or would end the path there, is encoded.
func appendPath(b []byte, path string) []byte {
	for len(path) > 0 {
		c, n := utf8.DecodeRuneInString(path)
		if c == utf8.RuneError || c == '?' || c == '#' || c == '\ufeff' || unicode.IsControl(c) || unicode.IsSpace(c) {
			for i := range n {
				b = fmt.Appendf(b, "%%%02X", path[i])
			}
		} else {
			b = append(b, path[:n]...)
		}
		path = path[n:]
	}
	return b
}
