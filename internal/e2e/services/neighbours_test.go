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
	lake   = "arn:aws:s3tables:eu-west-1:111122223333:bucket/lake"
	theirs = "arn:aws:codebuild:eu-west-1:222233334444:build/shop:0a1b"
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

// What cannot be known of a resource's name is a * in the entry that is proposed.
func TestCureOfHiddenNames(t *testing.T) {
	env := policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"}
	p, err := policy.Parse("policy.yaml", []byte("version: 1\nwhitelist: []\n"), env)
	require.NoError(t, err)
	for entry, call := range map[string]policy.AWSCall{
		"- aws: redshift-serverless:GetCredentials\n  resources: workgroup/*":                             {Service: "Redshift Serverless", Operation: "GetCredentials", Input: &redshiftserverless.GetCredentialsInput{WorkgroupName: str("bi")}},
		"- aws: s3tables:GetTable\n  resources: bucket/lake/table/*":                                      {Service: "S3Tables", Operation: "GetTable", Input: &s3tables.GetTableInput{TableBucketARN: str(lake), Name: str("t")}},
		"- aws: autoscaling:SetDesiredCapacity\n  resources: autoScalingGroup:*:autoScalingGroupName/web": {Service: "Auto Scaling", Operation: "SetDesiredCapacity", Input: &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: str("web")}},
		"- aws: cloudtrail:CreateEventDataStore\n  resources: eventdatastore/*":                           {Service: "CloudTrail", Operation: "CreateEventDataStore", Input: &cloudtrail.CreateEventDataStoreInput{Name: str("audit")}},
	} {
		c := policy.Call{AWS: call}
		assert.Equal(t, entry, p.Cure(c, p.Decide(c)).Allow)
	}
}
