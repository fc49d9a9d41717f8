package policy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheSDKsCredentialClients(t *testing.T) {
	env := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":             "127.0.0.1:9001",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9001/2021-04-23/credentials",
	}
	for _, c := range []struct {
		policy  string
		service string
		url     string
		allowed bool
	}{
		{"whitelist: []", "endpoint-credentials", "http://127.0.0.1:9001/2021-04-23/credentials", true},
		{"whitelist: []", "endpoint-credentials", "http://evil.example/", false},
		{"whitelist: []", "ec2imds", "http://169.254.169.254/latest/meta-data/", false},
		{"whitelist: [{http: \"http://169.254.169.254\"}]", "ec2imds", "http://169.254.169.254/latest/meta-data/", true},
		{"blacklist: [{ip: 169.254.169.254}]", "ec2imds", "http://169.254.169.254/latest/meta-data/", false},
		{"blacklist: [{ip: loopback}]", "endpoint-credentials", "http://127.0.0.1:9001/2021-04-23/credentials", false},
		{"whitelist: []", "", "http://127.0.0.1:9001/2021-04-23/credentials", false}, // the application itself
	} {
		p, err := Parse("policy.yaml", []byte("version: 1\non_violation: block\n"+c.policy+"\n"), Env{
			Function: "f", Region: "eu-west-1", Account: "111122223333", Getenv: func(k string) string { return env[k] },
		})
		require.NoError(t, err, c.policy)
		r, err := http.NewRequest("GET", c.url, nil)
		require.NoError(t, err)
		call := AWSCall{Service: c.service, Operation: "GetCredentials"}
		if c.service == "" {
			assert.False(t, p.Decide(Call{HTTP: r, Via: ViaTransport}).Allowed(), "%+v", c)
			continue
		}
		assert.True(t, p.Decide(Call{AWS: call, Via: ViaSDK}).Allowed(), "%+v", c)
		assert.Equal(t, c.allowed, p.Decide(Call{AWS: call, HTTP: r, Via: ViaWire}).Allowed(), "%+v", c)
	}
}
