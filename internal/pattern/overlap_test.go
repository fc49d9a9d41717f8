package pattern

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGlobsOverlap(t *testing.T) {
	for _, c := range []struct {
		p, q string
		want bool
	}{
		{"a", "a", true}, {"a", "b", false}, {"a*", "*b", true}, {"a*", "b*", false}, {"*", "", true}, {"a?c", "ab*", true}, {"a?c", "ac", false}, {"*a*", "b", false}, {"*a*b", "a*", true},
		{"?", "", false}, {"??", "a*", true}, {strings.Repeat("*a", 400), strings.Repeat("a*", 400) + "b", true},
	} {
		assert.Equal(t, c.want, GlobsOverlap(c.p, c.q), "%s %s", c.p, c.q)
		assert.Equal(t, c.want, GlobsOverlap(c.q, c.p), "%s %s", c.q, c.p)
	}
}

// Two patterns that both match a text overlap: an oracle by brute force.
func TestGlobsOverlapWhereBothMatch(t *testing.T) {
	texts := []string{""}
	for range 3 {
		for _, s := range texts {
			texts = append(texts, s+"a", s+"b")
		}
	}
	globs := []string{"", "a", "*", "?", "a*", "*a", "a?", "?b", "*a*", "a*b", "b*a", "??", "*?*", "ab", "ba*"}
	for _, p := range globs {
		for _, q := range globs {
			both := anyOf(texts, func(s string) bool { return MatchGlob(p, s) && MatchGlob(q, s) })
			assert.Equal(t, both, GlobsOverlap(p, q), "%q %q", p, q)
		}
	}
}

func TestOverlaps(t *testing.T) {
	http := func(s string) Pattern { p, err := ParseHTTP(s, Wide); require.NoError(t, err, s); return &p }
	for _, c := range []struct {
		p, q string
		want bool
	}{
		{"*.a.com", "b.a.com", true}, {"*.a.com", "a.com", false}, {"*.a.com", "*.b.a.com", true}, {"*.com", "*.a.com", true}, {"a.com", "b.com", false}, {"*", "a.com", true},
		{"http://a.com", "https://a.com", false}, {"a.com:80", "a.com:443", false}, {"a.com/x/**", "a.com/x/y", true}, {"a.com/x", "a.com/y", false}, {"a.com/*/y", "a.com/x/*", true},
		{"10.0.0.1", "10.0.0.2", false}, {"10.0.0.1", "a.com", false}, {"api-*.a.com", "api-1.a.com", true}, {"api-*.a.com", "www.a.com", false}, {"a.com/**/z", "a.com/x", true},
	} {
		assert.Equal(t, c.want, Overlaps(http(c.p), http(c.q)), "%s %s", c.p, c.q)
		assert.Equal(t, c.want, Overlaps(http(c.q), http(c.p)), "%s %s", c.q, c.p)
	}
}

func TestOperationsOverlap(t *testing.T) {
	for _, c := range []struct {
		p, q string
		want bool
	}{
		{"sqs:Send*", "sqs:Receive*", false}, {"sqs:*", "sqs:Receive*", true}, {"sqs:*Message", "sqs:Send*", true}, {"s3:List*", "s3:ListObjects*", true},
		{"s3:ListObjects*", "s3:ListBuck*", true}, {"lambda:Invoke", "lambda:InvokeF*", true}, {"lambda:Invoke*", "lambda:Get*", false}, {"sqs:Send*", "sns:Publish*", false},
		{"dynamodb:Batch*", "dynamodb:Get*", false}, {"s3:Head*", "s3:GetO*", true},
	} {
		p, err := ParseAWS(c.p, Wide)
		require.NoError(t, err)
		q, err := ParseAWS(c.q, Wide)
		require.NoError(t, err)
		assert.Equal(t, c.want, Overlaps(&p, &q), "%s %s", c.p, c.q)
		assert.Equal(t, c.want, Overlaps(&q, &p), "%s %s", c.q, c.p)
	}
}

func TestOpenLabel(t *testing.T) {
	for host, want := range map[string]string{
		"*github.com": "*github", "acme*.github.io": "acme*", "*-api.com": "*-api", "a.b*.co.uk": "b*", "x*.s3.eu-west-1.amazonaws.com": "x*", "a*b.com.au": "a*b",
		"*.github.com": "", "api-*.example.com": "", "*.b-*.example.com": "", "github.com": "", "*": "", "x*.me.github.io": "", "*.com": "", "api.*": "",
	} {
		label, _ := openLabel(host)
		assert.Equal(t, want, label, host)
	}
}
