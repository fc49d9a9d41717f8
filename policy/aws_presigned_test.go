package policy

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recipe returns the policy below a heading of docs/recipes.md.
func recipe(t *testing.T, heading string) string {
	doc, err := os.ReadFile("../docs/recipes.md")
	require.NoError(t, err)
	_, after, ok := strings.Cut(string(doc), "### "+heading+"\n")
	require.True(t, ok, heading)
	m := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(after)
	require.NotNil(t, m, heading)
	return m[1]
}

// The recipes for presigned URLs that others made allow them, and no look-alike of theirs.
func TestRecipesForPresignedURLs(t *testing.T) {
	for _, tt := range []struct {
		heading, method, host, lookalike string
	}{
		{"CloudFormation's response URL", "PUT", "cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com", "cloudformation-custom-resource-response-evil.s3.eu-west-1.amazonaws.com"},
		{"Lambda code locations", "GET", "awslambda-eu-west-1-tasks.s3.eu-west-1.amazonaws.com", "awslambda-eu-west-1-tasks-evil.s3.eu-west-1.amazonaws.com"},
		{"Lambda code locations", "GET", "awslambda-eu-west-1-layers.s3.eu-west-1.amazonaws.com", "awslambda-eu-west-1-layers.s3.us-east-1.amazonaws.com"},
		{"Layers of images in ECR", "GET", "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com", "prod-eu-west-1-starport-layer-bucket2.s3.eu-west-1.amazonaws.com"},
		{"Upload links of partners", "PUT", "partner-uploads.s3.eu-central-1.amazonaws.com", "partner-uploads-evil.s3.eu-central-1.amazonaws.com"},
	} {
		p := parsed(t, recipe(t, tt.heading))
		assert.Empty(t, p.Warnings(), tt.heading)
		link := func(host string) Call {
			return Call{Via: ViaTransport, HTTP: linkBy(t, otherKey, "s3", tt.method, "https://"+host+"/a/b")}
		}
		d := p.Decide(link(tt.host))
		assert.True(t, d.Allowed(), "%s: %s", tt.host, d.Reason)
		assert.False(t, p.Decide(link(tt.lookalike)).Allowed(), tt.lookalike)
	}
	p := parsed(t, recipe(t, "Upload links of partners"))
	form := formBy(t, otherKey, "https://partner-uploads.s3.eu-central-1.amazonaws.com/")
	assert.True(t, p.Decide(Call{HTTP: form}).Allowed())
	form = formBy(t, otherKey, "https://loot.s3.eu-central-1.amazonaws.com/")
	d := p.Decide(Call{HTTP: form})
	assert.Equal(t, "- http: https://loot.s3.eu-central-1.amazonaws.com/\n  methods: [POST]", d.Allow, d.Reason)
	assert.False(t, p.Decide(Call{HTTP: signedBy(t, otherKey, "s3", http.MethodGet, "https://loot.s3.eu-central-1.amazonaws.com/x")}).Allowed())
}

// A rule with the full host does more than a wildcard that covers it.
func TestFullHostsAreNotReportedAsCovered(t *testing.T) {
	const wildcard = "http: https://uploads.s3.*.amazonaws.com/**"
	p := parsed(t, "whitelist:\n  - "+wildcard+"\n  - http: https://uploads.s3.eu-west-1.amazonaws.com/**\n")
	var texts []string
	for _, w := range p.Warnings() {
		texts = append(texts, w.String())
	}
	require.Len(t, texts, 1)
	assert.Contains(t, texts[0], "presigned URLs of other accounts")
	f, err := ParseFile("policy.yaml", []byte("whitelist:\n  - "+wildcard+"\n  - http: https://uploads.s3.eu-west-1.amazonaws.com/**\n"))
	require.NoError(t, err)
	for _, w := range f.Warnings() {
		assert.NotContains(t, w.String(), "has no effect")
	}
}
