package awsmiddleware

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The operation that a form names, wherever the SDK's order has put it.
func TestTheOperationOfAForm(t *testing.T) {
	for text, want := range map[string]string{
		"Action=Publish&Message=x": "same",
		"Accounts.member.1=111122223333&Action=Publish&Regions.member.1=x": "same",
		"AWSAccountId.member.1=x&Action=DeleteTopic&Label=x":               "other",
		"Action=publish":                    "same",
		"Action=DeleteTopic":                "other",
		"ActionName.member.1=Publish":       "none",
		"Message=x&Action=Publish":          "none",
		"Abc=x":                             "none",
		`{"Message":"&Action=DeleteTopic"}`: "none",
		"":                                  "none",
	} {
		var c content
		c.of(strings.NewReader(text), "Publish")
		got := map[[2]bool]string{{true, false}: "same", {true, true}: "other"}[[2]bool{c.form, c.other}]
		if got == "" {
			got = "none"
		}
		assert.Equal(t, want, got, text)
		assert.True(t, c.known, text)
		assert.EqualValues(t, len(text), c.size, text)
	}
}
