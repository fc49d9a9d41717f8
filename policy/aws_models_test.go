package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A call to a profile of Bedrock's is one to its model, in whatever region; a guardrail needs an
// action of its own.
func TestModelsOfBedrock(t *testing.T) {
	converse := func(id string) AWSCall {
		return AWSCall{Service: "Bedrock Runtime", Operation: "Converse", Region: "eu-west-1", Input: &struct{ ModelId *string }{str(id)}}
	}
	guarded := AWSCall{Service: "Bedrock Runtime", Operation: "InvokeModel", Region: "eu-west-1", Input: &struct{ ModelId, GuardrailIdentifier *string }{str("anthropic.claude-v2"), str("g1")}}
	const (
		profile = "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-v2"
		made    = "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/0a1b"
	)
	for _, tt := range []struct {
		rules string
		call  AWSCall
		want  bool
	}{
		{`blacklist: [{aws: "bedrock:*", resources: "foundation-model/anthropic.*"}]`, converse("eu.anthropic.claude-v2"), false},
		{`blacklist: [{aws: "bedrock:*", resources: "foundation-model/anthropic.*"}]`, converse("eu.amazon.nova-pro"), true},
		{`blacklist: [{aws: "bedrock:*", resources: "foundation-model/anthropic.*"}]`, converse(profile), false},
		{`blacklist: [{aws: "bedrock:*", resources: "foundation-model/anthropic.*"}]`, converse(made), false},
		{`blacklist: [{aws: "bedrock:*", resources: "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.*"}]`, converse("eu.anthropic.claude-v2"), false},
		{`blacklist: [{aws: "bedrock:*", resources: "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.*"}]`, converse(profile), false},
		{`blacklist: [{aws: "bedrock:*", resources: "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.*"}]`, converse("anthropic.claude-v2"), true},
		{`blacklist: [{aws: "bedrock:*", resources: "foundation-model/*", regions: [us-east-1]}]`, converse("us.anthropic.claude-v2"), false},
		{`blacklist: [{aws: "bedrock:*", resources: "foundation-model/*", regions: [us-east-1]}]`, converse("anthropic.claude-v2"), true},
		{`whitelist: [{aws: "bedrock:InvokeModel", resources: "inference-profile/eu.anthropic.*"}]`, converse("eu.anthropic.claude-v2"), true},
		{`whitelist: [{aws: "bedrock:InvokeModel", resources: "arn:aws:bedrock:*::foundation-model/*"}]`, converse("eu.anthropic.claude-v2"), false},
		{`whitelist: [{aws: "bedrock:InvokeModel"}]`, guarded, false},
		{`whitelist: [{aws: ["bedrock:InvokeModel", "bedrock:ApplyGuardrail"]}]`, guarded, true},
		{`whitelist: [{aws: "bedrock:*"}]`, guarded, true},
		{`blacklist: [{aws: "bedrock:ApplyGuardrail"}]`, guarded, false},
	} {
		d := parsed(t, tt.rules+"\n").Decide(Call{AWS: tt.call})
		assert.Equal(t, tt.want, d.Allowed(), "%s: %s", tt.rules, d.Reason)
	}
}
