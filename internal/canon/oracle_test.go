package canon

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// This file has an oracle for readings: plain code over strings that goes through every way in
// which a server could read a path. It shares no code with the package.

// views maps what servers may see to whether only blacklists have to look at it. ok is false for an
// unknown path.
func views(text string, escaped bool) (seen map[string]bool, ok bool) {
	seen = map[string]bool{}
	for i, fold := range []map[string]string{{}, shortForms, wideForms} {
		if i > 0 && strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 || r == '%' }) < 0 {
			break
		}
		for depth := 1; ; depth++ {
			_, _, more := decodeTimes(text, escaped, depth, fold, false, false)
			if depth > 1 && !more {
				break
			}
			if depth > 3 {
				return nil, false
			}
			for choice := range 64 {
				keep, early, mask := choice&16 != 0, choice&32 != 0, choice&15
				s, dots, _ := decodeTimes(text, escaped, depth, fold, keep, early)
				v, last := withoutDots(cleaned(s, mask), false)
				black := fold["．"] != "" && !dots && !last
				v = strings.NewReplacer("%", "%25", "*", "%2A", keptSlash, "%2F").Replace(v)
				if old, ok := seen[v]; !ok || old {
					seen[v] = black
				}
			}
		}
	}
	return seen, true
}

const keptSlash = "<kept slash>"

var (
	anEscape   = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	aControl   = regexp.MustCompile(`[\x00-\x1f\x7f]`)
	aParameter = regexp.MustCompile(`;[^/]*`)
	slashes    = regexp.MustCompile(`/+`)
)

// decodeTimes decodes text depth times. more reports whether the last time did anything, dots
// whether early steps found dot segments.
func decodeTimes(text string, escaped bool, depth int, fold map[string]string, keep, early bool) (s string, dots, more bool) {
	s = text
	for level := 1; level <= depth; level++ {
		if level > 1 || escaped {
			if early {
				var some bool
				s, some = withoutDots(s, true)
				dots = dots || some
			}
			before := s
			s = anEscape.ReplaceAllStringFunc(s, func(e string) string {
				n, _ := strconv.ParseUint(e[1:], 16, 8)
				if n == '/' && keep && level == depth {
					return keptSlash
				}
				return string([]byte{byte(n)})
			})
			more = s != before
		}
		s = folded(s, fold)
	}
	if early {
		var some bool
		s, some = withoutDots(s, false)
		dots = dots || some
	}
	return s, dots, more
}

// folded replaces from the left, the longest form first.
func folded(s string, forms map[string]string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 {
		return s
	}
	var b strings.Builder
next:
	for s != "" {
		for n := min(6, len(s)); n > 1; n-- {
			if to, ok := forms[s[:n]]; ok {
				b.WriteString(to)
				s = s[n:]
				continue next
			}
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

// shortForms are all ASCII characters in two bytes; wideForms has more bytes and also what
// looks like ASCII.
var shortForms, wideForms = func() (short, wide map[string]string) {
	short = map[string]string{}
	for c := range 128 {
		short[string([]byte{0xc0 | byte(c>>6), 0x80 | byte(c&63)})] = string(rune(c))
	}
	wide = map[string]string{"¥": `\`, "₩": `\`, "￥": `\`, "￦": `\`, "∖": `\`, "⧵": `\`, "﹨": `\`, "∕": "/", "⁄": "/", "⧸": "/",
		"․": ".", "。": ".", "﹒": ".", "｡": ".", "‥": "..", "﹔": ";", "﹪": "%"}
	for c := '!'; c <= '~'; c++ {
		wide[string(c-'!'+'！')] = string(c)
	}
	for form, to := range short {
		wide[form] = to
		for _, lead := range []string{"\xe0", "\xf0\x80", "\xf8\x80\x80", "\xfc\x80\x80\x80"} {
			wide[lead+string([]byte{0x80 | byte(to[0]>>6), 0x80 | to[0]&63})] = to
		}
	}
	for form, to := range map[string]string{".": "\xc0.", "/": "\xc0/", `\`: "\xc1\x1c"} {
		wide[to] = form
	}
	for c := range 256 { // what masks the second byte gets the same
		for lead, high := range map[byte]byte{0xc0: 0, 0xc1: 64} {
			if got := high | byte(c&63); strings.IndexByte(`./\`, got) >= 0 {
				wide[string([]byte{lead, byte(c)})] = string(rune(got))
			}
		}
	}
	return short, wide
}()

// cleaned applies the operations of mask.
func cleaned(s string, mask int) string {
	if mask&1 != 0 {
		s = aControl.ReplaceAllString(s, "")
	}
	if mask&2 != 0 {
		s = strings.ReplaceAll(s, `\`, "/")
	}
	if mask&4 != 0 {
		s = aParameter.ReplaceAllString(s, "")
	}
	if mask&8 != 0 {
		s = slashes.ReplaceAllString(s, "/")
	}
	return s
}

// withoutDots removes dot segments; some: there were any.
func withoutDots(s string, encoded bool) (out string, some bool) {
	var kept []string
	segments := strings.Split(s, "/")[1:]
	for i, segment := range segments {
		plain := segment
		if encoded {
			plain = strings.ReplaceAll(strings.ReplaceAll(segment, "%2e", "."), "%2E", ".")
		}
		if plain != "." && plain != ".." {
			kept = append(kept, segment)
			continue
		}
		some = true
		if plain == ".." && len(kept) > 0 {
			kept = kept[:len(kept)-1]
		}
		if i == len(segments)-1 {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/"), some
}

var oracleSeeds = []string{
	"/", "/a/b", "/v1/../x", "//a/..//b", "/a//../b", "/a%2fb/../x%2fy", "/v/%252e%252e/b/%25252e%25252e/v/x", "/%25%32%65%25%32%65/b",
	"/v/%25%32%66..%252f/b", "/a/..;x/b;/..;/c", "/a/;/../b", `/a\..\b`, `/a\\..%5cb`, "/a%00/.%09./b", "/%c0%ae%c0%ae/b", "/a%c0%afb%25c0%25af",
	"/%e0%80%ae%e0%80%ae/b", "/..%f0%80%80%af%f8%80%80%80%ae%fc%80%80%80%80%ae/b", "/．．／b", "/日本／語/‥/x", "/％２ｅ％２５２ｅ/b", "/..%c0%2fb", "/%c1%1c..%c1%9c",
	"/a*%2a%252a", "/100%", "/%zz%2", "/%%32%65%%32%65/b", "/;/;", "/.", "/..", "/%2e", "/a/%2E./", "/%2525252e", "/¥..￥b", "/a;%2f..%2f", "/%3b%2f/..",
	"/x%252fy/%252e%252e/%252e%252e/b",
}

// FuzzReadings holds the readings of a path to the oracle: there are neither more nor fewer.
func FuzzReadings(f *testing.F) {
	for _, s := range oracleSeeds {
		f.Add(s)
	}
	for _, s := range canonSeeds(f) {
		f.Add(s.path)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.HasPrefix(text, "/") || len(text) > 60 || strings.Contains(text, "kept slash") {
			return
		}
		checkViews(t, text, true)
		checkViews(t, text, false)
	})
}

func checkViews(t *testing.T, text string, escaped bool) {
	want, known := views(text, escaped)
	p := Path{text: text, escaped: escaped, traits: traits(text, escaped)}
	if p.Unknown() == known {
		t.Fatalf("%q: unknown %v, want %v", text, p.Unknown(), !known)
	}
	if !known {
		return
	}
	got := map[string]bool{}
	for i := range p.Readings() {
		b, black := p.Reading(i, nil)
		if old, ok := got[string(b)]; !ok || old {
			got[string(b)] = black
		}
	}
	if p.Plain() {
		assert.Equal(t, text, p.String())
	}
	assert.Equal(t, want, got, "%q escaped %v", text, escaped)
	// The first reading is RFC 3986's.
	s, _, _ := decodeTimes(text, escaped, 1, nil, true, false)
	s, _ = withoutDots(s, false)
	assert.Equal(t, strings.NewReplacer("%", "%25", "*", "%2A", keptSlash, "%2F").Replace(s), first(p), text)
}

// The oracle finds what a person would.
func TestViews(t *testing.T) {
	seen, ok := views("/v1/%252e%252e/admin/%25252e%25252e/v1/x", true)
	assert.True(t, ok)
	for _, v := range []string{"/v1/%252e%252e/admin/%25252e%25252e/v1/x", "/admin/%252e%252e/v1/x", "/v1/x"} {
		assert.Contains(t, seen, v)
	}
	seen, _ = views("/a／b", true)
	assert.Equal(t, map[string]bool{"/a／b": false, "/a/b": true}, seen)
	assert.True(t, slices.ContainsFunc(oracleSeeds, func(s string) bool { _, ok := views(s, true); return !ok }))
}
