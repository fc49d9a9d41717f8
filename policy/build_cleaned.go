package policy

import (
	"net/url"
	"strings"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
)

// This file takes off a subject what stands around it in documents, lists of other tools and URLs.

// cleaned returns a subject without what stands around it: marks of Markdown, the word of another
// tool for what it is, a scheme that rules do not have, user info, a query or a comment. It is ""
// if nothing of the kind is there.
func cleaned(k rule.Kind, s string) string {
	before := s
	// "^https://a.com/.*$"
	if strings.HasPrefix(s, "^") {
		s = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(s, "$"), ".*"), "/")
	}
	// "[text](https://a.com)"
	if _, link, ok := strings.Cut(s, "]("); ok && strings.HasPrefix(s, "[") {
		s = strings.TrimSuffix(link, ")")
	}
	// "<https://a.com>" and "||a.com|" of mails and filter lists
	for _, around := range [...]string{"<>", "()", "||", "//", "{}", "[]"} {
		if len(s) > 2 && s[0] == around[0] && s[len(s)-1] == around[1] && strings.Contains(s, ".") {
			s = s[1 : len(s)-1]
		}
	}
	// One of them alone: "evil.com>". An IPv6 address has brackets of its own.
	if bare := strings.Trim(s, "<>(){}[]"); strings.Contains(bare, ".") && !strings.ContainsAny(bare, "<>(){}[]") {
		s = bare
	}
	// A comment of another language behind the entry.
	for _, comment := range [...]string{" #", " //", " ;"} {
		s, _, _ = strings.Cut(s, comment)
	}
	s = strings.TrimRight(s, ",; ")
	// "domain:a.com" of proxies and filter lists. "url://" would be a scheme.
	for _, word := range [...]string{"domain:", "host:", "hostname:", "regex:", "url:", "cidr:", "ip:", "tcp:", "udp:", "tcp/", "udp/", "domain-suffix,", "domain,", "ip-cidr,", "ip-cidr6,"} {
		if len(s) > len(word) && strings.EqualFold(s[:len(word)], word) && !strings.HasPrefix(s[len(word):], "//") {
			s = s[len(word):]
		}
	}
	if k == rule.HTTP {
		s = otherSchemes(s)
	}
	// "db:5432/tcp"
	for _, layer := range [...]string{"/tcp", "/udp"} {
		if k == rule.Net {
			s = strings.TrimSuffix(s, layer)
		}
	}
	// A query or fragment takes no part in a match. "a.?" is a glob, and "(www.)?a" is no query.
	if k != rule.IP {
		if i := strings.IndexAny(s, "?#"); i > 0 && strings.Contains(s[:i], ".") && s[i-1] != '.' && s[i-1] != ')' {
			s = s[:i]
			// A slash is part of a path, and means nothing behind a host alone.
			_, rest, ok := strings.Cut(s, "://")
			if !ok {
				rest = s
			}
			if strings.Count(rest, "/") == 1 {
				s = strings.TrimSuffix(s, "/")
			}
		}
		s = withoutUser(s)
	}
	// A host with escapes: "a%2Ecom".
	if i := strings.IndexByte(s, '%'); i > 0 && !strings.Contains(strings.TrimPrefix(s[:i], "https://"), "/") {
		s, _ = url.PathUnescape(s)
	}
	if s == before {
		return ""
	}
	return s
}

// otherSchemes returns a URL whose scheme is that of a websocket, or stands for http and https,
// with the one that it means.
func otherSchemes(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	switch strings.ToLower(scheme) {
	case "wss":
		return "https://" + rest
	case "ws":
		return "http://" + rest
	// Forms that mean both schemes. A rule without a scheme is the nearest.
	case "*", "any", "http*", "https?", "^https?", "http(s)", "http(s)?", "(http|https)", "{http,https}", "http{s}", "http{,s}":
		return rest
	}
	return s
}

// withoutUser returns a subject without user info.
func withoutUser(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	}
	if _, found := report.AfterUserInfo(s); !found {
		return s
	}
	// Only the authority has user info: an @ may stand in a path.
	end := strings.IndexByte(rest+"/", '/')
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 {
		return s
	}
	if scheme != "" {
		scheme += "://"
	}
	return scheme + rest[at+1:]
}
