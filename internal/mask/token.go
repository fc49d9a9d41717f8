package mask

import "strings"

// minToken is the length of the shortest text that is taken for a token.
const minToken = 10

// Token reports whether s looks like a secret, an access token, or a number of a person or a card.
// It looks for a known prefix, a JSON web token, a UUID, 16 or more hexadecimal digits, a card or
// phone number, or letters and digits in an order that names do not have.
func Token(s string) bool {
	if len(s) < minToken {
		return false
	}
	// The cheap and certain checks are first.
	return knownPrefix(s) || findUUID(s, 0) >= 0 || numbers(s) || randomRun(s)
}

// These are prefixes that services give to their tokens. At least 8 characters have to follow.
// Words may begin like the wordPrefixes, so after those a digit or both cases have to follow as
// well.
var (
	prefixes = []string{
		"eyJ",                                                                                    // JSON web token: {" in base64
		"xoxa-", "xoxb-", "xoxe-", "xoxe.", "xoxp-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xapp-", // Slack
		"sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", // Stripe
		"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", // GitHub, GitLab
		"AKIA", "ASIA", "ABIA", "ACCA", // AWS access keys
		"AIza", "ya29.", "GOCSPX-", // Google
		"dop_v1_", "shpat_", "hvs.", "AGE-SECRET-KEY-", "glsa_", "lin_api_",
	}
	wordPrefixes = []string{"sk_", "rk_", "pk_", "sk-", "SG.", "key-", "npm_", "pypi-", "secret_", "token_"}
)

// byFirst has the prefixes by their first character.
var byFirst = func() (table [128][]prefix) {
	for _, p := range prefixes {
		table[p[0]] = append(table[p[0]], prefix{p, false})
	}
	for _, p := range wordPrefixes {
		table[p[0]] = append(table[p[0]], prefix{p, true})
	}
	return table
}()

// A prefix is one entry of byFirst.
type prefix struct {
	text string
	word bool // it is one of the wordPrefixes
}

// knownPrefix reports a known prefix at the start of a word inside s: id=ghp_….
func knownPrefix(s string) bool {
	words := true // whether it is worth looking for wordPrefixes
	for i := range len(s) {
		// Inside of a word, a prefix is chance: task_live_ holds sk_live_.
		if s[i] >= 128 || i > 0 && isAlnum(s[i-1]) {
			continue
		}
		for _, p := range byFirst[s[i]] {
			rest, ok := strings.CutPrefix(s[i:], p.text)
			if !ok || len(rest) < 8 || p.word && !words || isMasked(rest) {
				continue
			}
			// sk_handler is a word; sk_4eC39H and SG.ngeVfQ are not.
			if !p.word || strings.ContainsAny(rest, "0123456789") || mixedCase(rest) {
				return true
			}
			words = false // what follows a later one is a part of this
		}
	}
	return isTelegram(s)
}

// isTelegram reports the token of a bot: bot123456789:AA…
func isTelegram(s string) bool {
	if rest, ok := strings.CutPrefix(s, "bot"); ok {
		id, token, ok := strings.Cut(rest, ":")
		return ok && len(id) >= 6 && len(token) >= 20 && countDigits(id) == len(id)
	}
	return false
}

// uuidLength is the length of a UUID with its hyphens.
const uuidLength = 36

// findUUID returns where the first UUID in s[from:] begins that no word character touches, or -1.
func findUUID(s string, from int) int {
	for i := from + 8; ; i++ { // the first hyphen
		next := -1
		if i < len(s) {
			next = strings.IndexByte(s[i:], '-')
		}
		if next < 0 {
			return -1
		}
		i += next
		// s[from:] may begin inside of a UUID. isUUID looks at the character before, too.
		if start := i - 8; isUUID(s, start) {
			return start
		}
	}
}

// isUUID reports whether a UUID with hyphens is at start, and neither begins nor ends in a longer
// word.
func isUUID(s string, start int) bool {
	end := start + uuidLength
	if end > len(s) || start > 0 && isWord(s[start-1]) || end < len(s) && isWord(s[end]) {
		return false
	}
	for i := range uuidLength {
		switch c := s[start+i]; i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !isHex(c) {
				return false
			}
		}
	}
	return true
}

// isWord reports the characters of an identifier.
func isWord(c byte) bool { return isAlnum(c) || c == '_' }

// numbers reports card numbers (13 to 19 digits with the right check digit, also in groups), phone
// numbers with their "+" or "00", the social security numbers of the USA, and 20 digits or more.
func numbers(s string) bool {
	// The digits of the number that is being read, without what groups them. 32 are enough to
	// judge.
	digits := make([]byte, 0, 32)
	start := 0
	// Most segments of a path have no dot, so that for them this costs nothing.
	check := func() bool {
		n := len(digits)
		switch {
		// Longer than the ids of accounts (12 digits) and times in nanoseconds (19).
		case n >= 20:
			return true
		// 123-45-6789: three, two and four digits, and no digit beside them.
		case n == 9 && start+11 <= len(s) && s[start+3] == '-' && s[start+6] == '-' && isDigit(s[start+10]) && (start+11 == len(s) || !isDigit(s[start+11])):
			return start == 0 || !isDigit(s[start-1])
		// 0049 30 1234567: a phone number with the international prefix.
		case n >= 13 && n <= 16 && digits[0] == '0' && digits[1] == '0' && digits[2] != '0':
			return true
		// A card. One of ten numbers has the right check digit by chance, which leans to masking.
		case n >= 13 && luhn(digits):
			return true
		// +49 30 1234567. In "a+12345678", the plus belongs to a name.
		case n >= 8 && n <= 15 && start > 0 && s[start-1] == '+' && (start == 1 || !isAlnum(s[start-2])):
			return true
		}
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if len(digits) == 0 {
				start = i
			}
			if len(digits) < cap(digits) {
				digits = append(digits, c)
			}
		case (c == '-' || c == ' ' || c == '.' || c == '_') && len(digits) > 0 && i > 0 && isDigit(s[i-1]): // between groups
		default:
			if check() {
				return true
			}
			digits = digits[:0]
		}
	}
	return check()
}

// luhn reports whether the last digit is the check digit of the others, as on cards.
func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		// From the right, each second digit counts double, and 9 is cast out.
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// awsSecrets masks the segments of p that an AWS secret access key lies in: 40 characters of
// base64, in which a slash does not separate segments. masked has a place for each segment. p is
// read through a window of 40 characters, which moves by one. This keeps time linear.
func awsSecrets(p string, masked []bool) {
	const length = 40
	// A key is exactly 40 characters: none of its kind may touch it.
	inKey := func(i int) bool { return i >= 0 && i < len(p) && (isAlnum(p[i]) || p[i] == '+') }
	var seen [4]int // the classes of the characters in p[start:end], and the neighbours that differ
	changes := 0
	bad := -1 // the last character before end that no key has
	// first is the segment in which the window begins.
	first := 0
	for end := 1; end <= len(p); end++ {
		i := end - 1
		seen[class(p[i])]++
		if i > 0 && class(p[i]) != class(p[i-1]) {
			changes++
		}
		if !isAlnum(p[i]) && p[i] != '/' && p[i] != '+' {
			bad = i
		}
		start := end - length
		if start < 0 {
			continue
		}
		if start > 0 { // p[start-1] is left behind
			seen[class(p[start-1])]--
			if class(p[start]) != class(p[start-1]) {
				changes--
			}
			if p[start-1] == '/' {
				first++
			}
		}
		if beside := p[start] == '/' && strings.HasSuffix(p[:start], Masked) || p[i] == '/' && strings.HasPrefix(p[end:], Masked); beside {
			continue // of what is masked, nobody knows whether it was the key's
		}
		// Conditions by price: the window is clean, ends at borders, has both cases, and looks
		// random.
		if bad < start && !inKey(start-1) && !inKey(end) && seen[lower] > 0 && seen[upper] > 0 && randomMix(&seen, changes, 0.25) && !words(p[start:end]) {
			// The key may go across slashes. All of the segments it touches are masked.
			for k := first; k <= first+strings.Count(p[start:end], "/"); k++ {
				masked[k] = true
			}
		}
	}
}

// spread masks the neighbours of a masked segment that may be pieces of the same base64. A
// neighbour is one if it looks random, although it is too short for a token by itself.
func spread(parts []string, masked []bool) {
	piece := func(i int) bool {
		return i >= 0 && i < len(parts) && !masked[i] && len(parts[i]) >= 4 && isBase64(parts[i]) && mixedCase(parts[i]) && random(parts[i], 0.35)
	}
	// Once in each direction, so that a chain of pieces is masked from where the first was found.
	for i := range parts {
		if masked[i] && piece(i+1) {
			masked[i+1] = true
		}
	}
	for i := len(parts) - 1; i >= 0; i-- {
		if masked[i] && piece(i-1) {
			masked[i-1] = true
		}
	}
}

// The classes of characters. The order matters: class(c) <= upper is a letter.
const (
	lower = iota
	upper
	digit
	other
)

// class returns the class of a byte. Bytes outside of ASCII are other.
func class(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return lower
	case c >= 'A' && c <= 'Z':
		return upper
	case isDigit(c):
		return digit
	}
	return other
}

// isHex, isDigit and isAlnum hold for ASCII only, like class.
func isHex(c byte) bool   { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isAlnum(c byte) bool { return class(c) != other }

// isBase64 reports the characters of base64 and base64url. It holds for "".
func isBase64(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && strings.IndexByte("+/=-_", s[i]) < 0 {
			return false
		}
	}
	return true
}

// mixedCase reports a text with ASCII letters of both cases.
func mixedCase(s string) bool {
	return strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") && strings.ContainsAny(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// countDigits counts the ASCII digits.
func countDigits(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}
