package canon

import (
	"slices"
	"strings"
)

// CheckPattern reports why a rule's path, which starts with a slash, cannot be compared with
// requests' paths. The error is a Malformed. A path that is refused here has one form only, see
// [PatternForms].
func CheckPattern(pattern string) error {
	p, _, ok := starred(pattern)
	switch {
	case p.Unknown():
		return Malformed("the path is percent-encoded more than three times")
	case !ok, p.tooMuch():
		return Malformed("the path is too long to be compared in all ways that servers read it")
	}
	return nil
}

// PatternForms are the forms of a rule's path, which starts with a slash. They are like the
// readings of a request's path, each once, RFC 3986's first; readings for blacklists only are not
// among them. A star stays a wildcard, and an encoded one ("%2A") stays encoded.
func PatternForms(pattern string) []string {
	p, star, ok := starred(pattern)
	if p.Plain() {
		return []string{pattern}
	}
	// CheckPattern refuses such a path, so one form has to do.
	if !ok || p.tooMuch() {
		p.traits = irregular
	}
	var forms []string
	seen := map[string]bool{}
	for i := range p.Readings() {
		b, _ := p.Reading(i, nil)
		if star != "" {
			// An encoded star is "%2A" in a reading, so that only wildcards become stars again.
			b = []byte(strings.ReplaceAll(string(b), star, "*"))
		}
		if s := string(b); !seen[s] {
			seen[s] = true
			forms = append(forms, s)
		}
	}
	return forms
}

// starred makes a Path of a pattern, with another character for each star that is a wildcard. ok is
// false if the pattern has all characters that could stand for it; its stars then match nothing but
// stars.
func starred(pattern string) (p Path, star string, ok bool) {
	p = Path{text: pattern, escaped: true}
	if strings.IndexByte(pattern, '*') >= 0 {
		// No UTF-8 text has these, and foldAt takes them for nothing.
		for _, c := range []byte{0xff, 0xfe, 0xfd, 0xfb, 0xfa, 0xf9, 0xf7, 0xf6, 0xf5} {
			if !comesOut(pattern, c) {
				star = string([]byte{c})
				break
			}
		}
		if star == "" {
			p.traits = traits(p.text, true) &^ wide
			return p, "", false
		}
		p.text = strings.ReplaceAll(pattern, "*", star)
	}
	p.traits = traits(p.text, true) &^ wide
	return p, star, true
}

// comesOut reports whether c is in the pattern or comes out of its escapes.
func comesOut(pattern string, c byte) bool {
	if strings.IndexByte(pattern, '%') < 0 {
		return strings.IndexByte(pattern, c) >= 0
	}
	b := []byte(pattern)
	// An escape may produce the byte at any level: %25ff gives 0xff at the second.
	for range maxLevels + 1 {
		if slices.Contains(b, c) {
			return true
		}
		b, _, _ = unescape(b)
	}
	return false
}
