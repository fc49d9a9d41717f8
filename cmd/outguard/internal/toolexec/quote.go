package toolexec

import (
	"fmt"
	"strings"
)

// splitQuoted splits a flag's value into words as the go command does: at blanks, with ' or "
// around words that hold blanks.
// The go command has no escapes: a word is in one kind of quotes, or in none.
func splitQuoted(s string) (words []string, err error) {
	// Blanks between words do not count; those in quotes do.
	for s = strings.TrimLeft(s, " \t\r\n"); s != ""; s = strings.TrimLeft(s, " \t\r\n") {
		var word string
		if quote := s[0]; quote == '\'' || quote == '"' {
			var closed bool
			if word, s, closed = strings.Cut(s[1:], string(quote)); !closed {
				return nil, fmt.Errorf("unterminated %c string", quote)
			}
		} else if end := strings.IndexAny(s, " \t\r\n"); end >= 0 {
			word, s = s[:end], s[end:]
		} else {
			word, s = s, ""
		}
		words = append(words, word)
	}
	return words, nil
}

// joinQuoted is the inverse of splitQuoted.
func joinQuoted(words []string) (string, error) {
	// An empty word needs quotes.
	quoted := make([]string, len(words))
	for i, w := range words {
		switch {
		case w != "" && !strings.ContainsAny(w, " \t\r\n'\""):
			quoted[i] = w
		case !strings.Contains(w, "'"):
			quoted[i] = "'" + w + "'"
		case !strings.Contains(w, `"`):
			quoted[i] = `"` + w + `"`
		// Each word is tried without quotes first, then with the kind of quotes that it does not
		// hold.
		default:
			return "", fmt.Errorf("%s holds both kinds of quotes, and the go command takes only one", w)
		}
	}
	return strings.Join(quoted, " "), nil
}
