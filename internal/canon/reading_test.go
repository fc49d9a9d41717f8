package canon

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/corpustest"
)

// readings are all the ways to read a path, each once, RFC 3986's first. Those for blacklists only
// are marked by "black ".
func readings(p Path) (all []string) {
	black := map[string]bool{}
	for i := range p.Readings() {
		b, blacklistOnly := p.Reading(i, nil)
		s := string(b)
		if _, ok := black[s]; !ok {
			all = append(all, s)
			black[s] = true
		}
		black[s] = black[s] && blacklistOnly
	}
	for i, s := range all {
		if black[s] {
			all[i] = "black " + s
		}
	}
	return all
}

var readingCases = map[string][]string{
	"https://h":                {"/"},
	"https://h/":               {"/"},
	"https://h/a/b":            {"/a/b"},
	"https://h/a/./b":          {"/a/b"},
	"https://h/a/../b":         {"/b"},
	"https://h/../../b":        {"/b"},
	"https://h/a/..":           {"/"},
	"https://h/a/b/..":         {"/a/"},
	"https://h/a/.":            {"/a/"},
	"https://h/a/%2e%2E/b":     {"/b"},
	"https://h/a/...":          {"/a/..."},
	"https://h/.a/..b":         {"/.a/..b"},
	"https://h/%61":            {"/a"},
	"https://h/a%20b":          {"/a b"},
	"https://h/100%25":         {"/100%25"},
	"https://h/a%2Fb":          {"/a%2Fb", "/a/b"},
	"https://h/a%2f..%2fb":     {"/a%2F..%2Fb", "/b"},
	"https://h//a":             {"//a", "/a"},
	"https://h/a//../b":        {"/a/b", "/b"},
	`https://h/a\..\b`:         {`/a\..\b`, "/b"},
	"https://h/a;x=1/b":        {"/a;x=1/b", "/a/b"},
	"https://h/a/;/../b":       {"/a/b", "/b"},
	"https://h/a/..;/b":        {"/a/..;/b", "/b"},
	"https://h/a%00/b":         {"/a\x00/b", "/a/b"},
	"https://h/a/%252e%252e/b": {"/a/%252e%252e/b", "/b"},
	"https://h/a%253Bx":        {"/a%253Bx", "/a;x", "/a"},
	// Each level of decoding is a reading, however the escapes are spelled.
	"https://h/v/%25252e%25252e/b":            {"/v/%25252e%25252e/b", "/v/%252e%252e/b", "/b"},
	"https://h/v/%25%32%65%25%32%65/b":        {"/v/%252e%252e/b", "/b"},
	"https://h/v/%252%65%252%65/b":            {"/v/%252e%252e/b", "/b"},
	"https://h/v/%25%32e%2%35%32e/b":          nil, // net/url refuses it
	"https://h/%25%36%31dmin":                 {"/%2561dmin", "/admin"},
	"https://h/v/%252e%252e/b/%25252e":        {"/v/%252e%252e/b/%25252e", "/b/%252e", "/b/"},
	"https://h/v/..%252fb/%25252e%25252e/v/x": {"/v/..%252fb/%25252e%25252e/v/x", "/v/..%2Fb/%252e%252e/v/x", "/b/%252e%252e/v/x", "/v/x"},
	// A server may remove dot segments before it decodes slashes, or after.
	"https://h/a/b%2fc/../x%2fy": {"/a/x%2Fy", "/a/b/x/y", "/a/x/y"},
	"https://h/a//..//b":         {"/a//b", "/b", "/a/b"},
	`https://h/a/b\c/../x\y`:     {`/a/x\y`, "/a/b/x/y", "/a/x/y"},
	// A proxy decodes, and the server behind it reads what is left as RFC 3986 says.
	"https://h/v/x%252fy/%252e%252e/%252e%252e/b": {"/v/x%252fy/%252e%252e/%252e%252e/b", "/b", "/v/b"},
	// Overlong forms of two bytes are in no valid UTF-8.
	"https://h/v/%c0%ae%c0%ae/b":     {"/v/\xc0\xae\xc0\xae/b", "/b"},
	"https://h/v/x%c0%afb":           {"/v/x\xc0\xafb", "/v/x/b"},
	"https://h/v/%25c0%25ae%c0%ae/b": {"/v/%25c0%25ae\xc0\xae/b", "/v/\xc0\xae\xc0\xae/b", "/v/%25c0%25ae./b", "/b"},
	// Longer ones, and characters that look like ASCII, count for whitelists only as dot segments.
	"https://h/v/%e0%80%ae%e0%80%ae/b":                {"/v/\xe0\x80\xae\xe0\x80\xae/b", "/b"},
	"https://h/v/%f0%80%80%ae./b":                     {"/v/\xf0\x80\x80\xae./b", "/b"},
	"https://h/v/..%f8%80%80%80%afb":                  {"/v/..\xf8\x80\x80\x80\xafb", "/b"},
	"https://h/v/..%fc%80%80%80%80%afb":               {"/v/..\xfc\x80\x80\x80\x80\xafb", "/b"},
	"https://h/v/..%c0%2fb":                           {"/v/..\xc0%2Fb", "/v/..\xc0/b", "/b"},
	"https://h/v/x%e0%80%afb":                         {"/v/x\xe0\x80\xafb", "black /v/x/b"},
	"https://h/v/．．/b":                                {"/v/．．/b", "/b"},
	"https://h/v/..／b":                                {"/v/..／b", "/b"},
	"https://h/v/..∕b":                                {"/v/..∕b", "/b"},
	"https://h/v/..⁄b":                                {"/v/..⁄b", "/b"},
	"https://h/v/‥/b":                                 {"/v/‥/b", "/b"},
	"https://h/v/..＼b":                                {"/v/..＼b", `black /v/..\b`, "/b"},
	"https://h/日本／語":                                  {"/日本／語", "black /日本/語"},
	"https://h/日本語。の":                                 {"/日本語。の", "black /日本語.の"},
	"https://h/ａｄｍｉｎ":                                 {"/ａｄｍｉｎ", "black /admin"},
	"https://h/v/％２ｅ％２ｅ/b":                            {"/v/％２ｅ％２ｅ/b", "black /v/%252e%252e/b", "/b"},
	"https://h/caf%c3%a9/%e6%97%a5%e6%9c%ac%e2%82%ac": {"/café/日本€"},
}

func TestReadings(t *testing.T) {
	for url, want := range readingCases {
		r, err := http.NewRequest("GET", url, nil)
		if want == nil {
			assert.Error(t, err, url)
			continue
		}
		require.NoError(t, err, url)
		q, err := Parse(r, new(Buf))
		require.NoError(t, err, url)
		assert.False(t, q.Path.Unknown(), url)
		assert.Equal(t, want[0], readings(q.Path)[0], url)
		assert.ElementsMatch(t, want, readings(q.Path), url)
	}
}

// A reading that is the same as another costs time and nothing else.
func TestNumberOfReadings(t *testing.T) {
	for path, want := range map[string]int{"/a": 1, "/a/../b": 1, "/a%2Fb": 2, "//a": 2, "/%2541/b": 2, "/%252541/b": 3, "/ａ/b": 2, "/%252e/b": 4} {
		q, err := Parse(get(t, "https://h"+path), new(Buf))
		require.NoError(t, err, path)
		assert.Equal(t, want, q.Path.Readings(), path)
	}
}

// Characters that some servers read as ASCII.
func TestLookalikes(t *testing.T) {
	want := map[rune]string{
		'․': ".", '。': ".", '﹒': ".", '｡': ".", '‥': "..", '⁄': "/", '∕': "/", '⧸': "/",
		'∖': `\`, '⧵': `\`, '﹨': `\`, '₩': `\`, '￥': `\`, '￦': `\`, '﹔': ";", '﹪': "%",
	}
	for c := '!'; c <= '~'; c++ {
		want[c-'!'+'！'] = string(c)
	}
	for r := rune(0x800); r <= 0xffff; r++ {
		if r < 0xd800 || r > 0xdfff {
			utf8 := []byte(string(r))
			require.Equal(t, want[r], threeBytes(utf8[0], utf8[1], utf8[2]), "%q", r)
		}
	}
}

// What is encoded more than three times is unknown, in whatever spelling. It has one reading.
func TestUnknownPaths(t *testing.T) {
	for url, want := range map[string]string{
		"https://h/v/%2525252e":             "/v/%2525252e",
		"https://h/v/%25%32%35%32%35%32%65": "/v/%2525252e",
		"https://h/v/%25252525":             "/v/%25252525",
		"https://h/v/x%252525252fy":         "/v/x%252525252fy",
		"https://h/v/%252525c0%252525ae":    "/v/%252525c0%252525ae",
		"https://h/v/％２５２５２５２ｅ":             "/v/％２５２５２５２ｅ",
		"https://h/v/%2525252":              "",
		"https://h/v/%25252e":               "",
		"https://h/v/100%25":                "",
	} {
		q, err := Parse(get(t, url), new(Buf))
		require.NoError(t, err, url)
		assert.Equal(t, want != "", q.Path.Unknown(), url)
		if want != "" {
			assert.Equal(t, []string{want}, readings(q.Path), url)
		}
	}
	q, err := Parse(get(t, "https://h/", path("/%"+strings.Repeat("25", 30_000))), new(Buf))
	require.NoError(t, err)
	assert.True(t, q.Path.Unknown())
}

// The work on a path is bounded, whatever its length: a longer one with several readings is
// malformed. Escaping makes a reading three times as long at most.
func TestReadingsAreBounded(t *testing.T) {
	most, bytes := 0, 0
	look := func(r *http.Request) {
		q, err := Parse(r, new(Buf))
		if err != nil || q.Path.Plain() || q.Path.Unknown() {
			return
		}
		n := 0
		for i := range q.Path.Readings() {
			b, _ := q.Path.Reading(i, nil)
			n += len(b)
		}
		most, bytes = max(most, q.Path.Readings()), max(bytes, n)
	}
	for _, unit := range corpustest.Units {
		for size := 4 << 10; size <= 512<<10; size *= 4 {
			long := corpustest.Long("/", unit, size)
			look(get(t, "https://h/", path(long)))
			look(get(t, "https://h/", opaque(long)))
		}
	}
	look(get(t, "https://h/", opaque("/a/%2f../%25252e%25252e//b\\c;x/%00/%c0%ae/．．/%2e%2e/d"))) // has every choice
	assert.Equal(t, 576, most)
	assert.LessOrEqual(t, bytes, 3*maxWork)
	assert.Greater(t, bytes, maxWork/2, "some paths are near the bound")
}

func TestPatternForms(t *testing.T) {
	for pattern, want := range map[string][]string{
		"/":                              {"/"},
		"/a/**":                          {"/a/**"},
		"/a/*.json":                      {"/a/*.json"},
		"/.well-known/*":                 {"/.well-known/*"},
		"/.well-known/x":                 {"/.well-known/x"},
		"/a%20b/*":                       {"/a b/*"},
		"/a%2Fb":                         {"/a%2Fb", "/a/b"},
		"/a%2Ab/*":                       {"/a%2Ab/*"},
		"/a%252Ab/*":                     {"/a%252Ab/*", "/a%2Ab/*"}, // a star that comes out of an escape is never a wildcard
		"/%ff/*":                         {"/\xff/*"},
		"/%25ff/%fe/*":                   {"/%25ff/\xfe/*", "/\xff/\xfe/*"},
		"/a/*/../b":                      {"/a/b"},
		"/a//*":                          {"/a//*", "/a/*"},
		"/日本／語/*":                        {"/日本／語/*"}, // a request has the same first reading
		"/%2525252e/*":                   {"/%2525252e/*"},
		"/%f5%f6%f7%f9%fa%fb%fd%fe%ff/*": {"/\xf5\xf6\xf7\xf9\xfa\xfb\xfd\xfe\xff/%2A"},
	} {
		assert.Equal(t, want, PatternForms(pattern), pattern)
	}
}

func TestCheckPattern(t *testing.T) {
	const deep, long = "the path is percent-encoded more than three times", "the path is too long to be compared in all ways that servers read it"
	for pattern, want := range map[string]string{
		"/a/*/**":                                "",
		"/a%252e/*":                              "",
		"/%2525252e/**":                          deep,
		"/%" + strings.Repeat("25", 9000):        deep,
		"/" + strings.Repeat("..//;\\%00", 6000): long,
		"/%f5%f6%f7%f9%fa%fb%fd%fe%ff/*":         long,
		"/%f5%f6%f7%f9%fa%fb%fd%fe%ff/":          "",
		"/" + strings.Repeat("**/a*b*/", 2000):   "",
	} {
		if want == "" {
			assert.NoError(t, CheckPattern(pattern), "%.60s", pattern)
		} else {
			assert.EqualError(t, CheckPattern(pattern), want, "%.60s", pattern)
		}
	}
	assert.Len(t, PatternForms("/"+strings.Repeat("..//;\\%00", 6000)), 1)
}

// A trait too many makes readings that are the same as others.
func TestTraits(t *testing.T) {
	for path, want := range map[string]trait{
		"/a":             0,
		"/a/b-c_d/e":     0,
		"/a.b":           0,
		"/.a":            irregular,
		"/a/*":           irregular,
		"//a":            doubleSlash,
		"/a/b//":         doubleSlash,
		"/%61":           irregular,
		"/%61/b/c":       irregular,
		"/%61/b./.c/d..": irregular,
		"/%61/./b":       irregular,
		"/%61/..":        irregular,
		"/%61//b":        irregular | doubleSlash,
		"/%2f":           irregular | encodedSlash | doubleSlash,
		"/a%2fb":         irregular | encodedSlash,
		"/a%2f./b":       irregular | encodedSlash | earlyDots,
		`/a\b`:           irregular | backslash,
		`/a/\b`:          irregular | backslash | doubleSlash,
		`/a\/b`:          irregular | backslash | doubleSlash,
		`/a\b/c`:         irregular | backslash,
		"/a;x/b":         irregular | parameter,
		"/a;x=1/b/c":     irregular | parameter,
		"/;x/b":          irregular | parameter | doubleSlash,
		"/;x=%c3%a9/b":   irregular | parameter | doubleSlash,
		"/a;x/../b":      irregular | parameter | earlyDots,
		"/a/b/;x=../c":   irregular | parameter | doubleSlash,
		"/%00a":          irregular | control,
		"/%00/b":         irregular | control | doubleSlash,
		"/%c0%aea":       irregular | overlong,
		"/a．b":           irregular | wide,
		"/日本":            0,
		"/%2541":         irregular | twice,
		"/%252541":       irregular | twice | thrice,
		"/%25252541":     irregular | twice | thrice | deep,
		"/%252f":         irregular | twice | encodedSlash | doubleSlash,
		"/%252e%252e/a":  irregular | twice | earlyDots,
	} {
		assert.Equal(t, want, traits(path, true), "%s: %012b", path, traits(path, true))
	}
}
