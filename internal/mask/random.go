package mask

import "strings"

// This file judges whether a text looks random, as tokens do and the words of names do not. In
// random base64, 62 % of the neighbours differ in class (upper case, lower case, digit); in random
// base32 it is 30 %. The shares below lie between these and what names have.

// randomRun looks at each run of the characters that base64 and hex have. Letters and digits of a
// name come in words. Those of a token change between upper case, lower case and digit at every
// other character.
func randomRun(s string) bool {
	for s != "" {
		// The longest run that could be one token, with separators of base64url.
		n := 0
		for n < len(s) && (isAlnum(s[n]) || strings.IndexByte("-_+=~.", s[n]) >= 0) {
			n++
		}
		// First as a whole: a token may have hyphens at places that leave no piece long enough.
		if n >= 20 && (random(s[:n], 0.5) || unspeakable(s[:n])) && !words(s[:n]) {
			return true
		}
		// Then by pieces: the token of backup-TOKEN-eu is one of them.
		for run := range strings.FieldsFuncSeq(s[:n], func(r rune) bool { return strings.ContainsRune("-_+=~.", r) }) {
			// The shorter a piece, the more changes it needs: few characters prove little.
			if hexRun(run) || base32Run(run) || !words(run) &&
				(len(run) >= 16 && random(run, 0.4) || len(run) >= 18 && random(run, 0.3) || len(run) >= 20 && countDigits(run) == 0) {
				return true
			}
		}
		if n < len(s) {
			n++
		}
		s = s[n:]
	}
	return false
}

// words reports letters that are words, with a number or two among them: ExportTableToPointInTime,
// ListICD10CMInferenceJobs. A number is a group of digits: ICD10CM2 has two.
func words(s string) bool {
	numbers := 0
	for i := range len(s) {
		if isDigit(s[i]) && (i == 0 || !isDigit(s[i-1])) {
			numbers++
		}
	}
	most := 45 // in a hundred; words of three letters have 67
	if numbers == 0 {
		most = 67
	}
	// All must hold. Each alone is true of some tokens.
	return numbers <= 2 && countDigits(s) <= 4 && changes(s)*100 < len(s)*most && speakable(s)
}

// hexRun reports 16 or more hexadecimal digits of one case, some of them digits and some letters.
func hexRun(s string) bool {
	if len(s) < 16 {
		return false
	}
	// Both cases of a hexadecimal number at once are rare, and typical of CamelCase.
	digits, upper, lower := 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case c >= 'a' && c <= 'f':
			lower++
		case c >= 'A' && c <= 'F':
			upper++
		default:
			return false
		}
	}
	// At least two digits, because "feedface" and "deadbeefcafe" are words.
	return digits >= 2 && (upper > 0) != (lower > 0)
}

// base32Run reports 16 or more capitals and digits, with digits in two places or more.
func base32Run(s string) bool {
	// groups counts the places with digits. One place is a name's: RELEASE2024CANDIDATE.
	groups := 0
	for i := range len(s) {
		switch class(s[i]) {
		case digit:
			if i == 0 || !isDigit(s[i-1]) {
				groups++
			}
		case lower, other:
			return false
		}
	}
	return len(s) >= 16 && groups >= 2 && groups < len(s)
}

// random reports whether the share of neighbours in s of different classes is at least share, and s
// has digits and letters or letters of both cases.
func random(s string, share float64) bool {
	// by class, as randomMix takes it
	var seen [4]int
	for i := range len(s) {
		seen[class(s[i])]++
	}
	return randomMix(&seen, changes(s), share)
}

// randomMix is random, given how often each class is in a text and how many neighbours are of
// different classes.
func randomMix(seen *[4]int, changes int, share float64) bool {
	digits, letters := seen[digit], seen[lower]+seen[upper]
	// Digits alone are judged by numbers. One digit, or few letters of one case, is a name's.
	if letters == 0 || digits < 2 && !(seen[lower] >= 4 && seen[upper] >= 4) {
		return false
	}
	// Without digits, only the case changes, and so it does in CamelCase.
	if digits == 0 {
		share = max(share, 0.42) // words in camel case have one change in four characters
	}
	// With one case there is only one kind of change.
	if digits >= 4 && letters >= 4 && (seen[lower] == 0 || seen[upper] == 0) && seen[other] == 0 {
		share -= 0.15 // base32 and base36 have one case only
	}
	return float64(changes) >= share*float64(letters+digits+seen[other]-1)
}

// changes counts the neighbours of different classes.
func changes(s string) (n int) {
	for i := 1; i < len(s); i++ {
		if class(s[i]) != class(s[i-1]) {
			n++
		}
	}
	return n
}

// unspeakable reports letters of both cases that have fewer vowels among them than the words of any
// language.
func unspeakable(s string) bool {
	vowels, letters := 0, 0
	for i := range len(s) {
		if c := class(s[i]); c == lower || c == upper {
			letters++
		}
		if strings.IndexByte("aeiouAEIOU", s[i]) >= 0 {
			vowels++
		}
	}
	return letters >= 16 && float64(vowels) < 0.28*float64(letters) && float64(changes(s)) >= 0.25*float64(len(s)) && mixedCase(s)
}
