package httprules

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// A kind that no engine judges is refused: with "any" it would otherwise open every host.
func TestCompileRefusesAnUnknownKind(t *testing.T) {
	for _, kind := range []rule.Kind{0, rule.Net + 1, 200} {
		_, err := Compile([]rule.Rule{{Mode: pattern.Narrow, Kind: kind, Any: true, Origin: rule.Origin{ID: "r"}}})
		assert.ErrorContains(t, err, "rule r is of a kind that no engine judges")
	}
	for _, kind := range []rule.Kind{rule.HTTP, rule.AWS, rule.IP, rule.Net} {
		_, err := Compile([]rule.Rule{{Mode: pattern.Narrow, Kind: kind}})
		assert.NoError(t, err)
	}
}
