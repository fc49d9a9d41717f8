package foldids

import "strings"

// A run is a maximal sequence of letters and digits, or a *, or [masked]. Letters before a number
// are a run of their own: order12345 is order and 12345. A run is s[from:to] of the text that is
// folded.
type run struct {
	from, to int
	class    class
}

// class is what is done with a run.
type class int

const (
	word class = iota // stays
	weak              // stays, unless it stands beside an id: the vX9 of q7Rk2-vX9
	id
)

const (
	shortestWord = 10 // letters alone are taken for an id from this length
	shortestText = 16 // of base64, in which - and _ do not separate words
)

// nextRun returns the first run after before in s[:end].
func nextRun(s string, before run, end int, names bool) (run, bool) {
	at := before.to
	for at < end {
		// What is neither a run nor a mark separates runs.
		switch k := kind(s[at]); {
		// A second pass takes the * of the first one for an id again.
		case s[at] == '*':
			return run{at, at + 1, id}, true
		case s[at] == '[' && strings.HasPrefix(s[at:end], masked):
			return run{at, at + len(masked), id}, true
		case k <= digit:
			return readRun(s, before, at, end, names), true
		// The two characters of %2F would look like a run.
		case s[at] == '%' && at+2 < end && isHex(s[at+1]) && isHex(s[at+2]):
			at += 3 // an escaped character
		default:
			at++
		}
	}
	return run{}, false
}

// readRun reads the run that begins at from, in a name or elsewhere.
func readRun(s string, before run, from, end int, names bool) run {
	to := from
	for to < end && kind(s[to]) <= digit {
		to++
	}
	// As chains, the parts of a UUID could be words: deadbeef-cafe-….
	if to-from == 8 && isUUID(s[from:end]) {
		return run{from, from + uuidLength, id}
	}
	text := s[from:to]
	class, letters := word, 0
	// In names, fewer mixtures are ids, because people and tools choose them.
	if names {
		class, letters = classifyName(text)
	} else {
		class, letters = classify(text)
	}
	// Only the word is returned; the number is the next run.
	if letters > 0 {
		return run{from, from + letters, word}
	}
	// us-east-1 is a word with its number.
	if class == id && from == before.to+1 && belongs(s[before.from:before.to], s[before.to], text) {
		class = word
	}
	return run{from, to, class}
}

// classify returns the class of a run. If it is a word with a number after it, letters is the
// length of the word, else 0: order12345 has 5.
func classify(s string) (c class, letters int) {
	// ListObjectsV2 is what ListObjects is. Only one version is cut off, so that the time stays
	// linear.
	if name := withoutVersion(s); len(name) < len(s) {
		if c, letters = classifyWhole(name); c == word && letters == 0 {
			return word, 0
		}
	}
	return classifyWhole(s)
}

// classifyWhole is classify without a look at a version at the end.
func classifyWhole(s string) (c class, letters int) {
	// seen counts by kind: lower, upper, digit.
	var seen [3]int
	changes, hex := 0, true
	for i := range len(s) {
		k := kind(s[i])
		seen[k]++
		if i > 0 && k != kind(s[i-1]) {
			changes++
		}
		hex = hex && isHex(s[i])
	}
	n, digits := len(s), seen[digit]
	// First what needs no look at the order of letters and digits.
	switch {
	case digits == n:
		return id, 0
	// Letters of hexadecimal only: from 12 on, chance makes no such word.
	case digits == 0 && hex && n >= shortestWord+2, randomLetters(s, &seen, changes):
		return id, 0
	case digits == 0:
		return word, 0
	// sha256 and k8s are words, although they mix.
	case isKnown(s), isCamel(s):
		return word, 0
	}
	// 24h beside an id is a part of it.
	if isQuantity(s) {
		return weak, 0
	}
	// What remains has digits and letters. With all digits at the end, it may be a word and a
	// number.
	head := n - digits
	for i := range head {
		if kind(s[i]) == digit {
			return id, 0 // letters and digits in turn
		}
	}
	// one case, or a capital in front
	uniform := seen[lower] == 0 || seen[upper] == 0 || seen[upper] == 1 && kind(s[0]) == upper
	switch {
	// a1b2c3 and deadbeef01
	case hex && n >= 6:
		return id, 0
	// x9 alone is a name; beside an id it is a part of it.
	case digits <= 2 && head == 1, digits <= 2 && n <= 4 && !uniform:
		return weak, 0
	case digits <= 2: // orders2, HandlerV2
		return word, 0
	// order12345
	case head >= 4 && uniform:
		return word, head
	}
	// Short mixtures with many digits: x9182.
	return id, 0
}

// withoutVersion cuts off the version at the end of a word: V2, v12.
func withoutVersion(s string) string {
	n := len(s)
	for n > 0 && len(s)-n < 3 && kind(s[n-1]) == digit {
		n--
	}
	if digits := len(s) - n; digits == 0 || digits > 2 || n < 5 || s[n-1]|0x20 != 'v' {
		return s
	}
	return s[:n-1]
}

// isCamel reports words in camel case with a number of up to three digits among them: IPv4Address,
// EC2InstanceId, base64Encode. Behind the number is a capital with three small letters, and each
// further capital begins a word: chance seldom makes that.
func isCamel(s string) bool {
	head := 0
	for head < len(s) && kind(s[head]) <= upper {
		head++
	}
	tail := head
	for tail < len(s) && kind(s[tail]) == digit {
		tail++
	}
	s, n := s[tail:], tail-head
	if head == 0 || head > 8 || n > 3 || len(s) < 4 || kind(s[0]) != upper {
		return false
	}
	for i := 1; i < len(s); i++ {
		k := kind(s[i])
		begins := k == upper && i > 3 && kind(s[i-1]) == lower
		if k != lower && !begins {
			return false
		}
	}
	return vowels(s)*4 >= len(s)
}

// randomLetters reports letters of both cases, perhaps with digits at the end, that change their
// case as often as random ones and have fewer vowels than the words of any language. seen and
// changes are those of the whole run.
func randomLetters(s string, seen *[3]int, changes int) bool {
	letters := seen[lower] + seen[upper]
	// Words in camel case change less often than every third character.
	if letters < shortestWord || seen[lower] == 0 || seen[upper] == 0 || changes*3 < len(s)-1 {
		return false
	}
	// Three vowels in ten letters are less than any language has.
	return vowels(s)*10 < letters*3
}

// isRandomWord reports 16 or more characters of base64 that change their kind as often as random
// ones do: words and numbers that hyphens join do not, unless they are short; those have vowels. A
// separator inside of base64url is not a change of kind.
func isRandomWord(s string) bool {
	if len(s) < shortestText {
		return false
	}
	// pairs are neighbours that are letters or digits, changes those of different kinds.
	var seen [3]int
	pairs, changes := 0, 0
	for i := range len(s) {
		k := kind(s[i])
		if k > digit {
			if strings.IndexByte("-_+", s[i]) < 0 {
				return false
			}
			continue
		}
		seen[k]++
		if i > 0 && kind(s[i-1]) <= digit {
			pairs++
			if k != kind(s[i-1]) {
				changes++
			}
		}
	}
	// Random ones change at six of ten pairs; CamelCase at fewer than four.
	if seen[lower] < 2 || seen[upper] < 2 || changes*10 < pairs*4 {
		return false
	}
	// Without digits, few vowels have to decide.
	return seen[digit] >= 2 || vowels(s)*4 < seen[lower]+seen[upper]
}

// prefixLength returns the length of a prefix such as cus_: lower-case letters and a separator.
func prefixLength(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		// Prefixes are short: 2 to 8 letters.
		case c >= 'a' && c <= 'z' && i < 8:
		case (c == '_' || c == '-') && i >= 2:
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

// vowels counts the letters a, e, i, o and u.
func vowels(s string) (n int) {
	for i := range len(s) {
		switch s[i] | 0x20 {
		case 'a', 'e', 'i', 'o', 'u':
			n++
		}
	}
	return n
}

// isEMail reports an e-mail address.
func isEMail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	domain := at + 1
	// In a path, the @ may be escaped.
	if at < 0 {
		if percent := strings.LastIndexByte(s, '%'); percent < 0 {
			return false
		}
		if at = strings.LastIndex(s, "%40"); at < 0 {
			return false
		}
		domain = at + len("%40")
	}
	dot := strings.LastIndexByte(s, '.')
	// Something in front of the @, and a domain whose last label has two letters or more.
	if at == 0 || dot <= domain || len(s)-dot < 3 {
		return false
	}
	for i := domain; i < len(s); i++ {
		k := kind(s[i])
		if k > digit && s[i] != '-' && s[i] != '.' || i > dot && k == digit {
			return false
		}
	}
	return true
}

// uuidLength is the length of a UUID with its hyphens.
const uuidLength = 36

// isUUID reports whether s begins with a UUID that no letter or digit follows.
func isUUID(s string) bool {
	if len(s) < uuidLength || len(s) > uuidLength && kind(s[uuidLength]) <= digit {
		return false
	}
	for i := range uuidLength {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHex(s[i]) {
				return false
			}
		}
	}
	return true
}

// isHex reports a hexadecimal digit of either case.
func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }
