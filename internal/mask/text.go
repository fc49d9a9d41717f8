package mask

import (
	"slices"
	"strings"
)

// Text masks the words of a text: URLs as URLs, ARNs as resources, others by their pieces. Words
// that are names stay.
func Text(s string, names ...string) string { return About("", s, names...) }

// About is Text for a text about a request to a host, which may quote paths at that host.
func About(host, s string, names ...string) string {
	var b strings.Builder
	previous, gap := "", ""
	for s != "" {
		i := strings.IndexFunc(s, isSpace)
		if i < 0 {
			i = len(s)
		}
		w := strings.TrimRight(s[:i], ",.;:") // what ends a word or a sentence stays
		switch {
		case slices.Contains(names, w):
			b.WriteString(w)
		case isScheme(previous) && isCredential(w):
			b.WriteString(Masked)
		case strings.HasSuffix(gap, `"`) && isMember(previous) && !strings.Contains(w, "://"):
			b.WriteString(Name(w))
		default:
			b.WriteString(word(host, w))
		}
		b.WriteString(s[len(w):i])
		s = s[i:]
		i = strings.IndexFunc(s, func(r rune) bool { return !isSpace(r) })
		if i < 0 {
			i = len(s)
		}
		previous, gap = w, s[:i]
		b.WriteString(gap)
		s = s[i:]
	}
	return b.String()
}

func isSpace(r rune) bool { return strings.ContainsRune(" \t\n\r\"'`,(){}<>", r) }

// isScheme reports the word before the credentials of an Authorization header.
func isScheme(w string) bool { return w == "Bearer" || w == "Basic" }

// isCredential reports what is not an ordinary word.
func isCredential(w string) bool {
	return len(w) >= 6 && w != Masked && (strings.ContainsAny(w, "0123456789=._-+/") || mixedCase(w) || !speakable(w))
}

// isMember reports a member of an input that names a resource, before its value in quotes.
func isMember(w string) bool {
	if w == "" || class(w[0]) != upper {
		return false
	}
	for _, end := range [...]string{"Name", "Names", "Arn", "ARN", "Id", "Ids", "Table", "Bucket", "Alias"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

func word(host, w string) string {
	_, _, ok := cutScheme(w)
	arn, _ := cutARN(w)
	switch {
	case arn != "":
		return Resource(w)
	case ok:
		return URL(w)
	case strings.HasPrefix(w, "/"):
		return path(host, dropTail(w))
	}
	if rest := dropCredentials(w); rest != w {
		return word(host, rest)
	}
	return hooks("", w)
}

// dropCredentials takes "user:password@" off a word that has no scheme. E-mail addresses are left
// to [pieces].
func dropCredentials(w string) string {
	at := strings.LastIndexByte(w, '@')
	if at >= 0 && strings.Contains(w[:at], ":") {
		return w[at+1:]
	}
	return w
}
