package foldids

// What tools append to the names that people give: CDK 8 or 32 hexadecimal digits, CloudFormation
// 12 or 13 letters and digits.
const (
	hashLength      = 8
	longHashLength  = 32
	minSuffixLength = 12
	maxSuffixLength = 13
)

// classifyName is classify for a run in a name. Ids are numbers, hexadecimal of six digits or more,
// and what CloudFormation appends. Other mixtures of letters and digits are words: someone chose
// them.
func classifyName(s string) (c class, letters int) {
	// groups counts the places with digits, changes the neighbours of different kinds.
	digits, groups, changes := 0, 0, 0
	for i := range len(s) {
		k := kind(s[i])
		if k == digit {
			digits++
			if i == 0 || kind(s[i-1]) != digit {
				groups++
			}
		}
		if i > 0 && k != kind(s[i-1]) {
			changes++
		}
	}
	n := len(s)
	// From the certain to the guessed. letters > 0 leaves a word in front of an id.
	switch {
	case digits == n:
		return id, 0
	case digits == 0, isKnown(s):
		return word, 0
	// CloudFormation's suffix: 1A2B3C4D5E6F.
	case n >= 6 && isHash(s), (n == minSuffixLength || n == maxSuffixLength) && (groups > 1 || changes > 4):
		return id, 0
	// CDK appends its hash without a separator: Orders1A2B3C4D.
	case hasHash(s, hashLength):
		return word, n - hashLength
	case hasHash(s, longHashLength):
		return word, n - longHashLength
	case groups == 1 && digits > 2 && kind(s[n-1]) == digit: // order12345
		return word, n - digits
	}
	return word, 0
}

// hasHash reports letters with a hash of length n at the end.
func hasHash(s string, n int) bool {
	head := len(s) - n
	// A digit in front belongs to the same mixture, which no tool has appended.
	for i := range max(head, 0) {
		if kind(s[i]) == digit {
			return false
		}
	}
	return head > 0 && isHash(s[head:])
}

// isHash reports hexadecimal in one case with a digit. Tools write hashes in one case; digits and
// letters of both cases are a chosen name or base64.
func isHash(s string) bool {
	// by kind: lower, upper, digit
	var seen [3]int
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
		seen[kind(s[i])]++
	}
	return seen[digit] > 0 && (seen[lower] == 0 || seen[upper] == 0)
}
