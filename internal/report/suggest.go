package report

import (
	"fmt"
	"strings"
)

// Nearest returns the word of words that a person who wrote text most likely meant, or "".
func Nearest(text string, words []string) string {
	// Short words may have one edit, long ones up to three.
	best, bestDistance := "", max(1, min(3, len(text)/3))+1
	for _, w := range words {
		if len(w)-len(text) >= bestDistance || len(text)-len(w) >= bestDistance {
			continue // at least so many edits
		}
		// d < len(text): "ab" is not a slip of "cd".
		if d := distance(strings.ToLower(text), strings.ToLower(w)); d < bestDistance && d < len(text) {
			best, bestDistance = w, d // and not another text altogether
		}
	}
	return best
}

// Closest returns the name of names that is the fewest edits away from name, however many; "" for
// none.
func Closest(name string, names []string) string {
	best, bestDistance := "", 0
	for _, n := range names {
		// Lengths that differ by so much need as many edits.
		if best != "" && (len(n)-len(name) >= bestDistance || len(name)-len(n) >= bestDistance) {
			continue
		}
		if d := distance(name, n); best == "" || d < bestDistance {
			best, bestDistance = n, d
		}
	}
	return best
}

// DidYouMean returns the fix for a word that is not one of words: the nearest one, or all of them.
func DidYouMean(text string, words []string) string {
	if near := Nearest(text, words); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "use " + OneOf(words)
}

// OneOf returns "a, b or c".
func OneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// distance is the number of edits (insert, delete, replace, swap neighbours) that make a into b.
func distance(a, b string) int {
	// Long texts are not worth the quadratic time.
	if len(a) > 100 || len(b) > 100 {
		return max(len(a), len(b))
	}
	// Rows of the table of Damerau and Levenshtein. before is the row above prev, for swaps.
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(prev[j+1]+1, row[j]+1, prev[j]+cost)
			// Two neighbours are swapped: "whitelsit".
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
