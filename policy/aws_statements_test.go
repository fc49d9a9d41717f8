package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Statements of the kinds that the examples of AWS's documentation have: actions and resources, a
// call that they grant, and one that they do not.
var statements = []struct{ actions, resources, operation, granted, other string }{
	// DynamoDB, S3, queues and topics
	{"dynamodb:BatchGetItem dynamodb:Query dynamodb:ConditionCheckItem", "arn:aws:dynamodb:*:*:table/Books arn:aws:dynamodb:*:*:table/Books/index/*", "dynamodb:Query", `{"TableName":"Books","IndexName":"by-author"}`, `{"TableName":"Users","IndexName":"by-author"}`},
	{"dynamodb:DescribeStream dynamodb:GetShardIterator", "arn:aws:dynamodb:eu-west-1:111122223333:table/Books/stream/*", "dynamodbstreams:GetShardIterator", `{"StreamArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/Books/stream/2026-01-01T00:00:00.000"}`, `{"StreamArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/Users/stream/2026-01-01T00:00:00.000"}`},
	{"dynamodb:PartiQLInsert dynamodb:PartiQLSelect", "arn:aws:dynamodb:eu-west-1:111122223333:table/Music", "dynamodb:ExecuteStatement", `{"Statement":"SELECT * FROM Music WHERE Artist='x'"}`, `{"Statement":"DELETE FROM Music WHERE Artist='x'"}`},
	{"dynamodb:ExportTableToPointInTime", "arn:aws:dynamodb:eu-west-1:111122223333:table/Books", "dynamodb:ExportTableToPointInTime", `{"TableArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/Books"}`, `{"TableArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/Users"}`},
	{"s3:ListBucket", "arn:aws:s3:::reports", "s3:ListObjectsV2", `{"Bucket":"reports"}`, `{"Bucket":"payroll"}`},
	{"s3:GetObject s3:GetObjectVersion", "arn:aws:s3:::reports/public/*", "s3:GetObject", `{"Bucket":"reports","Key":"public/a.csv","VersionId":"1"}`, `{"Bucket":"reports","Key":"private/a.csv"}`},
	{"s3:AbortMultipartUpload s3:ListMultipartUploadParts s3:PutObject", "arn:aws:s3:::uploads/*", "s3:UploadPart", `{"Bucket":"uploads","Key":"a","UploadId":"1"}`, `{"Bucket":"reports","Key":"a","UploadId":"1"}`},
	{"s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/ap1/object/Jane/*", "s3:GetObject", `{"Bucket":"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap1","Key":"Jane/a"}`, `{"Bucket":"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap1","Key":"Alice/a"}`},
	{"s3:PutLifecycleConfiguration", "arn:aws:s3:::reports", "s3:PutBucketLifecycleConfiguration", `{"Bucket":"reports"}`, `{"Bucket":"payroll"}`},
	{"s3vectors:QueryVectors s3vectors:GetVectors", "arn:aws:s3vectors:eu-west-1:111122223333:bucket/docs/index/*", "s3vectors:QueryVectors", `{"VectorBucketName":"docs","IndexName":"i"}`, `{"VectorBucketName":"other","IndexName":"i"}`},
	{"sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:ReceiveMessage", "arn:aws:sqs:*:111122223333:bob_queue*", "sqs:ReceiveMessage", `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/bob_queue_1"}`, `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/alice_queue"}`},
	{"sqs:StartMessageMoveTask", "arn:aws:sqs:eu-west-1:111122223333:dead", "sqs:StartMessageMoveTask", `{"SourceArn":"arn:aws:sqs:eu-west-1:111122223333:dead"}`, `{"SourceArn":"arn:aws:sqs:eu-west-1:111122223333:other"}`},
	{"sns:Publish sns:Subscribe", "arn:aws:sns:*:111122223333:alerts-*", "sns:Subscribe", `{"TopicArn":"arn:aws:sns:eu-west-1:111122223333:alerts-prod","Protocol":"email"}`, `{"TopicArn":"arn:aws:sns:eu-west-1:111122223333:billing","Protocol":"email"}`},
	{"sns:Publish", "arn:aws:sns:eu-west-1:111122223333:alerts.fifo", "sns:PublishBatch", `{"TopicArn":"arn:aws:sns:eu-west-1:111122223333:alerts.fifo"}`, `{"TopicArn":"arn:aws:sns:eu-west-1:111122223333:other.fifo"}`},

	// functions, flows and events
	{"lambda:InvokeFunction lambda:InvokeAsync", "arn:aws:lambda:eu-west-1:111122223333:function:test_*", "lambda:Invoke", `{"FunctionName":"test_one"}`, `{"FunctionName":"prod_one"}`},
	{"lambda:PublishLayerVersion", "arn:aws:lambda:*:*:layer:test-*", "lambda:PublishLayerVersion", `{"LayerName":"test-tools"}`, `{"LayerName":"prod-tools"}`},
	{"lambda:GetLayerVersion", "arn:aws:lambda:*:*:layer:*:*", "lambda:GetLayerVersionByArn", `{"Arn":"arn:aws:lambda:eu-west-1:111122223333:layer:tools:3"}`, ``},
	{"states:StartExecution", "arn:aws:states:*:*:stateMachine:*Order", "states:StartExecution", `{"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:NewOrder"}`, `{"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:Refund"}`},
	{"states:DescribeExecution states:StopExecution", "arn:aws:states:eu-west-1:111122223333:execution:Ship:*", "states:StopExecution", `{"ExecutionArn":"arn:aws:states:eu-west-1:111122223333:execution:Ship:1"}`, `{"ExecutionArn":"arn:aws:states:eu-west-1:111122223333:execution:Bill:1"}`},
	{"states:StartSyncExecution", "arn:aws:states:eu-west-1:111122223333:stateMachine:Quick", "states:StartSyncExecution", `{"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:Quick"}`, `{"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:Slow"}`},
	{"events:PutTargets", "arn:aws:events:eu-west-1:111122223333:rule/shop/nightly", "events:PutTargets", `{"Rule":"nightly","EventBusName":"shop"}`, `{"Rule":"nightly","EventBusName":""}`},
	{"events:EnableRule events:DisableRule", "arn:aws:events:*:*:rule/nightly", "events:DisableRule", `{"Name":"nightly","EventBusName":""}`, `{"Name":"hourly","EventBusName":""}`},
	{"scheduler:CreateSchedule scheduler:DeleteSchedule", "arn:aws:scheduler:*:*:schedule/default/*", "scheduler:CreateSchedule", `{"Name":"once","GroupName":""}`, `{"Name":"once","GroupName":"other"}`},
	{"pipes:StartPipe pipes:StopPipe", "arn:aws:pipes:eu-west-1:111122223333:pipe/orders", "pipes:StopPipe", `{"Name":"orders"}`, `{"Name":"refunds"}`},
	{"schemas:DescribeSchema", "arn:aws:schemas:eu-west-1:111122223333:schema/reg/*", "schemas:DescribeSchema", `{"RegistryName":"reg","SchemaName":"s"}`, `{"RegistryName":"other","SchemaName":"s"}`},
	{"kinesis:PutRecord kinesis:PutRecords", "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks", "kinesis:PutRecords", `{"StreamName":"clicks"}`, `{"StreamName":"orders"}`},
	{"kinesis:SubscribeToShard", "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks/consumer/*", "kinesis:SubscribeToShard", `{"ConsumerARN":"arn:aws:kinesis:eu-west-1:111122223333:stream/clicks/consumer/mine:1"}`, `{"ConsumerARN":"arn:aws:kinesis:eu-west-1:111122223333:stream/orders/consumer/mine:1"}`},
	{"firehose:PutRecord firehose:PutRecordBatch", "arn:aws:firehose:eu-west-1:111122223333:deliverystream/logs", "firehose:PutRecordBatch", `{"DeliveryStreamName":"logs"}`, `{"DeliveryStreamName":"audit"}`},

	// keys, secrets, parameters and identities
	{"kms:Encrypt kms:Decrypt kms:GenerateDataKey", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "kms:GenerateDataKey", `{"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab"}`, `{"KeyId":"0987dcba-09fe-87dc-65ba-ab0987654321"}`},
	{"kms:Sign kms:GetPublicKey", "arn:aws:kms:*:111122223333:key/*", "kms:Sign", `{"KeyId":"arn:aws:kms:us-west-2:111122223333:key/1234abcd"}`, `{"KeyId":"arn:aws:kms:us-west-2:444455556666:key/1234abcd"}`},
	{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:MySecret-??????", "secretsmanager:GetSecretValue", `{"SecretId":"MySecret"}`, `{"SecretId":"MySecretToo"}`},
	{"secretsmanager:GetSecretValue secretsmanager:DescribeSecret", "arn:aws:secretsmanager:*:*:secret:TestEnv/*", "secretsmanager:DescribeSecret", `{"SecretId":"TestEnv/db"}`, `{"SecretId":"ProdEnv/db"}`},
	{"ssm:GetParameters ssm:GetParameter", "arn:aws:ssm:eu-west-1:111122223333:parameter/prod-*", "ssm:GetParameters", `{"Names":["prod-a","prod-b"]}`, `{"Names":["prod-a","dev-b"]}`},
	{"ssm:GetParametersByPath", "arn:aws:ssm:*:*:parameter/Dev/*", "ssm:GetParametersByPath", `{"Path":"/Dev/ERP"}`, `{"Path":"/Prod"}`},
	{"ssm:SendCommand", "arn:aws:ssm:*::document/AWS-RunShellScript arn:aws:ssm:*:*:document/AWS-RunShellScript arn:aws:ec2:*:*:instance/i-02573cafcfEXAMPLE", "ssm:SendCommand", `{"DocumentName":"AWS-RunShellScript","InstanceIds":["i-02573cafcfEXAMPLE"]}`, `{"DocumentName":"AWS-RunShellScript","InstanceIds":["i-0471e04240EXAMPLE"]}`},
	{"ssm:StartAutomationExecution", "arn:aws:ssm:*:111122223333:automation-definition/Restart:* arn:aws:ssm:*:111122223333:document/Restart", "ssm:StartAutomationExecution", `{"DocumentName":"Restart"}`, `{"DocumentName":"Delete"}`},
	{"sts:AssumeRole", "arn:aws:iam::123456789012:role/UpdateApp", "sts:AssumeRole", `{"RoleArn":"arn:aws:iam::123456789012:role/UpdateApp"}`, `{"RoleArn":"arn:aws:iam::123456789012:role/Admin"}`},
	{"cognito-idp:AdminInitiateAuth cognito-idp:AdminGetUser", "arn:aws:cognito-idp:*:111122223333:userpool/eu-west-1_1a1a1a1a1", "cognito-idp:AdminGetUser", `{"UserPoolId":"eu-west-1_1a1a1a1a1"}`, `{"UserPoolId":"eu-west-1_2b2b2b2b2"}`},
	{"iam:GetUser iam:ChangePassword", "arn:aws:iam::*:user/Bob", "iam:GetUser", `{"UserName":"Bob"}`, `{"UserName":"Alice"}`},
	{"appconfig:StartConfigurationSession appconfig:GetLatestConfiguration", "arn:aws:appconfig:*:*:application/app1/environment/prod/configuration/*", "appconfigdata:StartConfigurationSession", `{"ApplicationIdentifier":"app1","EnvironmentIdentifier":"prod","ConfigurationProfileIdentifier":"c"}`, `{"ApplicationIdentifier":"app1","EnvironmentIdentifier":"dev","ConfigurationProfileIdentifier":"c"}`},

	// compute and networks
	{"ec2:StartInstances ec2:StopInstances", "arn:aws:ec2:*:*:instance/i-0a1b2c3d", "ec2:StopInstances", `{"InstanceIds":["i-0a1b2c3d"]}`, `{"InstanceIds":["i-0a1b2c3d","i-0a1b2c3e"]}`},
	{"ec2:AttachVolume ec2:DetachVolume", "arn:aws:ec2:*:*:volume/vol-1 arn:aws:ec2:*:*:instance/*", "ec2:AttachVolume", `{"VolumeId":"vol-1","InstanceId":"i-2"}`, `{"VolumeId":"vol-2","InstanceId":"i-2"}`},
	{"ecs:UpdateService ecs:DescribeServices", "arn:aws:ecs:*:*:service/prod/*", "ecs:UpdateService", `{"Cluster":"prod","Service":"web"}`, `{"Cluster":"dev","Service":"web"}`},
	{"ecs:RunTask", "arn:aws:ecs:eu-west-1:111122223333:task-definition/hello_world:8", "ecs:RunTask", `{"TaskDefinition":"hello_world:8"}`, `{"TaskDefinition":"hello_world:9"}`},
	{"ecr:BatchGetImage ecr:GetDownloadUrlForLayer", "arn:aws:ecr:eu-west-1:111122223333:repository/team/app", "ecr:BatchGetImage", `{"RepositoryName":"team/app"}`, `{"RepositoryName":"team/other"}`},
	{"autoscaling:SetDesiredCapacity autoscaling:TerminateInstanceInAutoScalingGroup", "arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/web-*", "autoscaling:SetDesiredCapacity", `{"AutoScalingGroupName":"web-1"}`, `{"AutoScalingGroupName":"db-1"}`},
	{"elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets", "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/*", "elasticloadbalancingv2:RegisterTargets", `{"TargetGroupArn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/73e2d6bc24d8a067"}`, `{"TargetGroupArn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/api/73e2d6bc24d8a067"}`},
	{"route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z11111112222222333333", "route53:ChangeResourceRecordSets", `{"HostedZoneId":"/hostedzone/Z11111112222222333333"}`, `{"HostedZoneId":"Z22222223333333444444"}`},
	{"cloudfront:CreateInvalidation", "arn:aws:cloudfront::111122223333:distribution/E1A2B3", "cloudfront:CreateInvalidation", `{"DistributionId":"E1A2B3"}`, `{"DistributionId":"E9Z9Z9"}`},
	{"batch:SubmitJob", "arn:aws:batch:*:*:job-queue/q1 arn:aws:batch:*:*:job-definition/convert*", "batch:SubmitJob", `{"JobName":"x","JobQueue":"q1","JobDefinition":"convert"}`, `{"JobName":"x","JobQueue":"q2","JobDefinition":"convert"}`},
	{"codebuild:StartBuild codebuild:BatchGetBuilds", "arn:aws:codebuild:eu-west-1:111122223333:project/my-project", "codebuild:StartBuild", `{"ProjectName":"my-project"}`, `{"ProjectName":"other"}`},
	{"codepipeline:StartPipelineExecution", "arn:aws:codepipeline:*:*:MyPipeline", "codepipeline:StartPipelineExecution", `{"Name":"MyPipeline"}`, `{"Name":"Other"}`},
	{"cloudformation:DescribeStacks cloudformation:UpdateStack", "arn:aws:cloudformation:*:*:stack/prod-*/*", "cloudformation:UpdateStack", `{"StackName":"prod-web"}`, `{"StackName":"dev-web"}`},

	// data and search
	{"athena:StartQueryExecution", "arn:aws:athena:eu-west-1:111122223333:workgroup/wg", "athena:StartQueryExecution", `{"WorkGroup":"wg","QueryString":"select 1"}`, `{"QueryString":"select 1"}`},
	{"glue:GetTable glue:GetPartitions", "arn:aws:glue:*:*:catalog arn:aws:glue:*:*:database/sales arn:aws:glue:*:*:table/sales/*", "glue:GetTable", `{"DatabaseName":"sales","Name":"t"}`, `{"DatabaseName":"hr","Name":"t"}`},
	{"glue:StartJobRun glue:GetJobRun", "arn:aws:glue:*:*:job/etl", "glue:StartJobRun", `{"JobName":"etl"}`, `{"JobName":"other"}`},
	{"glue:GetSchemaVersion", "arn:aws:glue:*:*:registry/r arn:aws:glue:*:*:schema/r/*", "glue:GetSchemaVersion", `{"SchemaId":{"RegistryName":"r","SchemaName":"s"}}`, `{"SchemaId":{"RegistryName":"q","SchemaName":"s"}}`},
	{"rds:StartDBInstance rds:StopDBInstance", "arn:aws:rds:*:*:db:dev-*", "rds:StopDBInstance", `{"DBInstanceIdentifier":"dev-1"}`, `{"DBInstanceIdentifier":"prod-1"}`},
	{"rds-data:ExecuteStatement rds-data:BatchExecuteStatement", "arn:aws:rds:eu-west-1:111122223333:cluster:app", "rds-data:ExecuteStatement", `{"ResourceArn":"arn:aws:rds:eu-west-1:111122223333:cluster:app"}`, `{"ResourceArn":"arn:aws:rds:eu-west-1:111122223333:cluster:hr"}`},
	{"redshift:GetClusterCredentials", "arn:aws:redshift:*:*:dbuser:c1/reader arn:aws:redshift:*:*:dbname:c1/dev", "redshift:GetClusterCredentials", `{"ClusterIdentifier":"c1","DbUser":"reader","DbName":"dev"}`, `{"ClusterIdentifier":"c1","DbUser":"admin","DbName":"dev"}`},
	{"timestream:WriteRecords", "arn:aws:timestream:*:*:database/m/table/cpu", "timestreamwrite:WriteRecords", `{"DatabaseName":"m","TableName":"cpu"}`, `{"DatabaseName":"m","TableName":"mem"}`},
	{"logs:CreateLogStream logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/app/*:*", "logs:PutLogEvents", `{"LogGroupName":"/app/web","LogStreamName":"s"}`, `{"LogGroupName":"/other","LogStreamName":"s"}`},
	{"logs:StartQuery logs:GetLogRecord", "arn:aws:logs:*:*:log-group:/app/*", "logs:StartQuery", `{"LogGroupNames":["/app/a","/app/b"]}`, `{"LogGroupNames":["/app/a","/other"]}`},
	{"cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:*:*:alarm:app-*", "cloudwatch:DeleteAlarms", `{"AlarmNames":["app-1"]}`, `{"AlarmNames":["app-1","db-1"]}`},
	{"pi:GetResourceMetrics pi:DescribeDimensionKeys", "arn:aws:pi:*:*:metrics/rds/*", "pi:GetResourceMetrics", `{"ServiceType":"RDS","Identifier":"db-ABC"}`, `{"ServiceType":"DOCDB","Identifier":"db-ABC"}`},
	{"neptune-db:ReadDataViaQuery neptune-db:WriteDataViaQuery neptune-db:DeleteDataViaQuery", "", "neptunedata:ExecuteOpenCypherQuery", `{"OpenCypherQuery":"MATCH (n) RETURN n"}`, ``},
	{"geo:SearchPlaceIndexForText", "arn:aws:geo:*:*:place-index/world", "location:SearchPlaceIndexForText", `{"IndexName":"world","Text":"x"}`, `{"IndexName":"other","Text":"x"}`},
	{"iot:Publish", "arn:aws:iot:*:*:topic/sensors/*", "iotdataplane:Publish", `{"Topic":"sensors/1"}`, `{"Topic":"doors/1"}`},
	{"iot:GetThingShadow iot:UpdateThingShadow", "arn:aws:iot:*:*:thing/lamp-*", "iotdataplane:GetThingShadow", `{"ThingName":"lamp-1"}`, `{"ThingName":"door-1"}`},

	// models, mail and what has no resource
	{"bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/anthropic.*", "bedrockruntime:Converse", `{"ModelId":"anthropic.claude-v2"}`, `{"ModelId":"amazon.nova-pro"}`},
	{"bedrock:Retrieve", "arn:aws:bedrock:eu-west-1:111122223333:knowledge-base/KB1", "bedrockagentruntime:Retrieve", `{"KnowledgeBaseId":"KB1"}`, `{"KnowledgeBaseId":"KB2"}`},
	{"bedrock:InvokeAgent", "arn:aws:bedrock:*:*:agent-alias/AG1/*", "bedrockagentruntime:InvokeAgent", `{"AgentId":"AG1","AgentAliasId":"A"}`, `{"AgentId":"AG2","AgentAliasId":"A"}`},
	{"sagemaker:InvokeEndpoint", "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/recommender", "sagemakerruntime:InvokeEndpoint", `{"EndpointName":"Recommender"}`, `{"EndpointName":"other"}`},
	{"ses:SendEmail ses:SendRawEmail", "arn:aws:ses:*:*:identity/example.com", "sesv2:SendEmail", `{"FromEmailAddress":"orders@example.com"}`, `{"FromEmailAddress":"orders@example.org"}`},
	{"rekognition:DetectLabels rekognition:DetectFaces", "*", "rekognition:DetectLabels", `{}`, ``},
	{"polly:SynthesizeSpeech translate:TranslateText comprehend:DetectSentiment", "*", "comprehend:DetectSentiment", `{"Text":"x","LanguageCode":"en"}`, ``},
	{"xray:PutTraceSegments xray:PutTelemetryRecords", "*", "xray:PutTraceSegments", `{}`, ``},
	{"cloudwatch:PutMetricData", "*", "cloudwatch:PutMetricData", `{"Namespace":"x"}`, ``},
	{"ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DeleteNetworkInterface", "*", "ec2:DescribeNetworkInterfaces", `{}`, ``},
}

func TestStatementsOfAWSsDocumentation(t *testing.T) {
	for _, tt := range statements {
		rule := "whitelist:\n- aws: " + yamlList(strings.Fields(tt.actions)...) + "\n"
		if tt.resources != "" {
			rule += "  resources: " + yamlList(strings.Fields(tt.resources)...) + "\n"
		}
		p, err := Parse("policy.yaml", []byte(rule), signedEnv())
		if !assert.NoError(t, err, rule) {
			continue
		}
		assert.Empty(t, p.Warnings(), rule)
		service, operation, _ := strings.Cut(tt.operation, ":")
		decide := func(input string) Decision {
			return p.Decide(Call{Via: ViaSDK, AWS: AWSCall{Service: service, Operation: operation, Region: "eu-west-1", Input: inputOf(t, input)}})
		}
		d := decide(tt.granted)
		assert.True(t, d.Allowed(), "%s: %s: %s", rule, tt.granted, d.Reason)
		if tt.other != "" {
			assert.False(t, decide(tt.other).Allowed(), "%s: %s", rule, tt.other)
		}
		assert.False(t, p.Decide(Call{Via: ViaSDK, AWS: AWSCall{Service: "iam", Operation: "CreateAccessKey", Input: inputOf(t, `{"UserName":"Bob"}`)}}).Allowed(), rule)
	}
	require.Greater(t, len(statements), 60)
}
