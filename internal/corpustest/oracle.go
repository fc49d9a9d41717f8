package corpustest

import (
	"regexp"
	"strings"

	"github.com/gobwas/glob"
)

// MatchHost matches one host pattern, by gobwas/glob: what the index must agree with.
func MatchHost(pattern, host string) bool {
	if pattern == "*" {
		return true
	}
	text, deep := strings.CutPrefix(pattern, "*.")
	pieces := strings.Split(text, "*")
	for i := range pieces {
		pieces[i] = glob.QuoteMeta(pieces[i])
	}
	text = strings.Join(pieces, "*")
	if deep {
		text = "**." + text
	}
	return glob.MustCompile(text, '.').Match(host)
}

// MatchPath matches one path pattern, by a regular expression. Both must be valid UTF-8.
func MatchPath(pattern, path string, wide bool) bool {
	re := "(?s)^"
	segments := strings.Split(pattern[1:], "/")
	for i, s := range segments {
		switch {
		case s == "**" && i == len(segments)-1 && !wide:
			re += "(/[^/]*)+"
		case s == "**":
			re += "(/[^/]*)*"
		case s == "*":
			re += "/[^/]+"
		default:
			re += "/" + strings.ReplaceAll(regexp.QuoteMeta(s), `\*`, "[^/]*")
		}
	}
	return regexp.MustCompile(re + "$").MatchString(path)
}
