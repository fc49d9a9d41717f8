// Package wordlist looks words up in lists that are texts. A binary has a byte for each letter of a
// list, where a switch over as many words has 25 bytes of code for each word.
package wordlist

import "strings"

// A List holds words with blanks or line ends between them.
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
		at += i
		end := at + len(word)
		// What is found may be a part of another word, or several words.
		if (at == 0 || l[at-1] <= ' ') && (end == len(l) || l[end] <= ' ') {
			return !strings.ContainsAny(word, " \t\n")
		}
	}
}
