package canon

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readings are all the ways to read the path of an URL, each once, RFC 3986's first.
func readings(p Path) (all []string) {
	for i := range p.Readings() {
		if s := string(p.Reading(i, nil)); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

var readingCases = map[string][]string{
	"https://h":                    {"/"},
	"https://h/":                   {"/"},
	"https://h/a/b":                {"/a/b"},
	"https://h/a/./b":              {"/a/b"},
	"https://h/a/../b":             {"/b"},
	"https://h/../../b":            {"/b"},
	"https://h/a/..":               {"/"},
	"https://h/a/b/..":             {"/a/"},
	"https://h/a/.":                {"/a/"},
	"https://h/a/%2e%2E/b":         {"/b"},
	"https://h/a/...":              {"/a/..."},
	"https://h/.a/..b":             {"/.a/..b"},
	"https://h/%61":                {"/a"},
	"https://h/a%20b":              {"/a b"},
	"https://h/100%25":             {"/100%25"},
	"https://h/a%2Fb":              {"/a%2Fb", "/a/b"},
	"https://h/a%2f..%2fb":         {"/a%2F..%2Fb", "/b"},
	"https://h//a":                 {"//a", "/a"},
	"https://h/a//../b":            {"/a/b", "/b"},
	`https://h/a\..\b`:             {`/a\..\b`, "/b"},
	"https://h/a;x=1/b":            {"/a;x=1/b", "/a/b"},
	"https://h/a/;/../b":           {"/a/b", "/b"},
	"https://h/a/..;/b":            {"/a/..;/b", "/b"},
	"https://h/a%00/b":             {"/a\x00/b", "/a/b"},
	"https://h/a/%252e%252e/b":     {"/a/%252e%252e/b", "/b"},
	"https://h/a/%25252e%25252e/b": {"/a/%25252e%25252e/b", "/b"},
	"https://h/a%253Bx":            {"/a%253Bx", "/a;x", "/a"},
}

func TestReadings(t *testing.T) {
	for url, want := range readingCases {
		r, err := http.NewRequest("GET", url, nil)
		require.NoError(t, err, url)
		q, err := Parse(r, new(Buf))
		require.NoError(t, err, url)
		assert.Equal(t, want, readings(q.Path), url)
	}
}
