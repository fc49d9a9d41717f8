package report

import "strings"

// IsASCIIText reports whether a text has no character beyond printable ASCII.
func IsASCIIText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x7e }) < 0
}

// Short cuts text from outside to what an error can show. Inlined, as it would be at 75 places,
// it is 8 KB.
//
//go:noinline
func Short(s string) string {
	// The cut may go through a character of several bytes.
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:77], "") + "..."
	}
	return s
}

// Quoted puts a text in double quotes as it is, for texts that hold nothing to escape. Inlined, as
// it would be at 73 places, it is 10 KB.
//
//go:noinline
func Quoted(s string) string { return `"` + s + `"` }

// AfterUserInfo returns the host of a URL that has user info before it; false for one that has
// none. A URL of another scheme may hold a password of any characters, up to its last @.
func AfterUserInfo(s string) (host string, ok bool) {
	// Most texts.
	if strings.IndexByte(s, '@') < 0 {
		return "", false
	}
	scheme, authority, found := strings.Cut(s, "://")
	if !found {
		scheme, authority = "", s
	}
	// Without a scheme, it is a URL of http to people.
	if scheme == "" || strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https") {
		authority = cutAny(authority, "/?#") // a path may hold an @
	}
	// The last @ ends the user info: a password may hold one.
	at := strings.LastIndexByte(authority, '@')
	return cutAny(authority[at+1:], "/?#"), at >= 0
}

// cutAny returns s up to the first of some characters.
func cutAny(s, ends string) string {
	if i := strings.IndexAny(s, ends); i >= 0 {
		return s[:i]
	}
	return s
}

// Shown is text from a file as an error shows it: of a URL with user info, which can be a
// password, the host alone.
func Shown(s string) string {
	if host, ok := AfterUserInfo(s); ok && strings.Contains(s, "://") {
		return "…@" + Short(host)
	}
	return Short(s)
}
