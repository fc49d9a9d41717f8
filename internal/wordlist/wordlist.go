// Package wordlist looks words up in lists that are texts. A binary has a byte for each letter of a
// list, where a switch over as many words has 25 bytes of code for each word.
package wordlist

import "strings"

// A List holds words. Blanks and line ends stand around each of them, so also at both ends.
type List string

// Has reports whether the list has a word.
func (l List) Has(word string) bool {
	if word == "" {
		return false
	}
	for at := 0; ; at++ {
		i := strings.Index(string(l[at:]), word)
		if i < 0 {
			return false
		}
		// What is found may be a part of another word, or several words.
		if at += i; l[at-1] <= ' ' && l[at+len(word)] <= ' ' {
			return !strings.ContainsAny(word, " \t\n")
		}
	}
}
