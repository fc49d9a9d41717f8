package textclasses

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/ruleindex"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDivide(t *testing.T) {
	for _, c := range []struct {
		name     string
		language Language
		patterns []Pattern
		want     string // "text=patterns"
	}{
		{"no pattern", Hosts(), nil, "x="},
		{"a name", Hosts(), []Pattern{HostPattern("a.test")}, "x= a.test=0"},
		{"a domain and a name in it", Hosts(), []Pattern{HostPattern("*.b.test"), HostPattern("a.b.test")}, "x= x.b.test=0 a.b.test=01"},
		{"any", Hosts(), []Pattern{HostPattern("*"), HostPattern("a")}, "x=0 a=01"},
		{"within a label", Hosts(), []Pattern{HostPattern("a-*.test")}, "x= a-x.test=0"},
		{"paths", Paths(), []Pattern{PathPattern("/a/**", false), PathPattern("/*/b", false)}, "/= /a/=0 /x/b=1 /a/b=01"},
		{"a wide path", Paths(), []Pattern{PathPattern("/a/**", true)}, "/= /a=0"},
		{"many in the middle", Paths(), []Pattern{PathPattern("/a/**/b", false)}, "/= /a/b=0"},
		{"globs", Texts(), []Pattern{Glob("a?"), Glob("*b")}, "x= b=1 ax=0 ab=01"},
		{"the same twice", Names(), []Pattern{Glob("a*"), Glob("a*")}, "x= a=01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			classes, whole := Divide(c.language, c.patterns, 1000)
			assert.True(t, whole)
			var got []string
			for _, class := range classes {
				got = append(got, class.Text+"="+strings.Trim(strings.ReplaceAll(fmt.Sprint(class.Matches), " ", ""), "[]"))
			}
			assert.ElementsMatch(t, strings.Fields(c.want), got)
		})
	}
}

func TestDivideHasALimit(t *testing.T) {
	_, whole := Divide(Texts(), []Pattern{Glob("*abcdefghijklmnop*")}, 5)
	assert.False(t, whole)
}

// What the matchers of the guard say of a random text, the classes have: one of them is matched by
// the same patterns.
func TestCellsAreAllThereAre(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	some := func(sep string, from ...string) string {
		words := make([]string, 1+random.IntN(3))
		for i := range words {
			words[i] = pick(from...)
		}
		return strings.Join(words, sep)
	}
	type kind struct {
		language Language
		pattern  func() (Pattern, func(string) bool)
		text     func() string
	}
	paths := kind{Paths(), func() (Pattern, func(string) bool) {
		text, wide := "/"+some("/", "a", "b", "*", "**", "a*", "*b"), random.IntN(2) == 0
		p := ruleindex.NewPath(text, wide)
		return PathPattern(text, wide), func(s string) bool {
			left := math.MaxInt
			return p.Match(s, &left)
		}
	}, func() string { return "/" + some("/", "a", "b", "c", "ab", "acb") + pick("", "", "/") }}
	globs := kind{Texts(), func() (Pattern, func(string) bool) {
		text := some("", "a", "b", "*", "?")
		return Glob(text), func(s string) bool { return pattern.MatchGlob(text, s) }
	}, func() string { return some("", "a", "b", "c", "ab") }}
	hosts := kind{Hosts(), func() (Pattern, func(string) bool) {
		text := pick("", "*.") + some(".", "a", "b", "a*", "x-*")
		h := ruleindex.NewHosts(1)
		h.Add(text, 0)
		h.Done()
		return HostPattern(text), func(s string) bool {
			found := h.Find(s)
			_, ok := found.Next()
			return ok
		}
	}, func() string { return some(".", "a", "b", "c", "ab", "x-y") }}
	for range 300 {
		for _, k := range []kind{paths, globs, hosts} {
			var patterns []Pattern
			var matches []func(string) bool
			for range 1 + random.IntN(4) {
				p, m := k.pattern()
				patterns, matches = append(patterns, p), append(matches, m)
			}
			vector := func(text string) string {
				var b strings.Builder
				for _, m := range matches {
					fmt.Fprint(&b, m(text), " ")
				}
				return b.String()
			}
			classes, whole := Divide(k.language, patterns, 10000)
			require.True(t, whole)
			have := map[string]bool{}
			for _, c := range classes {
				have[vector(c.Text)] = true
			}
			require.Len(t, have, len(classes), "classes differ in what matches them")
			for range 50 {
				text := k.text()
				require.True(t, have[vector(text)], "%s: %s", text, vector(text))
			}
		}
	}
}
