package awscall

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A field that is given twice is contradictory in whatever order the map has its spellings, also if
// one value is empty.
func TestHeaderDoesNotDependOnTheOrderOfTheMap(t *testing.T) {
	const kmsKey = "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"
	for _, field := range []string{
		"X-Amz-Target", "Content-Type", "X-Amzn-Authorization", "X-Amz-Copy-Source", "X-Amzn-Bedrock-Guardrailidentifier",
		"X-Amz-Expected-Bucket-Owner", kmsKey,
	} {
		lower := strings.ToLower(field)
		for _, from := range []http.Header{
			{field: {"a"}, lower: {""}},
			{field: {"a"}, lower: {"b"}},
			{field: {"", "a"}},
			{field: {"a", " "}},
		} {
			for range 30 {
				var h header
				h.read(from)
				assert.True(t, h.contradictory, "%v", from)
			}
		}
		for _, from := range []http.Header{{field: {""}}, {field: {"a"}, lower: {"a", "a"}}, {field: {"", ""}}, {field: nil, lower: {"a"}}} {
			var h header
			h.read(from)
			assert.False(t, h.contradictory, "%v", from)
		}
	}
	// Each value is sent, so that each may ask for something.
	var h header
	h.read(http.Header{"X-Amz-Acl": {"", "public-read"}})
	assert.NotZero(t, h.adds)
}
