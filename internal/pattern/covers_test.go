package pattern

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// covers is sound: whatever the narrower pattern matches, the wider one matches too.
func TestPathCovers(t *testing.T) {
	for _, c := range []struct {
		p, q string
		want bool
	}{
		{"", "", true}, {"", "/a", true}, {"/**", "", true}, {"/a", "", false}, {"/a", "/a", true}, {"/a", "/b", false},
		{"/a/**", "/a/b/c", true}, {"/a/**", "/a/**", true}, {"/a/**", "/a", false}, {"/a/**", "/a/*/c", true}, {"/a/*", "/a/**", false},
		{"/a/*", "/a/b", true}, {"/a/*", "/a/", false}, {"/a/*", "/a/b*", true}, {"/a/b*", "/a/*", false}, {"/**/z", "/a/z", true},
		{"/**/z", "/a/**/z", true}, {"/**/z", "/a/**", false}, {"/*/**", "/**", false}, {"/a*c", "/ab*c", true}, {"/a*c", "/a*d", false},
		// In time that does not double with each **.
		{strings.Repeat("/**/a", 500) + "/b", strings.Repeat("/a", 2000) + "/c", false},
	} {
		assert.Equal(t, c.want, pathCovers(c.p, c.q), "%s covers %s", c.p, c.q)
	}
}

func TestHostCovers(t *testing.T) {
	for _, c := range []struct {
		p, q string
		want bool
	}{
		{"a.com", "a.com", true}, {"a.com", "b.a.com", false}, {"*.a.com", "b.a.com", true}, {"*.a.com", "c.b.a.com", true},
		{"*.a.com", "a.com", false}, {"*.a.com", "xa.com", false}, {"*.a.com", "*.b.a.com", true}, {"*.b.a.com", "*.a.com", false},
		{"api-*.a.com", "api-1.a.com", true}, {"api-*.a.com", "api-*-x.a.com", true}, {"api-*.a.com", "*.a.com", false},
		{"*.x-*.com", "a.x-1.com", false}, {"x-*.com", "*.com", false},
	} {
		assert.Equal(t, c.want, hostCovers(c.p, c.q), "%s covers %s", c.p, c.q)
	}
}
