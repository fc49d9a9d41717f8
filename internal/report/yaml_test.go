package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What needs no quotes in YAML is written without, at both ends of each range.
func TestYAML(t *testing.T) {
	for text, want := range map[string]string{
		"azAZ09/:*._-+=@$~%": "azAZ09/:*._-+=@$~%",
		"z9Z":                "z9Z",
		"receipts/*":         "receipts/*",
		"":                   `""`,
		"*":                  `"*"`,
		"*/a":                `"*/a"`,
		"@a":                 `"@a"`,
		"-a":                 `"-a"`,
		"%a":                 `"%a"`,
		"~":                  `"~"`,
		"null":               `"null"`,
		"Yes":                `"Yes"`,
		"a-":                 "a-",
		"a:":                 `"a:"`,
		"[::1]:80":           `"[::1]:80"`,
		"10.0.0.1:80":        "10.0.0.1:80",
		"a b":                `"a b"`,
		"a?b":                `"a?b"`,
		"a{b":                `"a{b"`,
		"a`b":                "\"a`b\"",
		"a[b":                `"a[b"`,
		"a, b":               `"a, b"`,
		"a#b":                `"a#b"`,
		"é":                  `"é"`,
		"${X}":               `"$${X}"`,
		"say \"hi\"":         `"say \"hi\""`,
		"line\n- aws: any\n": `"line\n- aws: any\n"`,
	} {
		assert.Equal(t, want, YAML(text), "%q", text)
	}
}
