package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awsops/names"
)

// A resource may be of a kind that its service has, and on which no operation of the rule acts.
func TestResourcesOfAnotherKind(t *testing.T) {
	for _, c := range []struct{ aws, resources, want string }{
		{"states:StartExecution", "execution:orders:*", "begins with stateMachine:"},
		{"states:StopExecution", "stateMachine:orders", "begins with execution:"},
		{"states:StopExecution", "arn:aws:states:*:*:stateMachine:orders", "begins with execution:"},
		{"lambda:Invoke", "layer:shared", "begins with function:"},
		{"lambda:InvokeFunction", "layer:shared", "begins with function:"},
		{"events:PutEvents", "rule/orders", "begins with event-bus/"},
		{"iam:GetRole", "user/ops", "begins with role/"},
		{"eks:DeleteCluster", "cluster:prod", "begins with cluster/"},
		{"rds:StopDBInstance", "db/orders", "begins with db:"},
		{"[states:StartExecution, states:StartSyncExecution]", "execution:orders:*", "any of the operations"},

		{"[states:StartExecution, states:StopExecution]", "execution:orders:*", ""},
		{"states:StartExecution", "stateMachine:orders", ""},
		{"states:StartExecution", "*", ""},
		{"states:StartExecution", "state*", ""},
		{"states:Start*", "execution:orders:*", ""},
		{"states:StartExecution", "${MACHINE}", ""},
		{"lambda:Invoke", "function:pay:live", ""},
		{"kms:Decrypt", "alias/billing", ""},
		{"dynamodb:Query", "table/orders/index/by-day", ""},
		{"states:NewOperation", "execution:orders:*", ""},
	} {
		for _, list := range []string{"whitelist", "blacklist"} {
			f, err := ParseFile("p", []byte(list+":\n- {aws: "+c.aws+", resources: \""+c.resources+"\"}\n"))
			require.NoError(t, err)
			said := strings.Join(texts(f.CheckResources(names.Kinds)), "\n")
			if c.want == "" {
				assert.Empty(t, said, "%s %s", c.aws, c.resources)
			} else {
				assert.Contains(t, said, c.want, "%s %s", c.aws, c.resources)
			}
		}
	}
}
