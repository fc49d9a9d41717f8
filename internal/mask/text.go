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
	// previous is the word before w, and gap what separates them: Bearer, and a blank.
	previous, gap := "", ""
	for s != "" {
		// Quotes and brackets separate words, so that {"key":"value"} falls apart.
		i := strings.IndexFunc(s, isSpace)
		if i < 0 {
			i = len(s)
		}
		w := strings.TrimRight(s[:i], ",.;:") // what ends a word or a sentence stays
		// From the certain to the guessed.
		switch {
		// The caller knows it as a name, such as that of the function.
		case slices.Contains(names, w):
			b.WriteString(w)
		// Bearer abc: even a word that does not look like a token is one here.
		case isScheme(previous) && isCredential(w):
			b.WriteString(Masked)
		// TableName: "x" is a name. A URL in its place is masked as one.
		case strings.HasSuffix(gap, `"`) && isMember(previous) && !strings.Contains(w, "://"):
			b.WriteString(Name(w))
		default:
			b.WriteString(word(host, w))
		}
		// The punctuation that TrimRight took off.
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

// isSpace reports what separates words: blanks, quotes and brackets.
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

// word masks one word by its form. host is where a path in it belongs, or "".
func word(host, w string) string {
	// The certain forms come first: an ARN may hold "://" in no place, a URL may hold "arn:".
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
	// It may be a path or a URL in turn, now that the credentials are gone.
	if rest := dropCredentials(w); rest != w {
		return word(host, rest)
	}
	return hooks("", w)
}

// dropCredentials takes "user:password@" off a word that has no scheme. E-mail addresses are left
// to [pieces].
func dropCredentials(w string) string {
	// The last @, because a password may hold one.
	at := strings.LastIndexByte(w, '@')
	if at >= 0 && strings.Contains(w[:at], ":") {
		return w[at+1:]
	}
	return w
}
