package foldids

import "strings"

// maxKnown is the length of the longest known word.
const maxKnown = 11

// isKnown reports a word that has digits: the version of an API, or a name of a format, an
// algorithm or a technology. Words that end in one or two digits, such as ipv4, need not be listed.
func isKnown(s string) bool {
	if len(s) > maxKnown {
		return false
	}
	// The word in lower case, without an allocation.
	var buf [maxKnown]byte
	for i := range len(s) {
		buf[i] = s[i]
		if kind(s[i]) == upper {
			buf[i] |= 0x20
		}
	}
	text := buf[:len(s)]
	// v1, v1beta2
	if text[0] == 'v' && isVersionTail(string(text[1:])) {
		return true
	}
	if isStandard(string(text)) {
		return true
	}
	// In turn: cryptography, code pages, abbreviations and formats, systems, sizes of instances.
	switch string(text) {
	case "sha224", "sha256", "sha384", "sha512", "aes128", "aes192", "aes256", "rsa1024", "rsa2048", "rsa3072", "rsa4096",
		"ed25519", "x25519", "x509", "es256", "es256k", "es384", "es512", "rs256", "rs384", "rs512", "ps256", "ps384", "ps512",
		"hs256", "hs384", "hs512", "p256", "p384", "p521", "secp256k1", "a128gcm", "a256gcm", "a128kw", "a256kw", "aes128gcm", "aes256gcm",
		"aes256cbc", "nistp256", "nistp384", "nistp521", "poly1305", "blake2b", "blake2s", "argon2i", "argon2id", "crc32c":
	case "cp1252", "win1252", "int128", "uint128", "utf16le", "utf16be", "utf32le", "utf32be":
	case "i18n", "l10n", "a11y", "k8s", "e2e", "p2p", "b2b", "b2c", "c2c", "g2b", "h2o", "w3c", "x86", "log4j", "log4j2", "neo4j",
		"c3p0", "d3js", "s3n", "s3a", "s3fs", "m3u8", "m3u", "m4a", "m4v", "f4v", "mp3s", "3gp", "7z", "7zip", "bz2", "2fa", "3ds", "2d", "3d",
		"4k", "8k", "2g", "3g", "4g", "5g", "1st", "2nd", "3rd", "4th", "24x7", "2x", "3x", "oauth2cb", "office365", "d365", "m365",
		"h264", "h265", "x264", "x265", "av1", "g711", "h2c", "mp2t", "jpeg2000", "s3control", "k3s", "o11y", "c14n", "u2f", "3ds2", "i2c",
		"s2s", "a2a", "a2p", "p2m", "hl7v2", "x400", "x500", "e164", "xbox360", "f5g", "n8n":
	case "i386", "i486", "i586", "i686", "arm32v7", "arm64v8", "ppc64le", "s390x", "al2023", "win2019", "win2022", "ubuntu2004",
		"ubuntu2204", "ubuntu2404", "eastus2euap":
	case "t4g", "m6g", "m6i", "m7g", "m7i", "c5n", "c6g", "c6i", "c7g", "r6g", "r6i", "r7g", "2xlarge", "4xlarge", "8xlarge", "12xlarge",
		"16xlarge", "24xlarge":
	default:
		return false
	}
	return true
}

// isQuantity reports a number with its unit: 24h, 30d, 720p, 64bit. Such words name a choice.
func isQuantity(s string) bool {
	n := 0
	for n < len(s) && kind(s[n]) == digit {
		n++
	}
	switch s[n:] {
	case "p", "bit": // 1080p, 1024bit
		return n > 0 && n <= 4
	case "s", "m", "h", "d", "w", "y", "ms", "min", "mo", "k", "x", "kb", "mb", "gb", "tb", "px", "fps":
		return n > 0 && n <= 3
	}
	return false
}

// isStandard reports the number of a standard: iso27001, rfc3339, es2022.
func isStandard(s string) bool {
	n := 0
	for n < len(s) && kind(s[n]) != digit {
		n++
	}
	number := s[n:]
	if len(number) < 3 || len(number) > 5 || strings.Trim(number, "0123456789") != "" {
		return false
	}
	switch s[:n] {
	case "iso", "rfc":
		return true
	case "es":
		return len(number) == 4 && number[:2] == "20"
	}
	return false
}

// isVersionTail reports what may follow the v of an API's version: 1, 12, 1beta2, 2alpha.
func isVersionTail(s string) bool {
	n := 0
	for n < len(s) && kind(s[n]) == digit {
		n++
	}
	// Four digits are a year or an id: v2024.
	if n == 0 || n > 3 {
		return false
	}
	// Google's v1p2beta1 is the second preview of a version to come.
	if minor, ok := strings.CutPrefix(s[n:], "p"); ok && len(minor) > 1 && kind(minor[0]) == digit && kind(minor[1]) != digit {
		s, n = minor, 1
	}
	// The empty stage is last, because each text begins with it.
	for _, stage := range [...]string{"alpha", "beta", "rc", "preview", "p", ""} {
		if rest, ok := strings.CutPrefix(s[n:], stage); ok && len(rest) <= 2 && strings.Trim(rest, "0123456789") == "" {
			// After a stage, a number may follow: beta2. Without one, nothing may: 1x.
			return stage != "" || rest == ""
		}
	}
	return false
}

// belongs reports whether a number belongs to the word before it and its separator: the 1 of
// us-east-1, the 64 of x86_64, the 256 of sha-256.
func belongs(before string, separator byte, number string) bool {
	if separator != '-' && separator != '_' {
		return false
	}
	// The words that have numbers. A case lists the numbers that are theirs.
	switch before {
	case "north", "south", "east", "west", "central", "northeast", "southeast", "northwest", "southwest", // regions, and their zones
		"NORTH", "SOUTH", "EAST", "WEST", "CENTRAL":
		// One digit, and the letter of a zone: us-east-1a.
		return separator == '-' && kind(number[0]) == digit && (len(number) == 1 || len(number) == 2 && kind(number[1]) == lower)
	case "x86", "X86":
		return number == "64" || number == "32"
	case "utf", "UTF":
		return number == "8" || number == "16" || number == "32" || number == "16le" || number == "16be" || number == "32le" || number == "32be"
	case "http", "HTTP":
		return number == "1" || number == "2" || number == "3"
	case "sha", "SHA", "sha3", "SHA3", "aes", "AES":
		return number == "1" || number == "128" || number == "192" || number == "224" || number == "256" || number == "384" || number == "512"
	case "iso", "ISO":
		return number == "8859" || number == "8601"
	case "iso3166", "ISO3166": // its parts
		return len(number) == 1
	// iso-8859-15: the word before it is a number itself.
	case "8859":
		return len(number) <= 2
	}
	return false
}

// isVersion reports a segment that is a version with dots: 1.0, v2.1, 1.24.0. It may have the name
// of what it is a version of: python3.12, tls1.3.
func isVersion(s string) bool {
	name := 0
	for name < len(s) && name < 8 && kind(s[name]) <= upper {
		name++
	}
	// Numbers have up to three digits, and two behind a name.
	most := 3
	if name > 1 || name == 1 && s[0]|0x20 != 'v' {
		most = 2
	}
	s = s[name:]
	dots, digits := 0, 0
	for i := range len(s) {
		switch {
		// There are two dots at most. Addresses have three.
		case kind(s[i]) == digit && digits < most:
			digits++
		case s[i] == '.' && digits > 0 && dots < 2:
			dots, digits = dots+1, 0
		default:
			return false
		}
	}
	return dots > 0 && digits > 0
}

// isPreview reports a date that is the version of an API wherever it stands: 2024-11-01-preview.
func isPreview(s string) bool { return len(s) > len("2006-01-02") && isAPIDate(s) }

// isAPIDate reports a date that can be the version of an API: 2024-11-01, 2024-11-01-preview.
func isAPIDate(s string) bool {
	// "-preview" is how Azure marks versions.
	if len(s) != len("2006-01-02") {
		var ok bool
		if s, ok = strings.CutSuffix(s, "-preview"); !ok || len(s) != len("2006-01-02") {
			return false
		}
	}
	for i := range len(s) {
		if i == 4 || i == 7 {
			if s[i] != '-' {
				return false
			}
		} else if kind(s[i]) != digit {
			return false
		}
	}
	// Months and days must exist. Digits alone may be an id: 2099-99-99.
	return s[:2] == "20" && s[5:7] >= "01" && s[5:7] <= "12" && s[8:] >= "01" && s[8:] <= "31"
}

// isMajor reports a digit that can be the version of an API.
func isMajor(s string) bool { return len(s) == 1 && s[0] >= '1' && s[0] <= '9' }

// beforeVersion reports a segment after which the version of an API may follow.
func beforeVersion(s string) bool {
	switch s {
	case "api", "apis", "rest", "version", "versions":
		return true
	}
	return false
}
