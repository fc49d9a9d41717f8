package policy

import (
	"io"
	"net/http"
	"strings"
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

// The body of a signed request may be too long to be read, or be written while it is sent. A
// guardrail that it may name counts for a blacklist alone.
func TestGuardrailsInBodiesThatCannotBeRead(t *testing.T) {
	long := `{"messages":[],"padding":"` + strings.Repeat("x", 300<<10) + `","guardrailConfig":{"guardrailIdentifier":"g1"}}`
	request := func(operation, body string, again bool) Call {
		r := signedBy(t, ownKey, "bedrock", http.MethodPost, "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-v2/"+operation)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		if again {
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
		}
		return Call{HTTP: r, Via: ViaTransport}
	}
	for _, tt := range []struct {
		rules string
		call  Call
		want  bool
	}{
		{`blacklist: [{aws: "bedrock:ApplyGuardrail"}]`, request("converse", long, true), false},
		{`blacklist: [{aws: "bedrock:ApplyGuardrail"}]`, request("converse-stream", long, true), false},
		{`blacklist: [{aws: "bedrock:ApplyGuardrail"}]`, request("converse", `{"messages":[]}`, false), false},
		{`blacklist: [{aws: "bedrock:ApplyGuardrail"}]`, request("converse", `{"messages":[]}`, true), true},
		{`blacklist: [{aws: "bedrock:ApplyGuardrail"}]`, request("invoke", long, true), true}, // has it in a header
		{`blacklist: [{aws: "bedrock:ApplyGuardrail", resources: guardrail/g2}]`, request("converse", long, true), false},
		{`whitelist: [{aws: "bedrock:InvokeModel", resources: "arn:aws:bedrock:*::foundation-model/*"}]`, request("converse", long, true), true},
	} {
		d := parsed(t, tt.rules+"\n").Decide(tt.call)
		assert.Equal(t, tt.want, d.Allowed(), "%s: %s", tt.rules, d.Reason)
	}
}
