package pattern

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNetwork(t *testing.T) {
	for text, want := range map[string][]string{
		"10.0.0.0/8": {"10.0.0.0/8"}, "http://10.0.0.0/8": {"10.0.0.0/8"}, "10.1.2.3/8": {"10.0.0.0/8"}, "[fd00::]/8": {"fd00::/8"}, "fd00::/8": {"fd00::/8"}, "::1/128": {"::1/128"},
		"10.0.0.0/255.255.0.0": {"10.0.0.0/16"}, "10.0.0.0-10.0.0.255": {"10.0.0.0/24"}, "10.0.0.0 - 10.0.0.3": {"10.0.0.0/30"}, "10.0.0.1–2": {"10.0.0.1/32", "10.0.0.2/32"},
		"fd00::1-fd00::2": {"fd00::1/128", "fd00::2/128"}, "10.*.*.*": {"10.0.0.0/8"}, "192.168.*": {"192.168.0.0/16"},
		"0.0.0.0-255.255.255.255": {"0.0.0.0/0"}, "255.255.255.255-255.255.255.255": {"255.255.255.255/32"},

		"10.0.0.1": nil, "http://10.0.0.1/8": nil, "http://10.0.0.0/8/x": nil, "10.0.0.0/255.0.255.0": nil, "10.0.0.9-10.0.0.1": nil, "10.0.0.1-fd00::1": nil,
		"api-1.example.com": nil, "*.example.com": nil, "256.*": nil, "10.*.1.*": nil, "": nil, "-": nil, "10.0.0.0/33": nil, "face-book.com": nil, "10.0.0.0/8:5432": nil,
	} {
		assert.Equal(t, want, Network(text), text)
	}
}

func TestSlip(t *testing.T) {
	for text, want := range map[string]string{
		" a": "a", "a\n": "a", "\u00a0a\u3000": "a", "“a”": "a", "'a'": "a", "'a": "a", "« a »": "a", "a\t": "a", "\"\"": "", "a\nb": "", "a\u00a0b": "", "a\x1bb": "ab", "a\u200bb": "ab",
	} {
		meant, p := Slip(text)
		assert.NotNil(t, p, "%q", text)
		assert.Equal(t, want, meant, "%q", text)
	}
	for _, text := range []string{"a", "a b", "it's", "receipts/Smith, John.pdf", "bücher.example", "a'b", "5\"6"} {
		meant, p := Slip(text)
		assert.Nil(t, p, "%q", text)
		assert.Equal(t, text, meant)
	}
}

func TestGlobs(t *testing.T) {
	for text, want := range map[string]string{
		"a{b,c}d": `write ["abd", "acd"]`, "a[bc]": `write ["ab", "ac"]`, "{a,b}/{c,d}": `write ["a/c", "a/d", "b/c", "b/d"]`, "v1/{id}": `write "v1/*"`, "[a-z]x": `write "*x"`,
		"a{b": "write each text", "a}b": "write each text", "[a{b]": "write each text", "{a,b,c,d,e,f,g,h,i,j,k,l,m}": "write each text",
	} {
		p := Globs(text, "*")
		if assert.NotNil(t, p, text) {
			assert.Contains(t, p.Fix, want, text)
		}
	}
	assert.Nil(t, Globs("a*b", "*"))
}
