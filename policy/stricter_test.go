package policy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALoggingBlacklistRuleDoesNotOpenTheWhitelist(t *testing.T) {
	p, err := Parse("policy.yaml", []byte("version: 1\non_violation: block\nwhitelist: [{http: good.test}, {aws: sqs:SendMessage}]\nblacklist:\n- {aws: sqs:*, on_violation: log}\n- http: [evil.test, good.test]\n  on_violation: log\n"), Env{})
	require.NoError(t, err)
	for host, want := range map[string]Verdict{"evil.test": Block, "good.test": Log} {
		r, err := http.NewRequest(http.MethodGet, "https://"+host+"/", nil)
		require.NoError(t, err)
		require.Equal(t, want, p.Decide(Call{HTTP: r}).Verdict, host)
	}
	for op, want := range map[string]Verdict{"ReceiveMessage": Block, "SendMessage": Log} {
		require.Equal(t, want, p.Decide(Call{AWS: AWSCall{Service: "sqs", Operation: op}}).Verdict, op)
	}
}
