package ruleindex

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Patterns of any number of segments match, where that number is near those that machines like.
func TestPlacesOfManySegments(t *testing.T) {
	for n := 60; n < 132; n++ {
		begin := strings.Repeat("/a", n)
		for _, c := range []struct {
			pattern, path string
			want          bool
		}{
			{begin + "/*", begin + "/x", true},
			{begin + "/*", begin + "/", false},
			{begin + "/*", begin[2:] + "/x", false},
			{begin + "/**/b", begin + "/b", true},
			{begin + "/**/b", begin + "/x/b", true},
			{begin + "/**/b", begin + "/x/y/a/b", true},
			{begin + "/**/b", begin + "/x/c", false},
			{begin + "/**/b", begin[2:] + "/b", false},
			{begin + "/**/b/**", begin + "/x/b/y", true},
			{begin + "/**/b/**", begin + "/x/y", false},
			{begin + "/**/b/**/c*/**/d", begin + "/b/c/d", true},
			{begin + "/**/b/**/c*/**/d", begin + "/b/d/c", false},
			{begin + "/**/*/**/b", begin + "/b", false},
			{begin + "/**/*/**/b", begin + "/x/b", true},
		} {
			assert.Equal(t, c.want, matches(NewPath(c.pattern, false), c.path), "%d: %s %s", n, c.pattern[len(begin):], c.path)
		}
	}
}

func TestPartialSegments(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"/a*b/x", "/ab/x", true},
		{"/a*b/x", "/a/x", false},
		{"/a*b/x", "/b/x", false},
		{"/a*/x", "/a/x", true},
		{"/*a*/x", "/a/x", true},
		{"/*a*/x", "//x", false},
		{"/a*a/x", "/a/x", false},
		{"/ab*b*c/x", "/abac/x", false},
	} {
		assert.Equal(t, c.want, matches(NewPath(c.pattern, false), c.path), "%s %s", c.pattern, c.path)
	}
}

// A letter of a label counts for one piece of a pattern.
func TestWildLabels(t *testing.T) {
	for host, want := range map[string][]int32{
		"a.test": nil, "aa.test": {0}, "aba.test": {0},
		"xyz.test": {1}, "xz.test": nil, "xaz.test": nil, "xz.y.test": nil,
	} {
		assert.Equal(t, want, all(newHosts("a*a.test", "x*y*z.test").Find(host)), host)
	}
}

// The index knows suffixes of up to 62 labels by their number, and longer ones together.
func TestHostsOfManyLabels(t *testing.T) {
	for n := 1; n <= 120; n++ {
		suffix := strings.Repeat("a.", n-1) + "test"
		h := newHosts("*."+suffix, "x*.y."+suffix)
		assert.Equal(t, []int32{0}, all(h.Find("x."+suffix)), n)
		assert.Equal(t, []int32{0, 1}, all(h.Find("xx.y."+suffix)), n)
		assert.Empty(t, all(h.Find(suffix)), n)
		assert.Empty(t, all(h.Find("x"+suffix)), n)
	}
}
