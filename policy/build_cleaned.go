package policy

import (
	"net/url"
	"strings"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/rule"
)

// This file takes off a subject what stands around it in documents, lists of other tools and URLs.

// cleaned returns a subject without what stands around it: marks of Markdown, the word of another
// tool for what it is, a scheme that is none here, user info, a query or a comment. It is "" if
// nothing of the kind is there.
func cleaned(k rule.Kind, s string) string {
	before := s
	if strings.HasPrefix(s, "^") {
		s = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(s, "$"), ".*"), "/")
	}
	if _, link, ok := strings.Cut(s, "]("); ok && strings.HasPrefix(s, "[") {
		s = strings.TrimSuffix(link, ")")
	}
	for _, around := range [...]string{"<>", "()", "||", "//"} {
		if len(s) > 2 && s[0] == around[0] && s[len(s)-1] == around[1] && strings.Contains(s, ".") {
			s = s[1 : len(s)-1]
		}
	}
	for _, comment := range [...]string{" #", " //", " ;"} {
		s, _, _ = strings.Cut(s, comment)
	}
	s = strings.TrimRight(s, ",; ")
	for _, word := range [...]string{"domain:", "host:", "hostname:", "regex:", "url:", "cidr:", "ip:", "tcp:", "udp:", "tcp/", "udp/", "domain-suffix,", "domain,", "ip-cidr,", "ip-cidr6,"} {
		if len(s) > len(word) && strings.EqualFold(s[:len(word)], word) && !strings.HasPrefix(s[len(word):], "//") {
			s = s[len(word):]
		}
	}
	if k == rule.HTTP {
		s = otherSchemes(s)
	}
	for _, layer := range [...]string{"/tcp", "/udp"} {
		if k == rule.Net {
			s = strings.TrimSuffix(s, layer)
		}
	}
	if k != rule.IP {
		if i := strings.IndexAny(s, "?#"); i > 0 && strings.Contains(s[:i], ".") && s[i-1] != '.' {
			s = strings.TrimSuffix(s[:i], "/")
		}
		s = withoutUser(s)
	}
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
