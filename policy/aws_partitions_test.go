package policy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awsname"
)

// A signed request is judged as an AWS call at every form of endpoint in every partition.
func TestSignedRequestsInEveryPartition(t *testing.T) {
	n := 0
	for _, partition := range awsname.All() {
		region := partition.GlobalRegion
		env := Env{Function: "f", Region: region, Account: "111122223333", Getenv: func(string) string { return "" }}
		p, err := Parse("policy.yaml", []byte("version: 1\non_violation: block\nblacklist:\n- aws: sqs:PurgeQueue\n"), env)
		require.NoError(t, err)
		for _, suffix := range []string{partition.Suffix, partition.DualStack} {
			for _, label := range []string{"sqs", "sqs-fips"} {
				for operation, allowed := range map[string]bool{"PurgeQueue": false, "SendMessage": true} {
					n++
					host := label + "." + region + "." + suffix
					r, err := http.NewRequest(http.MethodGet, "https://"+host+"/?Action="+operation, nil)
					require.NoError(t, err)
					r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIARTX3GSDSQAABCDEF/20261127/"+region+
						"/sqs/aws4_request, SignedHeaders=host, Signature=ab")
					d := p.Decide(Call{HTTP: r})
					assert.Equal(t, allowed, d.Allowed(), "%s to %s: %s", operation, host, d.Reason)
				}
			}
		}
	}
	assert.GreaterOrEqual(t, n, 64)
}
