package policy

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
)

// A rename is an operation that IAM knows under another name.
type rename struct{ service, operation, prefix, action string }

// renames are all that the tables were made of. One that takes several actions is here once for
// each.
func renames(t *testing.T) (list []rename) {
	data, err := os.ReadFile("../internal/awsops/gen/data/operations.txt")
	require.NoError(t, err)
	service, own := "", ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if id, prefix, ok := strings.Cut(line, "] "); ok && line[0] == '[' {
			service, own = id[1:], prefix
			continue
		}
		operation, actions, ok := strings.Cut(line, " = ")
		if !ok || line[0] == '#' {
			continue
		}
		for action := range strings.SplitSeq(actions, ",") {
			prefix, name, ok := strings.Cut(action, ":")
			if !ok {
				prefix, name = own, action
			}
			list = append(list, rename{service, operation, prefix, name})
		}
	}
	return list
}

// The SDK's name of an operation and IAM's name of its action are one, in rules and in calls: a
// blacklist of either catches both, and a whitelist of IAM's allows both as far as the action
// goes. Where the name of an action is also an operation's (PutObject of
// CreateMultipartUpload), the call by that name is that operation.
func TestEitherNameIsTheOperation(t *testing.T) {
	list := renames(t)
	assert.Greater(t, len(list), 200)
	actions := map[string]int{} // of an operation
	for _, r := range list {
		actions[r.service+":"+r.operation]++
	}
	for _, r := range list {
		own, ok := awsops.Service(r.service)
		require.True(t, ok, r.service)
		byName := AWSCall{Service: r.service, Operation: r.operation}
		byAction := AWSCall{Service: r.prefix, Operation: r.action}
		named, acted := own+":"+r.operation, r.prefix+":"+r.action
		both := []string{named, acted}
		shared := awsops.Actions(own, r.operation) != awsops.Actions(r.service, r.operation) // S3's and S3 Control's operations of one name
		for _, rule := range both {
			black, white := awsPolicy(t, awsRuleOf(t, pattern.Wide, rule)), awsPolicy(t, awsRuleOf(t, pattern.Narrow, rule))
			assert.False(t, black.Decide(Call{AWS: byName}).Allowed(), "blacklist %s, call %s:%s", rule, r.service, r.operation)
			if rule == named || actions[r.service+":"+r.operation] == 1 {
				assert.True(t, white.Decide(Call{AWS: byName}).Allowed(), "whitelist %s, call %s:%s", rule, r.service, r.operation)
			}
			if rule == named && (!hasAlias(r.prefix, r.action) || shared) {
				continue
			}
			assert.False(t, black.Decide(Call{AWS: byAction}).Allowed(), "blacklist %s, call %s", rule, acted)
			assert.True(t, white.Decide(Call{AWS: byAction}).Allowed(), "whitelist %s, call %s", rule, acted)
			lower := AWSCall{Service: r.prefix, Operation: strings.ToLower(r.action)}
			assert.True(t, white.Decide(Call{AWS: lower}).Allowed(), "whitelist %s, call %s", rule, lower.Operation)
		}
	}
}

func hasAlias(prefix, action string) (found bool) {
	awsops.Operations(prefix, action, func(string, string) { found = true })
	return found
}
