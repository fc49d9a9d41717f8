package services

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagentcore"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/s3vectors"
	s3vectorstypes "github.com/aws/aws-sdk-go-v2/service/s3vectors/types"
	"github.com/aws/aws-sdk-go-v2/service/shield"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/verifiedpermissions"
	verifiedpermissionstypes "github.com/aws/aws-sdk-go-v2/service/verifiedpermissions/types"
	"github.com/aws/aws-sdk-go-v2/service/workspaces"
	workspacestypes "github.com/aws/aws-sdk-go-v2/service/workspaces/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

const (
	lake     = "arn:aws:s3tables:eu-west-1:111122223333:bucket/lake"
	balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0a1b"
	theirs   = "arn:aws:codebuild:eu-west-1:222233334444:build/shop:0a1b"
)

// Real calls, the resources that IAM asks for, each in "rules" that are all needed, and neighbours.
var neighbours = []struct {
	service, operation string
	input              any
	rules, others      string // resources, divided by blanks
}{
	{"autoscaling", "SetDesiredCapacity", &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: str("web"), DesiredCapacity: aws.Int32(1)},
		"autoScalingGroup:*:autoScalingGroupName/web", "autoScalingGroup:*:autoScalingGroupName/db"},
	{"bedrock-agentcore", "StartBrowserSession", &bedrockagentcore.StartBrowserSessionInput{BrowserIdentifier: str("aws.browser.v1")},
		"arn:aws:bedrock-agentcore:eu-west-1:aws:browser/aws.browser.v1", "browser-custom/aws.browser.v1"},
	{"bedrock-agentcore", "InvokeCodeInterpreter", &bedrockagentcore.InvokeCodeInterpreterInput{CodeInterpreterIdentifier: str("mine"), Name: "executeCode"},
		"code-interpreter-custom/mine", "code-interpreter-custom/other"},
	{"bedrock-agentcore", "GetWorkloadAccessToken", &bedrockagentcore.GetWorkloadAccessTokenInput{WorkloadName: str("agent")},
		"workload-identity-directory/default/workload-identity/agent", "workload-identity-directory/default/workload-identity/other"},
	{"bedrock-agentcore", "GetResourceApiKey", &bedrockagentcore.GetResourceApiKeyInput{ResourceCredentialProviderName: str("p"), WorkloadIdentityToken: str("t")},
		"token-vault/default/apikeycredentialprovider/p workload-identity-directory/default/workload-identity/*", "token-vault/default/apikeycredentialprovider/q"},
	{"bedrock-agentcore", "GetResourceOauth2Token", &bedrockagentcore.GetResourceOauth2TokenInput{ResourceCredentialProviderName: str("p"), WorkloadIdentityToken: str("t"), Scopes: []string{"s"}, Oauth2Flow: "M2M"},
		"token-vault/default/oauth2credentialprovider/p workload-identity-directory/default/workload-identity/*", "token-vault/default/oauth2credentialprovider/q"},
	{"cloudtrail", "StopLogging", &cloudtrail.StopLoggingInput{Name: str("audit")}, "trail/audit", "trail/other"},
	{"cloudtrail", "StopLogging", &cloudtrail.StopLoggingInput{Name: str("arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit")}, "trail/audit", "trail/other"},
	{"codebuild", "BatchGetBuilds", &codebuild.BatchGetBuildsInput{Ids: []string{"shop:1", "pay:2"}}, "project/shop project/pay", "project/other"},
	{"codebuild", "StopBuildBatch", &codebuild.StopBuildBatchInput{Id: str("arn:aws:codebuild:eu-west-1:111122223333:build-batch/shop:1")}, "project/shop", "project/pay"},
	{"codebuild", "BatchGetBuilds", &codebuild.BatchGetBuildsInput{Ids: []string{theirs}}, "arn:aws:codebuild:eu-west-1:222233334444:project/shop", "project/shop"},
	{"codebuild", "DescribeTestCases", &codebuild.DescribeTestCasesInput{ReportArn: str("arn:aws:codebuild:eu-west-1:111122223333:report/unit:0a1b")}, "report-group/unit", "report-group/e2e"},
	{"redshift-serverless", "GetCredentials", &redshiftserverless.GetCredentialsInput{WorkgroupName: str("bi")}, "workgroup/*", "workgroup/0a1b"},
	{"s3tables", "GetTable", &s3tables.GetTableInput{TableBucketARN: str(lake), Namespace: str("n"), Name: str("t")}, "bucket/lake/table/*", "bucket/lake bucket/other/table/*"},
	{"s3tables", "ListTables", &s3tables.ListTablesInput{TableBucketARN: str(lake)}, "bucket/lake", "bucket/other"},
	{"s3tables", "GetTableReplication", &s3tables.GetTableReplicationInput{TableArn: str(lake + "/table/0a1b")}, "bucket/lake/table/0a1b", "bucket/lake"},
	{"s3vectors", "QueryVectors", &s3vectors.QueryVectorsInput{VectorBucketName: str("v"), IndexName: str("i"), QueryVector: &s3vectorstypes.VectorDataMemberFloat32{Value: []float32{1}}, TopK: aws.Int32(1)},
		"bucket/v/index/i", "bucket/v bucket/v/index/j"},
	{"transfer", "DescribeUser", &transfer.DescribeUserInput{ServerId: str("s-1"), UserName: str("u")}, "user/s-1/u", "user/s-1/v"},
	{"verifiedpermissions", "BatchGetPolicy", &verifiedpermissions.BatchGetPolicyInput{Requests: []verifiedpermissionstypes.BatchGetPolicyInputItem{{PolicyStoreId: str("a"), PolicyId: str("1")}, {PolicyStoreId: str("b"), PolicyId: str("2")}}},
		"policy-store/a policy-store/b", "policy-store/c"},
	{"workspaces", "ModifySelfservicePermissions", &workspaces.ModifySelfservicePermissionsInput{ResourceId: str("d-1"), SelfservicePermissions: &workspacestypes.SelfservicePermissions{}},
		"directory/d-1", "directory/d-2"},
}

// The rules that IAM's users would write allow each call, and no fewer, no other resources, no
// other operation, and no other account's. A blacklist rule of each fires. The proposed entries
// allow the call.
func TestNeighbours(t *testing.T) {
	for _, c := range neighbours {
		makes := clients[strings.ReplaceAll(c.service, "-", "")]
		allowed := func(list, action string, resources ...string) (bool, *violation) {
			yaml := list + ": [{aws: \"" + action + "\", resources: [\"" + strings.Join(resources, "\", \"") + "\"]}]\n"
			_, refused := judged(t, yaml, ownKey, func(cfg aws.Config) error {
				out := operations(makes(cfg))[c.operation].Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.ValueOf(c.input)})
				err, _ := out[1].Interface().(error)
				return err
			})
			return refused == nil, refused
		}
		action, all := c.service+":"+c.operation, strings.Fields(c.rules)
		ok, refused := allowed("whitelist", action, all...)
		assert.True(t, ok, "%s on %s: %v", action, c.rules, refused)
		for i, r := range all {
			ok, _ = allowed("blacklist", c.service+":*", r)
			assert.False(t, ok, "blacklist %s %s", action, r)
			if len(all) > 1 {
				ok, _ = allowed("whitelist", action, append(append([]string{}, all[:i]...), all[i+1:]...)...)
				assert.False(t, ok, "%s without %s", action, r)
			}
			if !strings.HasPrefix(r, "arn:") {
				ok, _ = allowed("whitelist", action, "arn:aws:"+c.service+":eu-west-1:222233334444:"+r)
				assert.False(t, ok, "%s on another account's %s", action, r)
			}
		}
		for _, r := range strings.Fields(c.others) {
			ok, _ = allowed("whitelist", action, r)
			assert.False(t, ok, "%s on %s", action, r)
		}
	}
}

// The entry that is proposed has a * for a part of an ARN that no call shows. Where the ARN lacks
// what the call names, or IAM has another resource that the call does not show, each entry would
// allow more: the reason names the member instead.
func TestCureOfHiddenNames(t *testing.T) {
	env := policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"}
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist: []\n"), env)
	require.NoError(t, err)
	const hidden = " of the input does not show all of the ARN"
	for _, c := range []struct {
		service, operation string
		input, neighbour   any
		entry, reason      string
	}{
		{"Auto Scaling", "SetDesiredCapacity", &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: str("web")}, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: str("db")},
			"- aws: autoscaling:SetDesiredCapacity\n  resources: autoScalingGroup:*:autoScalingGroupName/web", ""},
		{"CloudTrail", "CreateEventDataStore", &cloudtrail.CreateEventDataStoreInput{Name: str("audit")}, nil, "- aws: cloudtrail:CreateEventDataStore\n  resources: eventdatastore/*", ""},
		{"Auto Scaling", "DescribePolicies", &autoscaling.DescribePoliciesInput{AutoScalingGroupName: str("web")}, nil, "- aws: autoscaling:DescribePolicies", ""},
		{"Redshift Serverless", "GetCredentials", &redshiftserverless.GetCredentialsInput{WorkgroupName: str("bi")}, nil, "", "WorkgroupName" + hidden},
		{"S3Tables", "GetTable", &s3tables.GetTableInput{TableBucketARN: str(lake), Name: str("t")}, nil, "", "TableBucketARN" + hidden},
		{"Bedrock AgentCore", "GetResourceApiKey", &bedrockagentcore.GetResourceApiKeyInput{ResourceCredentialProviderName: str("p"), WorkloadIdentityToken: str("secret")}, nil, "", "WorkloadIdentityToken" + hidden},
		{"Shield", "DescribeProtection", &shield.DescribeProtectionInput{ResourceArn: str(balancer)}, nil, "", "ResourceArn" + hidden},
		{"Shield", "DescribeProtection", &shield.DescribeProtectionInput{ProtectionId: str("0a1b")}, &shield.DescribeProtectionInput{ProtectionId: str("0a1c")},
			"- aws: shield:DescribeProtection\n  resources: protection/0a1b", ""},
	} {
		call := policy.Call{AWS: policy.AWSCall{Service: c.service, Operation: c.operation, Input: c.input}}
		d := p.Cure(call, p.Decide(call))
		assert.Equal(t, c.entry, d.Allow, c.operation)
		assert.Contains(t, d.Reason, c.reason)
		assert.NotContains(t, d.Reason, "secret")
		if c.neighbour != nil {
			q, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist:\n"+c.entry+"\n"), env)
			require.NoError(t, err)
			call.AWS.Input = c.neighbour
			assert.False(t, q.Decide(call).Allowed(), c.entry)
		}
	}
}
