package services

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/pinpoint"
	"github.com/aws/aws-sdk-go-v2/service/serverlessapplicationrepository"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// samClients are those of clients, and of the other services that the templates name and whose
// module is at hand.
func samClients() map[string]func(aws.Config) any {
	all := maps.Clone(clients)
	maps.Copy(all, map[string]func(aws.Config) any{
		"acm":            func(c aws.Config) any { return acm.NewFromConfig(c) },
		"cloudformation": func(c aws.Config) any { return cloudformation.NewFromConfig(c) },
		"codecommit":     func(c aws.Config) any { return codecommit.NewFromConfig(c) },
		"codepipeline":   func(c aws.Config) any { return codepipeline.NewFromConfig(c) },
		"costexplorer":   func(c aws.Config) any { return costexplorer.NewFromConfig(c) },
		"eks":            func(c aws.Config) any { return eks.NewFromConfig(c) },
		"emr":            func(c aws.Config) any { return emr.NewFromConfig(c) },
		"organizations":  func(c aws.Config) any { return organizations.NewFromConfig(c) },
		"pinpoint":       func(c aws.Config) any { return pinpoint.NewFromConfig(c) },
		"serverlessrepo": func(c aws.Config) any { return serverlessapplicationrepository.NewFromConfig(c) },
	})
	return all
}

const samTable = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"

// samCalls has a call that a SAM policy template allows and one that it refuses, each as the
// package of the client, the operation and the members of its input. A template for operations
// without resources refuses another operation.
var samCalls = []struct{ template, allowed, refused string }{
	{"AWSSecretsManagerGetSecretValue", `secretsmanager:GetSecretValue {"SecretId":"prod/db"}`, `secretsmanager:GetSecretValue {"SecretId":"prod/other"}`},
	{"AWSSecretsManagerRotation", `secretsmanager:PutSecretValue {"SecretId":"prod/db"}`, `secretsmanager:DeleteSecret {"SecretId":"prod/db"}`},
	{"AcmGetCertificate", `acm:GetCertificate {"CertificateArn":"arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-1111-2222-3333-444455556666"}`, `acm:GetCertificate {"CertificateArn":"arn:aws:acm:eu-west-1:111122223333:certificate/other"}`},
	{"AthenaQuery", `athena:StartQueryExecution {"WorkGroup":"wg1","QueryString":"select 1"}`, `athena:StartQueryExecution {"WorkGroup":"wg2","QueryString":"select 1"}`},
	{"CloudFormationDescribeStacks", `cloudformation:DescribeStacks {"StackName":"prod"}`, `cloudformation:DeleteStack {"StackName":"prod"}`},
	{"CloudWatchDashboard", `cloudwatch:GetDashboard {"DashboardName":"d"}`, `cloudwatch:DeleteDashboards {"DashboardNames":["d"]}`},
	{"CloudWatchDescribeAlarmHistory", `cloudwatch:DescribeAlarmHistory {}`, `cloudwatch:DescribeAlarms {}`},
	{"CloudWatchPutMetric", `cloudwatch:PutMetricData {"Namespace":"n"}`, `cloudwatch:ListMetrics {}`},
	{"CodeCommitCrud", `codecommit:PutFile {"RepositoryName":"repo1"}`, `codecommit:PutFile {"RepositoryName":"repo2"}`},
	{"CodeCommitRead", `codecommit:GetBranch {"RepositoryName":"repo1"}`, `codecommit:GetBranch {"RepositoryName":"repo2"}`},
	{"CodePipelineLambdaExecution", `codepipeline:PutJobSuccessResult {"JobId":"1"}`, `codepipeline:StartPipelineExecution {"Name":"pipe1"}`},
	{"CodePipelineReadOnly", `codepipeline:ListPipelineExecutions {"PipelineName":"pipe1"}`, `codepipeline:ListPipelineExecutions {"PipelineName":"pipe2"}`},
	{"ComprehendBasicAccess", `comprehend:DetectSentiment {"Text":"x"}`, `comprehend:ListEndpoints {}`},
	{"CostExplorerReadOnly", `costexplorer:GetCostAndUsage {}`, `costexplorer:CreateCostCategoryDefinition {}`},
	{"DynamoDBBackupFullAccess", `dynamodb:CreateBackup {"TableName":"orders","BackupName":"b"}`, `dynamodb:CreateBackup {"TableName":"other","BackupName":"b"}`},
	{"DynamoDBCrud", `dynamodb:GetItem {"TableName":"orders"}`, `dynamodb:GetItem {"TableName":"other"}`},
	{"DynamoDBRead", `dynamodb:Query {"TableName":"orders","IndexName":"i"}`, `dynamodb:PutItem {"TableName":"orders"}`},
	{"DynamoDBReconfigure", `dynamodb:UpdateTable {"TableName":"orders"}`, `dynamodb:UpdateTable {"TableName":"other"}`},
	{"DynamoDBRestoreFromBackup", `dynamodb:RestoreTableFromBackup {"TargetTableName":"orders","BackupArn":"` + samTable + `/backup/1"}`, `dynamodb:RestoreTableFromBackup {"TargetTableName":"other","BackupArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/other/backup/1"}`},
	{"DynamoDBRestoreFromBackup", `dynamodb:PutItem {"TableName":"orders"}`, `dynamodb:RestoreTableFromBackup {"TargetTableName":"orders","BackupArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/other/backup/1"}`},
	{"DynamoDBStreamRead", `dynamodbstreams:DescribeStream {"StreamArn":"` + samTable + `/stream/str1"}`, `dynamodbstreams:DescribeStream {"StreamArn":"` + samTable + `/stream/str2"}`},
	{"DynamoDBStreamRead", `dynamodbstreams:ListStreams {"TableName":"orders"}`, `dynamodbstreams:ListStreams {"TableName":"other"}`},
	{"DynamoDBWrite", `dynamodb:PutItem {"TableName":"orders"}`, `dynamodb:PutItem {"TableName":"other"}`},
	{"EKSDescribe", `eks:DescribeCluster {"Name":"c"}`, `eks:DeleteCluster {"Name":"c"}`},
	{"EcsRunTask", `ecs:RunTask {"TaskDefinition":"task1"}`, `ecs:RunTask {"TaskDefinition":"task2"}`},
	{"ElasticMapReduceAddJobFlowSteps", `emr:AddJobFlowSteps {"JobFlowId":"j-ABC"}`, `emr:AddJobFlowSteps {"JobFlowId":"j-DEF"}`},
	{"ElasticMapReduceCancelSteps", `emr:CancelSteps {"ClusterId":"j-ABC"}`, `emr:CancelSteps {"ClusterId":"j-DEF"}`},
	{"ElasticMapReduceModifyInstanceFleet", `emr:ModifyInstanceFleet {"ClusterId":"j-ABC"}`, `emr:ModifyInstanceFleet {"ClusterId":"j-DEF"}`},
	{"ElasticMapReduceModifyInstanceGroups", `emr:ModifyInstanceGroups {"ClusterId":"j-ABC"}`, `emr:ModifyInstanceGroups {"ClusterId":"j-DEF"}`},
	{"ElasticMapReduceSetTerminationProtection", `emr:SetTerminationProtection {"JobFlowIds":["j-ABC"]}`, `emr:SetTerminationProtection {"JobFlowIds":["j-ABC","j-DEF"]}`},
	{"ElasticMapReduceTerminateJobFlows", `emr:TerminateJobFlows {"JobFlowIds":["j-ABC"]}`, `emr:TerminateJobFlows {"JobFlowIds":["j-DEF"]}`},
	{"EventBridgePutEvents", `eventbridge:PutEvents {"Entries":[{"EventBusName":"bus1"}]}`, `eventbridge:PutEvents {"Entries":[{"EventBusName":"bus1"},{"EventBusName":"bus2"}]}`},
	{"FilterLogEvents", `cloudwatchlogs:FilterLogEvents {"LogGroupName":"/aws/lambda/x"}`, `cloudwatchlogs:FilterLogEvents {"LogGroupName":"/aws/lambda/y"}`},
	{"FirehoseCrud", `firehose:UpdateDestination {"DeliveryStreamName":"ds1"}`, `firehose:UpdateDestination {"DeliveryStreamName":"ds2"}`},
	{"FirehoseWrite", `firehose:PutRecord {"DeliveryStreamName":"ds1"}`, `firehose:PutRecord {"DeliveryStreamName":"ds2"}`},
	{"KMSDecrypt", `kms:Decrypt {"KeyId":"0a1b2c3d-1111-2222-3333-444455556666"}`, `kms:Decrypt {"KeyId":"ffffffff-1111-2222-3333-444455556666"}`},
	{"KMSEncrypt", `kms:Encrypt {"KeyId":"0a1b2c3d-1111-2222-3333-444455556666"}`, `kms:Decrypt {"KeyId":"0a1b2c3d-1111-2222-3333-444455556666"}`},
	{"KMSEncryptPolicy_v2", `kms:GenerateDataKey {"KeyId":"0a1b2c3d-1111-2222-3333-444455556666"}`, `kms:GenerateDataKey {"KeyId":"ffffffff-1111-2222-3333-444455556666"}`},
	{"KinesisCrud", `kinesis:PutRecord {"StreamName":"str1"}`, `kinesis:PutRecord {"StreamName":"str2"}`},
	{"KinesisStreamRead", `kinesis:DescribeStream {"StreamName":"str1"}`, `kinesis:DescribeStream {"StreamName":"str2"}`},
	{"LambdaInvoke", `lambda:Invoke {"FunctionName":"fn1"}`, `lambda:Invoke {"FunctionName":"other"}`},
	{"OrganizationsListAccounts", `organizations:ListAccounts {}`, `organizations:ListRoots {}`},
	{"PinpointEndpointAccess", `pinpoint:GetEndpoint {"ApplicationId":"app1","EndpointId":"e"}`, `pinpoint:GetEndpoint {"ApplicationId":"app2","EndpointId":"e"}`},
	{"PollyFullAccess", `polly:GetLexicon {"Name":"lex1"}`, `polly:GetLexicon {"Name":"lex2"}`},
	{"RekognitionDetectOnly", `rekognition:DetectFaces {}`, `rekognition:IndexFaces {"CollectionId":"col1"}`},
	{"RekognitionFaces", `rekognition:CompareFaces {}`, `rekognition:DetectLabels {}`},
	{"RekognitionFacesManagement", `rekognition:IndexFaces {"CollectionId":"col1"}`, `rekognition:IndexFaces {"CollectionId":"col2"}`},
	{"RekognitionLabels", `rekognition:DetectLabels {}`, `rekognition:DetectFaces {}`},
	{"RekognitionRead", `rekognition:ListFaces {"CollectionId":"col1"}`, `rekognition:ListFaces {"CollectionId":"col2"}`},
	{"RekognitionWriteOnlyAccess", `rekognition:IndexFaces {"CollectionId":"col1"}`, `rekognition:IndexFaces {"CollectionId":"col2"}`},
	{"Route53ChangeResourceRecordSets", `route53:ChangeResourceRecordSets {"HostedZoneId":"Z123ABC"}`, `route53:ChangeResourceRecordSets {"HostedZoneId":"Z999"}`},
	{"S3Crud", `s3:GetObject {"Bucket":"receipts","Key":"k"}`, `s3:GetObject {"Bucket":"other","Key":"k"}`},
	{"S3FullAccess", `s3:ListObjectsV2 {"Bucket":"receipts"}`, `s3:ListObjectsV2 {"Bucket":"other"}`},
	{"S3Read", `s3:GetObject {"Bucket":"receipts","Key":"k"}`, `s3:PutObject {"Bucket":"receipts","Key":"k"}`},
	{"S3Write", `s3:PutObject {"Bucket":"receipts","Key":"k"}`, `s3:PutObject {"Bucket":"other","Key":"k"}`},
	{"ServerlessRepoReadWriteAccess", `serverlessrepo:GetApplication {"ApplicationId":"arn:aws:serverlessrepo:eu-west-1:111122223333:applications/app1"}`, `serverlessrepo:GetApplication {"ApplicationId":"arn:aws:serverlessrepo:eu-west-1:444455556666:applications/app1"}`},
	{"SESBulkTemplatedCrud", `ses:SendEmail {"Source":"a@example.com"}`, `ses:SendEmail {"Source":"a@example.org"}`},
	{"SESBulkTemplatedCrudPolicy_v2", `ses:SendEmail {"Source":"a@example.com"}`, `ses:SendEmail {"Source":"a@example.org"}`},
	{"SESCrud", `ses:SendEmail {"Source":"a@example.com"}`, `ses:SendEmail {"Source":"a@example.org"}`},
	{"SESEmailTemplateCrud", `ses:GetTemplate {"TemplateName":"t"}`, `ses:SendEmail {"Source":"a@example.com"}`},
	{"SESSendBounce", `ses:SendBounce {"BounceSender":"a@example.com"}`, `ses:SendBounce {"BounceSender":"a@example.org"}`},
	{"SNSCrud", `sns:CreateTopic {"Name":"top1-a"}`, `sns:CreateTopic {"Name":"other"}`},
	{"SNSPublishMessage", `sns:Publish {"TopicArn":"arn:aws:sns:eu-west-1:111122223333:top1"}`, `sns:Publish {"TopicArn":"arn:aws:sns:eu-west-1:111122223333:top2"}`},
	{"SQSPoller", `sqs:ReceiveMessage {"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/q1"}`, `sqs:ReceiveMessage {"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/q2"}`},
	{"SQSSendMessage", `sqs:SendMessageBatch {"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/q1"}`, `sqs:SendMessage {"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/q2"}`},
	{"SSMParameterRead", `ssm:GetParameter {"Name":"pn1"}`, `ssm:GetParameter {"Name":"pn2"}`},
	{"SSMParameterWithSlashPrefixRead", `ssm:GetParameters {"Names":["/pn1"]}`, `ssm:GetParameters {"Names":["/pn1","/pn2"]}`},
	{"StepFunctionsExecution", `sfn:StartExecution {"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:sm1"}`, `sfn:StartExecution {"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:sm2"}`},
	{"StepFunctionsExecutionPolicy_v2", `sfn:StartExecution {"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:sm1"}`, `sfn:StartExecution {"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:sm2"}`},
}

// otherwise has the templates without such calls. The client's module cannot be obtained
// (Textract), or compiles for minutes (EC2, SageMaker). Or no client takes the actions. Or AWS has
// no resource for the operations that they name one for.
var otherwise = []string{
	"AMIDescribe", "EC2CopyImage", "EC2Describe", "EFSWriteAccess", "ElasticsearchHttpPost", "MobileAnalyticsWriteOnlyAccess",
	"RekognitionNoDataAccess", "SageMakerCreateEndpoint", "SageMakerCreateEndpointConfig", "StepFunctionsCallback",
	"Textract", "TextractDetectAnalyze", "TextractGetResult", "VPCAccess",
}

func TestSAMTemplatesByClients(t *testing.T) {
	const folder = "../../../policy/testdata/sam"
	all := samClients()
	seen := map[string]bool{}
	for _, tt := range samCalls {
		seen[tt.template] = true
		text, err := os.ReadFile(filepath.Join(folder, templateFile(tt.template)))
		require.NoError(t, err)
		p, err := policy.Parse("policy.yaml", text, policy.Env{Function: "f", Region: "eu-west-1", Account: "111122223333"})
		require.NoError(t, err, tt.template)
		for call, want := range map[string]bool{tt.allowed: true, tt.refused: false} {
			refused, sent := samCall(t, all, p, call)
			reason := ""
			if refused != nil {
				reason = refused.Reason
			}
			assert.Equal(t, want, refused == nil, "%s: %s: %s", tt.template, call, reason)
			assert.Equal(t, want, sent, "%s: %s", tt.template, call)
		}
	}
	for _, name := range otherwise {
		seen[name] = true
	}
	files, err := filepath.Glob(folder + "/*.yaml")
	require.NoError(t, err)
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(f), ".yaml"), "Policy")
		assert.True(t, seen[name], name)
	}
}

// templateFile returns the file of a template. The name ends in Policy, or in Policy and a version.
func templateFile(name string) string {
	if !strings.Contains(name, "Policy") {
		name += "Policy"
	}
	return name + ".yaml"
}

// samCall makes a call with a real client, and reports whether something was sent.
func samCall(t *testing.T, all map[string]func(aws.Config) any, p *policy.Policy, call string) (refused *violation, sent bool) {
	head, members, _ := strings.Cut(call, " ")
	service, operation, _ := strings.Cut(head, ":")
	wire := &nowhere{}
	require.Contains(t, all, service)
	op, ok := operations(all[service](aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider(ownKey, "s", ""), HTTPClient: wire,
		APIOptions: []func(*middleware.Stack) error{awsmiddleware.New(judge{p}), unvalidated},
	}))[operation]
	require.True(t, ok, call)
	input := reflect.New(op.Type().In(1).Elem())
	require.NoError(t, json.Unmarshal([]byte(members), input.Interface()), call)
	out := op.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	err, _ := out[1].Interface().(error)
	_ = errors.As(err, &refused)
	return refused, len(wire.sent) > 0
}
