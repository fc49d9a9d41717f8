package httprules

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// A kind that no engine judges is refused: with "any" it would otherwise open every host.
func TestCompileRefusesAnUnknownKind(t *testing.T) {
	for _, kind := range []rule.Kind{0, rule.Kind(len(rule.KindKeys()) + 1), 200} {
		for _, mode := range []pattern.Mode{pattern.Narrow, pattern.Wide, 0} {
			_, err := Compile([]rule.Rule{{Mode: mode, Kind: kind, Any: true, Origin: rule.Origin{ID: "r"}}})
			assert.ErrorContains(t, err, "rule r is of a kind that no engine judges")
		}
	}
	for _, key := range rule.KindKeys() {
		_, err := Compile([]rule.Rule{{Mode: pattern.Narrow, Kind: rule.KindOf(key).Kind}})
		assert.NoError(t, err, "%s has no row in judged", key)
	}
}

// A subject of a kind that this engine does not judge is refused, also in an except:.
func TestCompileRefusesAnUnknownSubject(t *testing.T) {
	other := []pattern.Pattern{&pattern.AWS{Text: "sqs:SendMessage"}}
	for _, r := range []rule.Rule{
		{Mode: pattern.Narrow, Kind: rule.HTTP, Subject: other},
		{Mode: pattern.Wide, Kind: rule.HTTP, Any: true, Except: other},
	} {
		_, err := Compile([]rule.Rule{r})
		assert.ErrorContains(t, err, "sqs:SendMessage is of a kind that this engine does not judge")
	}
}

// The zero conditions are about no call: those of a kind that another engine judges.
func TestZeroConditionsAreAboutNoCall(t *testing.T) {
	for _, mode := range []pattern.Mode{pattern.Narrow, pattern.Wide} {
		c, err := conditionsOf(&rule.Rule{Kind: rule.AWS, Mode: mode, Any: true})
		assert.NoError(t, err)
		assert.False(t, c.about(requests|connections|parts))
	}
}
