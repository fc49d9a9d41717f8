package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Some inputs do not show a part of the ARN that they name: an id that AWS has made, or the
// organization's. A blacklist catches what it may be, and a whitelist has to allow all of that.
func TestPartsOfAnARNThatTheInputDoesNotShow(t *testing.T) {
	const node, group, account, stack = "nodegroup/prod/workers", "autoScalingGroup:1a2b-3c4d:autoScalingGroupName/web", "arn:aws:organizations::111122223333:account/o-abc/444455556666", "stack/prod/0a1b-2c3d"
	for _, tt := range []struct {
		name, rules, operation, input string
		allowed                       bool
	}{
		{"whole id, forbidden", "blacklist: [{aws: \"eks:*\", resources: " + node + "/0a1b}]", "eks:DescribeNodegroup", `{"ClusterName":"prod","NodegroupName":"workers"}`, false},
		{"another, forbidden", "blacklist: [{aws: \"eks:*\", resources: " + node + "/0a1b}]", "eks:DescribeNodegroup", `{"ClusterName":"prod","NodegroupName":"other"}`, true},
		{"any id, allowed", "whitelist: [{aws: \"eks:*\", resources: " + node + "/*}]", "eks:DescribeNodegroup", `{"ClusterName":"prod","NodegroupName":"workers"}`, true},
		{"one id, allowed", "whitelist: [{aws: \"eks:*\", resources: " + node + "/0a1b}]", "eks:DescribeNodegroup", `{"ClusterName":"prod","NodegroupName":"workers"}`, false},
		{"in the middle, forbidden", "blacklist: [{aws: \"autoscaling:*\", resources: \"" + group + "\"}]", "autoscaling:SetDesiredCapacity", `{"AutoScalingGroupName":"web"}`, false},
		{"in the middle, another", "blacklist: [{aws: \"autoscaling:*\", resources: \"" + group + "\"}]", "autoscaling:SetDesiredCapacity", `{"AutoScalingGroupName":"api"}`, true},
		{"in the middle, allowed", "whitelist: [{aws: \"autoscaling:*\", resources: \"autoScalingGroup:*:autoScalingGroupName/web\"}]", "autoscaling:SetDesiredCapacity", `{"AutoScalingGroupName":"web"}`, true},
		{"the account of an organization", "blacklist: [{aws: \"organizations:*\", resources: \"" + account + "\"}]", "organizations:CloseAccount", `{"AccountId":"444455556666"}`, false},
		{"another account", "blacklist: [{aws: \"organizations:*\", resources: \"" + account + "\"}]", "organizations:CloseAccount", `{"AccountId":"777788889999"}`, true},
		{"a stack by its name", "blacklist: [{aws: \"cloudformation:*\", resources: " + stack + "}]", "cloudformation:DeleteStack", `{"StackName":"prod"}`, false},
		{"another stack", "blacklist: [{aws: \"cloudformation:*\", resources: " + stack + "}]", "cloudformation:DeleteStack", `{"StackName":"dev"}`, true},
		{"a database in capitals", "blacklist: [{aws: \"rds:*\", resources: \"db:orders\"}]", "rds:DeleteDBInstance", `{"DBInstanceIdentifier":"Orders"}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			service, operation, _ := strings.Cut(tt.operation, ":")
			c := Call{Via: ViaSDK, AWS: AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Input: inputOf(t, tt.input)}}
			p := parsed(t, tt.rules)
			d := p.Decide(c)
			assert.Equal(t, tt.allowed, d.Allowed(), d.Reason)
			assert.Equal(t, !tt.allowed, len(p.Cure(c, d).Against) > 0)
		})
	}
}

// IAM judges an operation without a resource under "*", whatever its input names. A whitelist does
// so too. A blacklist on what the input names catches it, and loads with a warning.
func TestOperationsWithoutAResourceInIAM(t *testing.T) {
	const group = "autoScalingGroup:*:autoScalingGroupName/web"
	c := Call{Via: ViaSDK, AWS: AWSCall{Service: "autoscaling", Operation: "DescribePolicies", Region: "eu-west-1", Input: inputOf(t, `{"AutoScalingGroupName":"web"}`)}}
	for rules, allowed := range map[string]bool{
		"whitelist: [aws: autoscaling:DescribePolicies]":                                     true,
		"whitelist: [{aws: autoscaling:DescribePolicies, resources: \"*\"}]":                 true,
		"whitelist: [{aws: \"autoscaling:*\", resources: \"" + group + "\"}]":                false,
		"blacklist: [{aws: \"autoscaling:*\", resources: \"" + group + "\"}]":                false,
		"blacklist: [{aws: \"autoscaling:DescribePolicies\", resources: \"" + group + "\"}]": false,
		"blacklist: [{aws: \"autoscaling:*\", resources: \"" + group + "2\"}]":               true,
	} {
		p := parsed(t, rules)
		d := p.Decide(c)
		assert.Equal(t, allowed, d.Allowed(), rules+": "+d.Reason)
	}
	p := parsed(t, "whitelist: []")
	assert.Equal(t, "- aws: autoscaling:DescribePolicies", p.Cure(c, p.Decide(c)).Allow)
	f, err := ParseFile("policy.yaml", []byte("version: 1\nblacklist: [{aws: autoscaling:DescribePolicies, resources: \""+group+"\"}]\n"))
	require.NoError(t, err)
	require.Len(t, f.Warnings(), 1)
	assert.Contains(t, f.Warnings()[0].Problem, "leaves only calls whose input names it")
	_, err = Parse("policy.yaml", []byte("version: 1\nwhitelist: [{aws: autoscaling:DescribePolicies, resources: \""+group+"\"}]\n"), cureEnv())
	assert.ErrorContains(t, err, "takes no resource")
}
