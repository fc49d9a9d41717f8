package awsrules

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMayBe(t *testing.T) {
	for _, tt := range []struct {
		pattern, resource string
		want              bool
	}{
		{"stack/prod/0a1b", "stack/prod/*", true}, {"stack/prod/0a1b/x", "stack/prod/*", true}, {"stack/dev/0a1b", "stack/prod/*", false}, {"stack/*", "stack/prod/*", true},
		{"group:1a:name/web", "group:*:name/web", true}, {"group:1a:name/web/*", "group:*:name/api", false}, {"group:1a:name/we?", "group:*:name/web", true},
		{"a/o-1/2/*", "a/*/3", false}, {"a/o-1/3", "a/*/3", true}, {"a/o-1/x/3", "a/*/3", false}, {"a/o-1/x/3", "a/*/*/3", true}, {"*", "a/*/3", true}, {"*3", "a/*/3", true},
		{"*4", "a/*/3", false}, {"", "*", true}, {"", "a", false}, {"a", "", false}, {"regional/webacl/n/1", "*/webacl/n/1", true}, {"regional/webacl/n/2", "*/webacl/n/1", false},
	} {
		assert.Equal(t, tt.want, mayBe(tt.pattern, tt.resource), "%s and %s", tt.pattern, tt.resource)
	}
}
