package guard_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A name that is looked up before the policy is loaded cannot be refused, and is reported when it
// is: once, and only if it breaks the policy.
func TestNamesThatAreLookedUpBeforeThePolicyIsLoaded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the layer of names is on by default on Linux alone")
	}
	const policy = "version: 1\non_violation: block\nwhitelist:\n- net: good.test\n"
	f := start(t, "early names", policy)
	require.Nil(t, send(t, f, script{}, nil).Error, "what went out does not fail an invocation")
	alerts := logged(t, f.Stdout(), "alert")
	require.Len(t, alerts, 1)
	assert.Equal(t, "alert", alerts[0].Verdict)
	assert.Contains(t, alerts[0].Reason, "no whitelist rule matches evil.test; the call went out, because it was made before the policy was loaded")
	assert.Empty(t, alerts[0].Caller)

	f = start(t, "early names", policy, "OUTGUARD_LAYERS=-names")
	require.Nil(t, send(t, f, script{}, nil).Error)
	assert.Empty(t, logged(t, f.Stdout(), "alert"))
}
