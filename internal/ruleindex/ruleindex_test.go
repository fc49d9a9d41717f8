package ruleindex

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/alloctest"
	"github.com/outguard/outguard/internal/corpustest"
)

// all collects what a look-up finds, sorted.
func all(f Found) (found []int32) {
	for v, ok := f.Next(); ok; v, ok = f.Next() {
		found = append(found, v)
	}
	slices.Sort(found)
	return found
}

func newHosts(patterns ...string) *Hosts {
	h := NewHosts(len(patterns))
	for i, p := range patterns {
		h.Add(p, int32(i))
	}
	h.Done()
	return h
}

func TestHosts(t *testing.T) {
	h := newHosts("a.test", "*.a.test", "*", "x.*.test", "*.b*.test", "db-*.a.test", "a.*", "*.*.a.test", "localhost", "a.test", "*.x.y.z.a.test")
	for host, want := range map[string][]int32{
		"a.test":         {0, 2, 6, 9},
		"b.test":         {2},
		"x.a.test":       {1, 2, 3},
		"y.x.a.test":     {1, 2, 7},
		"db-1.a.test":    {1, 2, 5},
		"db-1.x.a.test":  {1, 2, 7},
		"xa.test":        {2},
		"x.b.test":       {2, 3, 4},
		"q.w.bcd.test":   {2, 4},
		"bcd.test":       {2},
		"a.com":          {2, 6},
		"a.b.com":        {2},
		"localhost":      {2, 8},
		"foo.localhost":  {2},
		"1.x.y.z.a.test": {1, 2, 7, 10},
	} {
		assert.Equal(t, want, all(h.Find(host)), host)
	}
	assert.Empty(t, all(newHosts().Find("a.test")))
}

// Which representation was chosen: exact hosts and suffixes in maps, the rest behind the labels
// they end in.
func TestHostsRepresentation(t *testing.T) {
	for _, c := range []struct {
		patterns                   []string
		exact, suffixes, patterns2 int
	}{
		{[]string{"a.test", "b.test", "a.test"}, 2, 0, 0},
		{[]string{"*.a.test", "*.b.test"}, 0, 2, 0},
		{[]string{"x.*.a.test", "*.b*.test", "a.*"}, 0, 2, 3},
		{[]string{"*"}, 0, 0, 0},
	} {
		exact, suffixes, patterns := newHosts(c.patterns...).Size()
		assert.Equal(t, []int{c.exact, c.suffixes, c.patterns2}, []int{exact, suffixes, patterns}, c.patterns)
	}
}

// A feed's hosts share one list, however many they are.
func TestListsAreShared(t *testing.T) {
	h := NewHosts(1000)
	for i := range 1000 {
		h.AddExact(fmt.Sprintf("h%d.test", i), 1)
		h.AddExact(fmt.Sprintf("h%d.test", i), 2)
	}
	assert.Len(t, h.cells, 2)
}

func newAddrs(prefixes ...string) *Addrs {
	a := &Addrs{}
	for i, p := range prefixes {
		a.Add(netip.MustParsePrefix(p), int32(i))
	}
	a.Done()
	return a
}

func TestAddrs(t *testing.T) {
	a := newAddrs("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "0.0.0.0/0", "::/0", "fe80::/10", "10.1.0.0/16", "255.255.255.255/32", "ffff::/16", "10.2.0.0/15")
	for addr, want := range map[string][]int32{
		"10.0.0.0":        {0, 3},
		"10.1.2.3":        {0, 1, 2, 3, 6},
		"10.1.2.4":        {0, 1, 3, 6},
		"10.3.255.255":    {0, 3, 9},
		"10.4.0.0":        {0, 3},
		"11.0.0.0":        {3},
		"9.255.255.255":   {3},
		"0.0.0.0":         {3},
		"255.255.255.255": {3, 7},
		"::":              {4},
		"fe80::1":         {4, 5},
		"fec0::":          {4},
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": {4, 8},
	} {
		assert.Equal(t, want, all(a.Find(netip.MustParseAddr(addr))), addr)
	}
	assert.Empty(t, all(newAddrs().Find(netip.MustParseAddr("::1"))))
	assert.Empty(t, all(newAddrs("10.0.0.0/8").Find(netip.MustParseAddr("::1"))))
	assert.Empty(t, all(newAddrs("10.0.0.0/8").Find(netip.MustParseAddr("9.9.9.9"))))
	assert.Empty(t, all(newAddrs("ffff::/16").Find(netip.MustParseAddr("fffe::"))))
}

// pathCase is a pattern, a path, and whether it matches narrowly and widely.
type pathCase struct {
	pattern, path string
	narrow, wide  bool
}

var pathCases = []pathCase{
	{"/", "/", true, true},
	{"/", "/a", false, false},
	{"/a", "/a", true, true},
	{"/a", "/a/", false, false},
	{"/a/", "/a", false, false},
	{"/a/*", "/a/b", true, true},
	{"/a/*", "/a/", false, false},
	{"/a/*", "/a", false, false},
	{"/a/*", "/a/b/c", false, false},
	{"/a/*", "/a/b/", false, false},
	{"/a/*/", "/a/b/", true, true},
	{"/*", "/a", true, true},
	{"/*", "/", false, false},
	{"/**", "/", true, true},
	{"/**", "/a/b", true, true},
	{"/a/**", "/a", false, true},
	{"/a/**", "/a/", true, true},
	{"/a/**", "/a/b/c", true, true},
	{"/a/**", "/ab", false, false},
	{"/*/**", "/a", false, true},
	{"/*/**", "/a/", true, true},
	{"/a/**/b", "/a/b", true, true},
	{"/a/**/b", "/a/x/y/b", true, true},
	{"/a/**/b", "/a/x/y/b/", false, false},
	{"/a/**/b", "/ab", false, false},
	{"/a/**/b/*", "/a/b/b/b/c", true, true},
	{"/a/**/b/**/c", "/a/b/x/c", true, true},
	{"/a/**/b/**/c", "/a/x/c", false, false},
	{"/**/x", "/x", true, true},
	{"/**/x", "/y", false, false},
	{"/**/**", "/", true, true},
	{"/a/**/**", "/a", false, true},
	{"/a/**/**", "/a/b", true, true},
	{"/a/**/**/b", "/a/b", true, true},
	{"/**/**/a/", "/a", false, false},
	{"/**/*", "/", false, false},
	{"/**/*/**", "/a", false, true},
	{"/**/*/**", "/a/b", true, true},
	{"/*/**/b/**", "/a/b", false, true},
	{"/f/*.json", "/f/x.json", true, true},
	{"/f/*.json", "/f/x.json.exe", false, false},
	{"/f/*.json", "/f/x/y.json", false, false},
	{"/f/a*b*c", "/f/abbbc", true, true},
	{"/f/a*b*c", "/f/ac", false, false},
	{"/a%2Ab", "/a%2Ab", true, true},
	{"/a%2Ab", "/axb", false, false},
	{"/a.b", "/axb", false, false},
	{"/a[b]", "/a[b]", true, true},
	{"/a{b,c}", "/ab", false, false},
}

func TestPath(t *testing.T) {
	for _, c := range pathCases {
		assert.Equal(t, c.narrow, matches(NewPath(c.pattern, false), c.path), "%s %s", c.pattern, c.path)
		assert.Equal(t, c.wide, matches(NewPath(c.pattern, true), c.path), "wide %s %s", c.pattern, c.path)
	}
}

// matches reports whether a path matches, however long that takes.
func matches(p *Path, path string) bool {
	left := math.MaxInt
	return p.Match(path, &left)
}

// A pattern with many "**" takes no memory. Work that grows with the square of the path would not
// end in the time that a test has.
func TestLongPaths(t *testing.T) {
	p := NewPath(strings.Repeat("/**/a", 50)+"/b", false)
	path := strings.Repeat("/a", 2000)
	alloctest.AtMost(t, 0, func() { assert.False(t, matches(p, path)) })
	for _, pattern := range []string{"/**/a/a/a/a/b", "/**/a*b*c*d/**/b", "/*a*a*a*a*b", "/**/*/**/*a", "/a/**/b/**/c/**/a/b/c*d", "/*"} {
		for _, wide := range []bool{false, true} {
			p := NewPath(pattern, wide)
			for _, unit := range corpustest.Units {
				matches(p, corpustest.Long("/", unit, corpustest.Times(128<<10, 1<<20)))
			}
		}
	}
}

// The steps that are taken from a bound are linear in the path, and a search for a text that is not
// in it takes one for 16 bytes.
func TestSteps(t *testing.T) {
	taken := func(p *Path, unit string, n int) int {
		left := 1 << 40
		p.Match(corpustest.Long("/", unit, n), &left)
		return 1<<40 - left
	}
	for _, pattern := range []string{"/**/a/**/b", "/**/a/a/a/a/b", "/**/a*b*c*d/**/b", "/*a*a*a*a*b", "/**/*/**/*a", "/a/**/b/**/c/**/a/b/c*d", "/**/*/*/a/*/**/x"} {
		p := NewPath(pattern, false)
		for _, unit := range append(corpustest.Units, "a/", "/a", "a/b/", "ab/") {
			assert.LessOrEqual(t, taken(p, unit, 64<<10), 9*max(taken(p, unit, 8<<10), 100), "%s %q", pattern, unit)
		}
	}
	p := NewPath("/**/text/**/other", false)
	assert.InDelta(t, 64<<10/16, taken(p, "a/", 64<<10), 10)
	left := 100
	assert.False(t, p.Match(corpustest.Long("/", "a/", 64<<10)+"text/other", &left))
	assert.Negative(t, left, "it gave up")
	assert.False(t, p.Match("/text/other", &left), "nothing is left")
}

// Patterns of many segments match as others do.
func TestLongPatterns(t *testing.T) {
	for _, n := range []int{1, 31, 62, 63, 64, 65, 127, 128, 129, 255, 256, 300} {
		long := strings.Repeat("/a", n)
		p := NewPath("/**"+long+"/*/**/b", false)
		assert.True(t, matches(p, long+"/x/b"), n)
		assert.True(t, matches(p, "/x/a"+long+"/x/y/z/b"), n)
		assert.False(t, matches(p, long+"/b"), n)
		assert.False(t, matches(p, long[2:]+"/x/b"), n)
		assert.False(t, matches(p, long+"/x/c"), n)
		assert.True(t, matches(NewPath("/*"+long+"/**", true), "/x"+long), n)
		assert.False(t, matches(NewPath("/*"+long+"/**", false), "/x"+long), n)
		assert.True(t, matches(NewPath("/**"+long, false), long), n)
	}
}

var hostSeeds = []struct{ patterns, host string }{
	{"a.test *.a.test * x.*.test *.b*.test", "x.a.test"},
	{"db-*.a.test a.* *.*.a.test", "db-1.a.test"},
	{"*.x.y.z.a.test *a.test *-*.test", "1.x.y.z.a.test"},
	{"a*b*c.test *.a*", "abbc.test"},
}

// FuzzHosts holds the index to a loop over all patterns, each matched by gobwas/glob.
func FuzzHosts(f *testing.F) {
	for _, s := range hostSeeds {
		f.Add(s.patterns, s.host)
	}
	valid := regexp.MustCompile(`^([a-z0-9_*-]{1,20}\.)*[a-z0-9_*-]{1,20}$`)
	f.Fuzz(func(t *testing.T, patterns, host string) {
		if !valid.MatchString(host) || strings.Contains(host, "*") {
			return
		}
		var kept []string
		for _, p := range strings.Fields(patterns) {
			if valid.MatchString(p) && !strings.Contains(p, "**") {
				kept = append(kept, p)
			}
		}
		var want []int32
		for i, p := range kept {
			if corpustest.MatchHost(p, host) {
				want = append(want, int32(i))
			}
		}
		assert.Equal(t, want, all(newHosts(kept...).Find(host)), "%q %s", kept, host)
	})
}

// FuzzPath holds path patterns to a regular expression.
func FuzzPath(f *testing.F) {
	for _, c := range pathCases {
		f.Add(c.pattern, c.path)
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if !strings.HasPrefix(pattern, "/") || !strings.HasPrefix(path, "/") || len(pattern) > 100 || !utf8.ValidString(pattern+path) {
			return
		}
		for segment := range strings.SplitSeq(pattern, "/") {
			if strings.Contains(segment, "**") && segment != "**" {
				return
			}
		}
		for _, wide := range []bool{false, true} {
			assert.Equal(t, corpustest.MatchPath(pattern, path, wide), matches(NewPath(pattern, wide), path), "%q %q wide %v", pattern, path, wide)
		}
	})
}

var addrSeeds = []struct{ prefixes, addr string }{
	{"10.0.0.0/8 10.1.0.0/16 0.0.0.0/0 ::/0", "10.1.2.3"},
	{"fe80::/10 ffff::/16 255.0.0.0/8", "ffff::1"},
	{"255.255.255.255/32 ::/128", "::"},
}

// FuzzAddrs holds the ranges to a loop over all prefixes.
func FuzzAddrs(f *testing.F) {
	for _, s := range addrSeeds {
		f.Add(s.prefixes, s.addr)
	}
	f.Fuzz(func(t *testing.T, prefixes, addr string) {
		at, err := netip.ParseAddr(addr)
		if err != nil || at.Zone() != "" || at.Is4In6() {
			return
		}
		a := &Addrs{}
		var want []int32
		for i, text := range strings.Fields(prefixes) {
			p, err := netip.ParsePrefix(text)
			if err != nil || p.Addr().Is4In6() {
				continue
			}
			a.Add(p, int32(i))
			if p.Masked().Contains(at) {
				want = append(want, int32(i))
			}
		}
		a.Done()
		require.Equal(t, want, all(a.Find(at)), "%q %s", prefixes, at)
	})
}
