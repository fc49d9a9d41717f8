package pattern

import (
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/report"
)

// This file finds words of templates and other tools in hosts and paths that are valid as such.

// bareName reports whether a pattern is a name without a dot and nothing else: HOST, internal.
func bareName(host, text string) bool {
	// With a port or a scheme, the author meant a host.
	return host != "" && host != "localhost" && host != "any" && !isSuffix(host) && !strings.ContainsAny(host, ".*:") &&
		(strings.EqualFold(text, host) || strings.EqualFold(text, host+":*"))
}

// withoutPath returns the text of a pattern up to its path.
func withoutPath(text string) string {
	rest := text
	if _, after, ok := strings.Cut(text, "://"); ok {
		rest = after
	}
	path := strings.IndexByte(rest, '/')
	if path < 0 {
		return text
	}
	return strings.TrimSuffix(text, rest[path:])
}

// oddPath says that a path holds a parameter as web frameworks write it, or a broken escape. It
// is nil for other paths.
func oddPath(path, text string, m Mode) *report.Problem {
	// Only the path as written: the canonical form has lost these marks.
	prefix := withoutPath(text)
	written := strings.TrimPrefix(text, prefix)
	if path == "" || !strings.ContainsAny(written, ":<$%") {
		return nil
	}
	segments := strings.Split(written, "/")
	odd := ""
	// ":id" of frameworks, "<id>" of documents, and "$1" of rewrites.
	for i, s := range segments {
		if len(s) > 1 && (s[0] == ':' && s[1] != ':' || s[0] == '<' && s[len(s)-1] == '>' || s[0] == '$' && s[1] >= '0' && s[1] <= '9') {
			odd, segments[i] = s, "*"
		}
	}
	switch {
	case odd != "":
		// In a blacklist, what is below the parameter is meant, too.
		if last := len(segments) - 1; m == Wide && segments[last] == "*" {
			segments[last] = "**"
		}
		return &report.Problem{
			What: fmt.Sprintf("http: %q matches the text %s alone", report.Short(text), odd), Fix: "write " + quoteText(prefix+strings.Join(segments, "/")) + " for any segment",
		}
	case brokenEscape(written):
		return report.OfKey("http", text, " has a % that two hex digits do not follow, as no URL has", "write %25 for a %, or delete it")
	}
	return nil
}

// brokenEscape reports whether a path has a % that no escape begins with.
func brokenEscape(path string) bool {
	for {
		_, rest, ok := strings.Cut(path, "%")
		if !ok {
			return false
		}
		// "%", "%4" and "%zz"
		if len(rest) < 2 || strings.Trim(rest[:2], "0123456789abcdefABCDEF") != "" {
			return true
		}
		path = rest[2:]
	}
}
