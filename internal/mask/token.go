package mask

import "strings"

// minToken is the length below which nothing is taken for a token.
const minToken = 10

// Token reports whether s looks like a secret, an access token or a number that names a person or a card: a known prefix, a
// JSON web token, a UUID, 16 or more hexadecimal digits, a card or phone number, or letters and digits in an order that no
// name has.
func Token(s string) bool {
	if len(s) < minToken {
		return false
	}
	return knownPrefix(s) || uuid.MatchString(s) || numbers(s) || randomRun(s)
}

// Prefixes that services give to their tokens. What follows must be at least 8 characters; after those that words may begin
// with as well it must also have a digit or both cases.
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

func knownPrefix(s string) bool {
	after := func(p string) string {
		i := strings.Index(s, p)
		if i < 0 || len(s)-i-len(p) < 8 || i > 0 && isAlnum(s[i-1]) {
			return ""
		}
		return s[i+len(p):]
	}
	for _, p := range prefixes {
		if after(p) != "" {
			return true
		}
	}
	for _, p := range wordPrefixes {
		if rest := after(p); strings.ContainsAny(rest, "0123456789") || mixedCase(rest) {
			return true
		}
	}
	// Telegram: bot123456789:AA…
	if rest, ok := strings.CutPrefix(s, "bot"); ok {
		id, token, ok := strings.Cut(rest, ":")
		return ok && len(id) >= 6 && len(token) >= 20 && countDigits(id) == len(id)
	}
	return false
}

// numbers reports card numbers (13 to 19 digits whose check digit is right, also in groups), phone numbers with their + and
// digits without end.
func numbers(s string) bool {
	digits := make([]byte, 0, 32)
	start, grouped := 0, true
	check := func() bool {
		n := len(digits)
		switch {
		case n >= 20:
			return grouped
		case n >= 13 && luhn(digits):
			return true
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

func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// randomRun looks at each run of the characters that base64 and hex are made of. Letters and digits of a name come in
// words; those of a token change between upper case, lower case and digit at every other character.
func randomRun(s string) bool {
	for s != "" {
		n := 0
		for n < len(s) && (isAlnum(s[n]) || strings.IndexByte("-_+=~.", s[n]) >= 0) {
			n++
		}
		if n >= 20 && (random(s[:n], 0.5) || unspeakable(s[:n])) {
			return true
		}
		for run := range strings.FieldsFuncSeq(s[:n], func(r rune) bool { return strings.ContainsRune("-_+=~.", r) }) {
			if hexRun(run) || base32Run(run) || len(run) >= 16 && random(run, 0.4) || len(run) >= 18 && random(run, 0.3) {
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

// hexRun reports 16 or more hexadecimal digits of one case, some of them digits and some letters.
func hexRun(s string) bool {
	if len(s) < 16 {
		return false
	}
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
	return digits >= 2 && (upper > 0) != (lower > 0)
}

// base32Run reports 16 or more capitals and digits, with digits in two places or more.
func base32Run(s string) bool {
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

// random reports whether the share of neighbours in s of different classes is at least share, and s has digits and letters
// or letters of both cases.
func random(s string, share float64) bool {
	var seen [4]int
	for i := range len(s) {
		seen[class(s[i])]++
	}
	digits, letters := seen[digit], seen[lower]+seen[upper]
	if letters == 0 || digits < 2 && !(seen[lower] >= 4 && seen[upper] >= 4) {
		return false
	}
	if digits == 0 {
		share = max(share, 0.42) // words in camel case have one change in four characters
	}
	if digits >= 4 && letters >= 4 && (seen[lower] == 0 || seen[upper] == 0) && seen[other] == 0 {
		share -= 0.15 // base32 and base36: one case only
	}
	return float64(changes(s)) >= share*float64(len(s)-1)
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

// unspeakable reports letters of both cases among which there are fewer vowels than in any language's words.
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

// awsSecrets masks the segments of p that an AWS secret access key lies in: 40 characters of base64, in which a slash is no
// separator. masked has a place for each segment.
func awsSecrets(p string, masked []bool) {
	const length = 40
	inKey := func(i int) bool { return i >= 0 && i < len(p) && (isAlnum(p[i]) || p[i] == '+') }
	for i := 0; i+length <= len(p); i++ {
		end := i + length
		if inKey(i-1) || inKey(end) {
			continue
		}
		s := p[i:end]
		if strings.ContainsFunc(s, func(r rune) bool { return r != '/' && r != '+' && (r > 'z' || !isAlnum(byte(r))) }) {
			continue
		}
		if random(s, 0.25) && mixedCase(s) {
			first := strings.Count(p[:i], "/")
			for k := first; k <= first+strings.Count(s, "/"); k++ {
				masked[k] = true
			}
		}
	}
}

// spread masks the neighbours of a masked segment that may be pieces of the same base64.
func spread(parts []string, masked []bool) {
	piece := func(i int) bool {
		return i >= 0 && i < len(parts) && !masked[i] && len(parts[i]) >= 4 && isBase64(parts[i]) && mixedCase(parts[i]) && random(parts[i], 0.35)
	}
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

const (
	lower = iota
	upper
	digit
	other
)

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

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isAlnum(c byte) bool { return class(c) != other }

func isBase64(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && strings.IndexByte("+/=-_", s[i]) < 0 {
			return false
		}
	}
	return true
}

func mixedCase(s string) bool {
	return strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") && strings.ContainsAny(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}
