package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A service that is newer than the tables goes by its SDK id, its package or the name that its
// requests are signed for.
func TestServicesNewerThanTheTables(t *testing.T) {
	const endpoint = "https://brand-new.eu-west-1.amazonaws.com/"
	call := func(service string) Call {
		return Call{Via: ViaSDK, AWS: AWSCall{Service: service, Operation: "DeleteThing", Region: "eu-west-1", Input: &struct{ Name *string }{str("x")}}}
	}
	wire := func(service, scope, target string) Call {
		return Call{Via: ViaWire, AWS: AWSCall{Service: service, Operation: "DeleteThing", Region: "eu-west-1"}, HTTP: signedBy(t, ownKey, scope, "POST", target)}
	}
	plain := func(scope, target string) Call {
		return Call{Via: ViaTransport, HTTP: signedBy(t, ownKey, scope, "POST", target)}
	}
	const black, white = "blacklist:\n  - aws: ", "whitelist:\n  - unlisted: true\n    aws: "
	for _, tt := range []struct {
		name, policy string
		call         Call
		want         bool
	}{
		{"by its id", black + "\"Brand New:*\"", call("Brand New"), false},
		{"by its package", black + "brandnew:*", call("Brand New"), false},
		{"by what it is signed for", black + "brand-new:DeleteThing", call("Brand New"), false},
		{"another operation", black + "brandnew:ListThings", call("Brand New"), true},
		{"by its verb", black + "brandnew:*\n    access: write", call("Brand New"), false},
		{"and not", black + "brandnew:*\n    access: read", call("Brand New"), true},
		{"another service", black + "brandnewer:*", call("Brand New"), true},
		{"signed for another name, on the wire", black + "bn-api:*", wire("Brand New", "bn-api", endpoint), false},
		{"plain HTTP", black + "brand-new:*", plain("brand-new", endpoint), false},
		{"plain HTTP elsewhere", black + "brand-new:*", plain("brand-new", "https://x.brand-new.eu-west-1.on.aws/"), false},
		{"a whitelist", white + "\"Brand New:DeleteThing\"", call("Brand New"), true},
		{"by its package", white + "brandnew:Delete*", call("Brand New"), true},
		{"another operation", white + "brandnew:Get*", call("Brand New"), false},
		{"its endpoint", white + "brandnew:*", wire("Brand New", "brand-new", endpoint), true},
		{"with FIPS", white + "brandnew:*", wire("Brand New", "brand-new", "https://brand-new-fips.eu-west-1.amazonaws.com/"), true},
		{"another endpoint", white + "brandnew:*", wire("Brand New", "brand-new", "https://other.eu-west-1.amazonaws.com/"), false},
		{"one of another service", white + "brandnew:*", wire("Brand New", "sqs", "https://sqs.eu-west-1.amazonaws.com/"), false},
		{"the host of a resource", white + "brandnew:*", wire("Brand New", "brand-new", "https://x.brand-new.eu-west-1.amazonaws.com/"), false},
		{"without TLS", white + "brandnew:*", wire("Brand New", "brand-new", "http://brand-new.eu-west-1.amazonaws.com/"), false},
		{"plain HTTP", white + "brandnew:*", plain("brand-new", endpoint), true},
		{"plain HTTP elsewhere", white + "brandnew:*", plain("brand-new", "https://x.brand-new.eu-west-1.on.aws/"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := parsed(t, tt.policy+"\n").Decide(tt.call)
			assert.Equal(t, tt.want, d.Allowed(), "%s\n%s", tt.policy, d.Reason)
		})
	}
}

// What a rule for such a service says is checked when the policy is loaded.
func TestRulesForUnlistedServices(t *testing.T) {
	for text, want := range map[string]string{
		"blacklist:\n  - aws: brandnew:*\n":                                                        "warning: do not have the service",
		"blacklist:\n  - aws: sqss:*\n":                                                            `warning: did you mean "sqs:*"?`,
		"blacklist:\n  - {aws: \"brandnew:*\", unlisted: true}\n":                                  "",
		"whitelist:\n  - aws: brandnew:*\n":                                                        `unknown AWS service "brandnew"`,
		"whitelist:\n  - {aws: \"brandnew:*\", unlisted: true}\n":                                  "",
		"whitelist:\n  - {aws: \"brandnew:*\", unlisted: false}\n":                                 `unknown AWS service "brandnew"`,
		"whitelist:\n  - {aws: \"sqs:*\", unlisted: true}\n":                                       "warning: delete unlisted:",
		"whitelist:\n  - {aws: \"brandnew:*\", unlisted: true, access: read}\n":                    "access: with unlisted: true",
		"whitelist:\n  - {aws: \"brandnew:*\", unlisted: true, resources: thing/1}\n":              "resources: with unlisted: true",
		"whitelist:\n  - {http: a.example, unlisted: true}\n":                                      "unlisted:",
		"whitelist:\n  - {aws: any, reason: tests, except: \"brandnew:*\"}\n":                      "warning: do not have the service",
		"on_violation: block\nstrict_operations: true\nwhitelist:\n  - {aws: \"sqs:*\"}\n":         "warning: strict_operations: has no effect",
		"functions:\n  f:\n    strict_operations: false\n    whitelist:\n      - aws: \"sqs:*\"\n": "warning: strict_operations: has no effect",
	} {
		p, err := Parse("policy.yaml", []byte(text), signedEnv())
		warning, ok := strings.CutPrefix(want, "warning: ")
		if want != "" && !ok {
			assert.ErrorContains(t, err, want, text)
			continue
		}
		require.NoError(t, err, text)
		var warnings []string
		for _, w := range p.Warnings() {
			warnings = append(warnings, w.String())
		}
		if want == "" {
			assert.Empty(t, warnings, text)
			continue
		}
		if assert.Len(t, warnings, 1, text) {
			assert.Contains(t, warnings[0], warning, text)
		}
	}
}

// An operation that the tables do not have is in no level of a whitelist.
func TestOperationsNewerThanTheTables(t *testing.T) {
	call := Call{AWS: AWSCall{Service: "sqs", Operation: "ListNewThings"}}
	for text, want := range map[string]bool{
		"whitelist:\n  - {aws: \"sqs:*\", access: list}\n":      false,
		"whitelist:\n  - {aws: any, access: read, reason: x}\n": false,
		"whitelist:\n  - aws: sqs:*\n":                          true,
		"whitelist:\n  - aws: sqs:ListNewThings\n":              true,
		"blacklist:\n  - {aws: \"sqs:*\", access: list}\n":      false,
		"blacklist:\n  - {aws: \"sqs:*\", access: write}\n":     true,
	} {
		d := parsed(t, text).Decide(call)
		assert.Equal(t, want, d.Allowed(), text)
		if strings.HasPrefix(text, "whitelist") && !want {
			assert.Equal(t, "- aws: sqs:ListNewThings", d.Allow)
			assert.Contains(t, d.Reason, "do not know the operation")
		}
	}
}

// The entry that is proposed for a service that the tables do not have loads.
func TestCureOfANewService(t *testing.T) {
	p := parsedAs(t, "policy.yaml", "whitelist: []\n")
	call := Call{AWS: AWSCall{Service: "brandnew", Operation: "DoIt", Region: "eu-west-1", Account: "111122223333"}}
	d := p.Cure(call, p.Decide(call))
	assert.Equal(t, "- aws: brandnew:DoIt\n  unlisted: true", strings.TrimSpace(d.Allow))
}
