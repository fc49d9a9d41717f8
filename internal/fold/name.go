package fold

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
	switch {
	case digits == n:
		return id, 0
	case digits == 0, isKnown(s):
		return word, 0
	case n >= 6 && isHash(s), (n == minSuffixLength || n == maxSuffixLength) && (groups > 1 || changes > 4):
		return id, 0
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
	for i := range max(head, 0) {
		if kind(s[i]) == digit {
			return false
		}
	}
	return head > 0 && isHash(s[head:])
}

// isHash reports hexadecimal in one case with a digit.
func isHash(s string) bool {
	var seen [3]int
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
		seen[kind(s[i])]++
	}
	return seen[digit] > 0 && (seen[lower] == 0 || seen[upper] == 0)
}
