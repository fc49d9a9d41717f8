package mask

import (
	"slices"
	"strconv"
	"strings"
)

// pieces masks the segments of a path that look like tokens. With key, p is the key of an object in
// S3: there UUIDs stay, and so does what follows a word such as pin.
func pieces(p string, key bool) string {
	// The shortest path with a secret: a named one of one digit.
	if len(p) < len("pin/1") {
		return p
	}
	parts := strings.Split(p, "/")
	masked := make([]bool, len(parts))
	shown := make([]int, len(parts)) // how much of each stays
	// First each segment alone, and by the name in front of it.
	for i, part := range parts {
		shown[i], masked[i] = segment(part, key)
		// /pin/4711 is masked, /token/refresh and /token/v2 are not.
		if i > 0 && !key && !masked[i] && isNamed(parts[i-1]) && countDigits(part) > 0 && !isVersion(part) {
			masked[i] = true
		}
	}
	// Then what goes across segments.
	splitCards(parts, masked)
	// What was found in one segment alone may keep its first words. What is part of a longer secret
	// may not.
	found := slices.Clone(masked)
	awsSecrets(p, masked)
	spread(parts, masked)
	for i := range parts {
		switch {
		case masked[i] && found[i]:
			parts[i] = replace(parts[i], shown[i], key)
		case masked[i]:
			parts[i] = Masked
		}
	}
	return strings.Join(parts, "/")
}

// replace returns what stands for a masked segment. The first shown bytes may stay, and so does the
// extension of a file, and the domain of an e-mail address if it looks like one.
func replace(part string, shown int, key bool) string {
	// mail@example.com keeps its domain, unless that looks like a secret, too.
	if local, domain, ok := strings.Cut(part, "@"); ok && local != "" && strings.Contains(domain, ".") {
		if _, masked := segment(domain, key); !masked {
			// It has been masked before: a second pass must not change it.
			if strings.HasSuffix(local, Masked) {
				return part
			}
			return Masked + "@" + domain
		}
	}
	text := part[:shown] + Masked + extension(part[shown:])
	// What is shown must not look like a secret itself. Otherwise a second pass would mask more.
	if _, masked := segment(text, key); masked || len(text) > maxSegment {
		return Masked
	}
	return text
}

// lead returns the length of the words that a segment begins with, each with the character that
// ends it: the backup- of backup-5d41402abc4b2a76b9719d911017c592.
func lead(s string) (n int) {
	for from := 0; from < len(s); {
		// A word, and the separator that ends it.
		to := from
		for to < len(s) && class(s[to]) <= upper {
			to++
		}
		// Without a separator behind it, the word is a part of what follows.
		if to == len(s) || strings.IndexByte("-_.:;,=+~&", s[to]) < 0 || !isWordLike(s[from:to]) {
			break
		}
		from = to + 1
		n = from
	}
	return n
}

// isWordLike reports a word in one case, or with a capital in front, that is not hexadecimal and
// not longer than 14 characters. "Backup" is one, "dead" and "bAckup" are not.
func isWordLike(s string) bool {
	// Up to three letters are a word all the same: add, bad.
	hex := len(s) > 3
	for i := range len(s) {
		if i > 1 && class(s[i]) != class(s[1]) || i == 1 && class(s[1]) == upper && class(s[0]) == lower {
			return false
		}
		hex = hex && isHex(s[i])
	}
	return s != "" && len(s) <= 14 && !hex
}

// extension returns the extensions that a name ends with: .json, .tar.gz. It is "" for unknown
// ones, which may be the end of a token: a JSON web token has dots.
func extension(s string) string {
	end := len(s)
	for {
		// From the end, so that .tar.gz is found in two steps. A dot in front hides a file: .json.
		dot := strings.LastIndexByte(s[:end], '.')
		if dot <= 0 {
			return s[end:]
		}
		switch s[dot+1 : end] {
		case "json", "jsonl", "ndjson", "xml", "csv", "tsv", "txt", "log", "md", "yaml", "yml", "html", "css", "js", "map", "pdf", "png", "jpg",
			"jpeg", "gif", "webp", "svg", "ico", "gz", "tgz", "tar", "zip", "zst", "bz2", "parquet", "avro", "orc", "bin", "mp3", "mp4",
			"docx", "xlsx", "pptx", "bak", "tmp":
			end = dot
		default:
			return s[end:]
		}
	}
}

const (
	maxSegment = 1024 // no key of a bucket, and no name, is longer
	maxLevels  = 3    // what is escaped more often hides something
)

// segment reports whether one segment has to be masked, as it stands or unescaped, whole or by one
// of its parameters. shown is the length of its beginning that may stay. The loop decodes step by
// step: sk%255Flive%255F1234 becomes sk_live_1234 after two.
func segment(s string, key bool) (shown int, masked bool) {
	if len(s) > maxSegment {
		return 0, true
	}
	for level := 0; s != Masked; level++ {
		if n, found := secret(s, key); found {
			// Positions in the decoded text do not hold in s.
			if level > 0 {
				n = 0
			}
			return n, true
		}
		// Nothing is left to decode.
		unescaped, ok := unescape(s)
		if !ok {
			return 0, false
		}
		// Decoded, the segment may hold a whole path of a hook.
		if level == maxLevels || hidesHook(unescaped) {
			return 0, true
		}
		s = unescaped
	}
	return 0, false
}

// hidesHook reports a segment in which an escaped slash follows the host of a webhook.
func hidesHook(s string) bool {
	parts := strings.Split(s, "/")
	return slices.ContainsFunc(parts[:len(parts)-1], IsHookHost)
}

// secret reports whether a segment looks like a secret as it stands.
func secret(s string, key bool) (shown int, masked bool) {
	// A mail address, or the user and password of a URL.
	if i := strings.IndexByte(s, '@'); i > 0 && !strings.HasSuffix(s[:i], Masked) {
		if !isModuleVersion(s[i+1:]) || strings.IndexByte(s[:i], ':') >= 0 { // 10.1.3 is an address, too
			return 0, true
		}
		s = s[:i]
	}
	// The name may stay: token=[masked].
	if at := namedSecret(s); at > 0 {
		return at, true
	}
	text := withoutVersion(s)
	if key {
		text = withoutUUIDs(text)
	}
	if Token(text) {
		return lead(s), true
	}
	// Matrix parameters and lists: "a;id=TOKEN". With one field, Token has just judged it.
	fields := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";=,:&|!$() ", r) })
	if len(fields) > 1 && slices.ContainsFunc(fields, Token) {
		return lead(s), true
	}
	return 0, false
}

// unescape decodes each valid percent-escape once. ok is false if there is none.
func unescape(s string) (unescaped string, ok bool) {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s, false
	}
	b := make([]byte, 0, len(s))
	// i is the next percent sign in s, or -1.
	for ; len(s) > 0; i = strings.IndexByte(s, '%') {
		if i < 0 {
			b = append(b, s...)
			break
		}
		b = append(b, s[:i]...)
		s = s[i:]
		// "%zz" is not an escape and stays as it is.
		if len(s) > 2 && isHex(s[1]) && isHex(s[2]) {
			v, _ := strconv.ParseUint(s[1:3], 16, 8)
			b = append(b, byte(v))
			s = s[3:]
			ok = true
		} else {
			b = append(b, '%')
			s = s[1:]
		}
	}
	return string(b), ok
}

// withoutUUIDs takes the UUIDs out of a key: people name objects by them.
func withoutUUIDs(s string) string {
	// After each removal the search goes on at the same place, where the next may begin.
	for from := 0; ; {
		i := findUUID(s, from)
		if i < 0 {
			return s
		}
		s = s[:i] + s[i+uuidLength:]
		from = i
	}
}

// secretNames are names of parameters whose values are secrets, however short.
var secretNames = []string{
	"pass", "password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "credentials", "apikey", "api-key", "api_key",
	"accesskey", "access-key", "access_key", "sessionid", "session-id", "session_id", "signature", "sig", "auth",
}

// namedSecret returns where the value begins whose name says that it is a secret: after
// ;jsessionid= or password:. It returns 0 if there is none.
func namedSecret(s string) int {
	// Each = or : may follow a name.
	for end := 0; ; end++ {
		i := strings.IndexAny(s[end:], "=:")
		if i < 0 {
			return 0
		}
		end += i
		value := s[end+1:]
		// An empty value, "a==b", "http://", or one that is masked.
		if value == "" || strings.IndexByte(";&,=:/", value[0]) >= 0 || isMasked(value) {
			continue
		}
		for _, name := range secretNames {
			// The name may have a prefix: x-api-key=.
			if end < len(name) || !strings.EqualFold(s[end-len(name):end], name) {
				continue
			}
			if s[end] == ':' && (name == "auth" || name == "sig" || name == "secret" && (end == len(name) || !isWord(s[end-len(name)-1]))) {
				continue // a method of an API, or the name of a secret: secret:prod/db
			}
			return end + 1
		}
	}
}

// isNamed reports a segment that says what the next one is: /pin/4711.
func isNamed(s string) bool {
	switch strings.ToLower(s) {
	case "password", "passwd", "passphrase", "pwd", "pin", "otp", "secret", "token", "apikey", "api-key", "api_key", "ssn", "iban":
		return true
	}
	return false
}

// splitCards masks the numbers of cards whose four groups are segments. For example
// /4111/1111/1111/1111.
func splitCards(parts []string, masked []bool) {
	for i := 0; i+4 <= len(parts); i++ {
		digits := make([]byte, 0, 16)
		for _, part := range parts[i : i+4] {
			if len(part) != 4 || countDigits(part) != 4 {
				break
			}
			digits = append(digits, part...)
		}
		// Cards begin with 3 to 6, and their last digit is a check digit.
		if len(digits) == 16 && digits[0] >= '3' && digits[0] <= '6' && luhn(digits) {
			for k := i; k < i+4; k++ {
				masked[k] = true
			}
		}
	}
}

// isMasked reports a value that was masked: nothing of it follows. [masked]x has been written by
// somebody else.
func isMasked(value string) bool {
	rest, ok := strings.CutPrefix(value, Masked)
	return ok && (rest == "" || !isWord(rest[0]))
}
