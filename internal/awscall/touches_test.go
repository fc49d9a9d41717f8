package awscall

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A touchCase is a call, its input as standIn reads it, and what it touches as describe writes it.
type touchCase struct{ operation, input, touches string }

var touchCases = []touchCase{
	// names and ARNs of one resource
	{"dynamodb:GetItem", `{"TableName":"orders"}`, `GetItem dynamodb:here:table/orders`},
	{"dynamodb:GetItem", `{"TableName":"arn:aws:dynamodb:us-east-1:222233334444:table/orders"}`, `GetItem dynamodb:us-east-1:222233334444:table/orders`},
	{"dynamodb:GetItem", `{"TableName":"arn:aws-cn:dynamodb:cn-north-1:222233334444:table/orders"}`, `GetItem aws-cn:dynamodb:cn-north-1:222233334444:table/orders`},
	{"dynamodb:GetItem", `{"TableName":"a/b"}`, `GetItem ?`},
	{"dynamodb:GetItem", `{"TableName":""}`, `GetItem ?`},
	{"dynamodb:GetItem", `{"Other":"x"}`, `GetItem ?`},
	{"dynamodb:GetItem", `{"TableName":"arn:aws:dynamodb:eu-west-1"}`, `GetItem ?`},
	{"dynamodb:Query", `{"TableName":"orders","IndexName":"by-day"}`, `Query dynamodb:here:table/orders/index/by-day`},
	{"dynamodb:Query", `{"TableName":"arn:aws:dynamodb:us-east-1:222233334444:table/orders","IndexName":"by-day"}`, `Query dynamodb:us-east-1:222233334444:table/orders/index/by-day`},
	{"dynamodb:ListTables", `{"Limit":3}`, `ListTables -`},
	{"dynamodb:BatchGetItem", `{"RequestItems{}":{"orders":{"Keys":["x"]}}}`, `BatchGetItem +GetItem dynamodb:here:table/orders`},
	{"dynamodb:TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"a"}},{"Delete":{"TableName":"a"}},{"ConditionCheck":{"TableName":"b"}},{"Update":{"TableName":"c"}}]}`, `ConditionCheckItem dynamodb:here:table/b; PutItem,DeleteItem dynamodb:here:table/a; UpdateItem dynamodb:here:table/c`},
	{"dynamodb:TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"a"}},{"Get":{"TableName":"a"}}]}`, `GetItem dynamodb:here:table/a`},
	{"dynamodb:BatchWriteItem", `{"RequestItems{}":{"orders":[{"PutRequest":{"Item":"x"}}]}}`, `BatchWriteItem +PutItem dynamodb:here:table/orders`},
	{"dynamodb:BatchWriteItem", `{"RequestItems{}":{"orders":[{"DeleteRequest":{"Key":"x"}}]}}`, `BatchWriteItem +DeleteItem dynamodb:here:table/orders`},
	{"dynamodb:BatchWriteItem", `{"RequestItems{}":{"orders":[{"PutRequest":{"Item":"x"}},{"DeleteRequest":{"Key":"x"}}]}}`, `BatchWriteItem +PutItem +DeleteItem dynamodb:here:table/orders`},
	{"dynamodb:BatchWriteItem", `{"RequestItems{}":{"a/b":[{"PutRequest":{"Item":"x"}}]}}`, `BatchWriteItem +PutItem ?`},
	{"dynamodb:ExecuteStatement", `{"Statement":"SELECT * FROM orders"}`, `PartiQLSelect +GetItem +Query +Scan dynamodb:here:table/orders`},
	{"dynamodb:ExecuteStatement", `{"Statement":"UPDATE orders SET a = 1"}`, `PartiQLUpdate +UpdateItem dynamodb:here:table/orders`},
	{"dynamodb:ExecuteStatement", `{"Statement":"SELECT * FROM orders.by_day"}`, `PartiQLSelect +GetItem +Query +Scan dynamodb:here:table/orders/index/by_day`},
	{"dynamodb:ExecuteStatement", `{"Statement":"DROP TABLE orders"}`, `PartiQLSelect,PartiQLInsert,PartiQLUpdate,PartiQLDelete ?`},
	{"dynamodb:ExecuteStatement", `{"Statement":"DELETE FROM \"a/b\""}`, `PartiQLDelete +DeleteItem ?`},
	{"dynamodb:BatchExecuteStatement", `{"Statements":[{"Statement":"INSERT INTO a VALUE {}"},{"Statement":"DELETE FROM b"}]}`, `PartiQLInsert +ExecuteStatement +PutItem dynamodb:here:table/a; PartiQLDelete +ExecuteStatement +DeleteItem dynamodb:here:table/b`},
	{"dynamodb:ExecuteTransaction", `{"TransactStatements":[{"Statement":"EXISTS(SELECT * FROM a WHERE id=1)"}]}`, `PartiQLSelect +GetItem +Query +Scan dynamodb:here:table/a`},
	// buckets, objects and access points
	{"s3:GetObject", `{"Bucket":"receipts","Key":"a/b.pdf"}`, `GetObject s3:::receipts/a/b.pdf`},
	{"s3:GetObject", `{"Bucket":"receipts","Key":"a/../b.pdf"}`, `GetObject ?`},
	{"s3:GetObject", `{"Bucket":"receipts","Key":"a","VersionId":"1"}`, `GetObjectVersion s3:::receipts/a`},
	{"s3:GetObject", `{"Bucket":"receipts","Key":"a","ExpectedBucketOwner":"222233334444"}`, `GetObject s3:::receipts/a @222233334444`},
	{"s3:GetObject", `{"Bucket":"receipts","Key":"a","ExpectedBucketOwner":"me"}`, `GetObject s3:::receipts/a @?`},
	{"s3:GetObject", `{"Bucket":"x/y","Key":"a"}`, `GetObject ?`},
	{"s3:GetObject", `{"Bucket":"arn:aws:s3:eu-west-1:222233334444:accesspoint/ap","Key":"a"}`, `GetObject s3:eu-west-1:222233334444:accesspoint/ap/object/a`},
	{"s3:GetObject", `{"Bucket":"arn:aws:s3:eu-west-1:222233334444:accesspoint:ap","Key":"a","ExpectedBucketOwner":"333344445555"}`, `GetObject s3:eu-west-1:222233334444:accesspoint/ap/object/a @333344445555`},
	{"s3:GetObject", `{"Bucket":"arn:aws:s3-object-lambda:eu-west-1:111122223333:accesspoint/ol","Key":"a"}`, `s3-object-lambda:GetObject s3-object-lambda:here:accesspoint/ol`},
	{"s3:GetObject", `{"Bucket":"arn:aws:s3-outposts:eu-west-1:111122223333:outpost:op-1:accesspoint:ap","Key":"a"}`, `s3-outposts:GetObject s3-outposts:here:outpost/op-1/accesspoint/ap/object/a`},
	{"s3:GetObject", `{"Bucket":"b--use1-az4--x-s3","Key":"a"}`, `s3express:CreateSession s3express:here:bucket/b--use1-az4--x-s3`},
	{"s3:PutObject", `{"Bucket":"receipts","Key":"a"}`, `PutObject s3:::receipts/a`},
	{"s3:ListObjectsV2", `{"Bucket":"receipts","Prefix":"a"}`, `ListBucket s3:::receipts`},
	{"s3:ListBuckets", `{"Prefix":"a"}`, `ListAllMyBuckets -`},
	{"s3:CopyObject", `{"Bucket":"receipts","Key":"a","CopySource":"other/b%2Fc?versionId=7"}`, `GetObjectVersion s3:::other/b/c; PutObject s3:::receipts/a`},
	{"s3:CopyObject", `{"Bucket":"receipts","Key":"a","CopySource":"/other/b+c"}`, `GetObject s3:::other/b c; GetObject s3:::other/b+c; PutObject s3:::receipts/a`},
	{"s3:CopyObject", `{"Bucket":"receipts","Key":"a","CopySource":"other"}`, `GetObject ?; PutObject s3:::receipts/a`},
	{"s3:CopyObject", `{"Bucket":"receipts","Key":"a","CopySource":"%zz/b"}`, `GetObject ?; PutObject s3:::receipts/a`},
	{"s3:CopyObject", `{"Bucket":"receipts","Key":"a","CopySource":"receipts/a"}`, `PutObject,GetObject s3:::receipts/a`},
	{"s3:CopyObject", `{"Bucket":"receipts","Key":"a","CopySource":"receipts/a","ExpectedBucketOwner":"222233334444","ExpectedSourceBucketOwner":"333344445555"}`, `GetObject s3:::receipts/a @333344445555; PutObject s3:::receipts/a @222233334444`},
	{"s3:DeleteObjects", `{"Bucket":"receipts","Delete":{"Objects":[{"Key":"a"},{"Key":"b","VersionId":"1"}]}}`, `DeleteObject s3:::receipts/a; DeleteObjectVersion s3:::receipts/b`},
	{"s3:RenameObject", `{"Bucket":"receipts","Key":"a","RenameSource":"b"}`, `s3express:CreateSession s3:::receipts/b; s3express:CreateSession s3:::receipts/a`},
	{"s3:RenameObject", `{"Bucket":"b--use1-az4--x-s3","Key":"a","RenameSource":"b"}`, `s3express:CreateSession s3express:here:bucket/b--use1-az4--x-s3`},
	{"s3:RenameObject", `{"Bucket":"receipts","Key":"a","RenameSource":"receipts/b"}`, `s3express:CreateSession s3:::receipts/b; s3express:CreateSession s3:::receipts/a`},
	{"s3:PutBucketLogging", `{"Bucket":"receipts","BucketLoggingStatus":{"LoggingEnabled":{"TargetBucket":"logs","TargetPrefix":"r"}}}`, `PutBucketLogging s3:::receipts; PutObject s3:::logs/r…`},
	{"s3control:CreateAccessPoint", `{"AccountId":"222233334444","Name":"ap","Bucket":"receipts","BucketAccountId":"333344445555"}`, `CreateAccessPoint s3:::receipts @333344445555; CreateAccessPoint s3:eu-west-1:222233334444:accesspoint/ap @333344445555`},
	{"textract:DetectDocumentText", `{"Document":{"S3Object":{"Bucket":"scans","Name":"a.png"}}}`, `s3:GetObject s3:::scans/a.png; DetectDocumentText -`},
	{"athena:StartQueryExecution", `{"WorkGroup":"","ResultConfiguration":{"OutputLocation":"s3://out/q"}}`, `StartQueryExecution athena:here:workgroup/primary; s3:PutObject s3:::out/q/…`},
	{"athena:StartQueryExecution", `{"WorkGroup":"w","ResultConfiguration":{"OutputLocation":"https://out/q"}}`, `StartQueryExecution athena:here:workgroup/w; s3:PutObject ?`},
	// queues, topics, phone numbers and senders
	{"sqs:SendMessage", `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/orders"}`, `SendMessage sqs:here:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/222233334444/orders"}`, `SendMessage sqs:eu-west-1:222233334444:orders; SendMessage sqs:us-east-1:222233334444:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"https://sqs.cn-north-1.amazonaws.com.cn/222233334444/orders"}`, `SendMessage sqs:eu-west-1:222233334444:orders; SendMessage aws-cn:sqs:cn-north-1:222233334444:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"https://eu-west-2.queue.amazonaws.com/111122223333/orders"}`, `SendMessage sqs:here:orders; SendMessage sqs:eu-west-2:111122223333:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"https://queue.amazonaws.com/111122223333/orders"}`, `SendMessage sqs:here:orders; SendMessage sqs:us-east-1:111122223333:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"https://vpce-1.sqs.us-west-2.vpce.amazonaws.com/111122223333/orders"}`, `SendMessage sqs:here:orders; SendMessage sqs:us-west-2:111122223333:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"https://sqs.EU_WEST.amazonaws.com/111122223333/orders"}`, `SendMessage sqs:here:orders; SendMessage ?`},
	{"sqs:SendMessage", `{"QueueUrl":"http://localhost:4566/000000000000/orders"}`, `SendMessage sqs:eu-west-1:000000000000:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"orders"}`, `SendMessage sqs:here:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"https://example.com/a/b/c"}`, `SendMessage ?`},
	{"sqs:SendMessage", `{"QueueUrl":"arn:aws:sqs:eu-west-1:111122223333:orders"}`, `SendMessage sqs:here:orders`},
	{"sqs:GetQueueUrl", `{"QueueName":"orders","QueueOwnerAWSAccountId":"222233334444"}`, `GetQueueUrl sqs:eu-west-1:222233334444:orders`},
	{"sqs:GetQueueUrl", `{"QueueName":"orders","QueueOwnerAWSAccountId":"me"}`, `GetQueueUrl ?`},
	{"sns:Publish", `{"TopicArn":"arn:aws:sns:eu-west-1:111122223333:alerts"}`, `Publish sns:here:alerts`},
	{"sns:Publish", `{"PhoneNumber":"+49 30 123456"}`, `Publish sns:::phone/+49 30 123456`},
	{"sns:Publish", `{"PhoneNumber":"+49x"}`, `Publish ?`},
	{"sns:Unsubscribe", `{"SubscriptionArn":"arn:aws:sns:eu-west-1:111122223333:alerts:7a"}`, `Unsubscribe sns:here:alerts:7a =alerts`},
	{"ses:SendEmail", `{"Source":"Orders <orders@Example.com>"}`, `SendEmail ses:here:identity/orders@example.com =identity/example.com`},
	{"ses:VerifyDomainIdentity", `{"Domain":"Example.com"}`, `+VerifyDomainIdentity ses:here:identity/example.com; VerifyDomainIdentity -`},
	{"ses:SendEmail", `{"Source":"orders@example.com (x)"}`, `SendEmail ?`},
	{"ses:SendEmail", `{"Source":"x@example.com","SourceArn":"arn:aws:ses:eu-west-1:222233334444:identity/example.com"}`, `SendEmail ses:eu-west-1:222233334444:identity/example.com; SendEmail ses:here:identity/x@example.com =identity/example.com`},
	// secrets, parameters, instances and keys
	{"secretsmanager:GetSecretValue", `{"SecretId":"prod/db"}`, `GetSecretValue secretsmanager:here:secret:prod/db =secret:prod/db-?`},
	{"secretsmanager:GetSecretValue", `{"SecretId":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-A1b2C3"}`, `GetSecretValue secretsmanager:here:secret:prod/db-A1b2C3 =secret:prod/db`},
	{"secretsmanager:GetSecretValue", `{"SecretId":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db"}`, `GetSecretValue secretsmanager:here:secret:prod/db =secret:prod/db-?`},
	{"secretsmanager:GetSecretValue", `{"SecretId":"a*"}`, `GetSecretValue ?`},
	{"secretsmanager:BatchGetSecretValue", `{"SecretIdList":["a","b"]}`, `BatchGetSecretValue +GetSecretValue secretsmanager:here:secret:a =secret:a-?; BatchGetSecretValue +GetSecretValue secretsmanager:here:secret:b =secret:b-?; GetSecretValue secretsmanager:here:secret:a =secret:a-?; GetSecretValue secretsmanager:here:secret:b =secret:b-?`},
	{"secretsmanager:BatchGetSecretValue", `{"Filters":[{"Key":"name"}]}`, `GetSecretValue ?; BatchGetSecretValue +GetSecretValue ?`},
	{"ssm:GetParameter", `{"Name":"/prod/db:3"}`, `GetParameter ssm:here:parameter/prod/db`},
	{"ssm:GetParameter", `{"Name":"/aws/reference/secretsmanager/prod/db"}`, `GetParameter ssm:here:parameter/aws/reference/secretsmanager/prod/db; secretsmanager:GetSecretValue secretsmanager:here:secret:prod/db =secret:prod/db-?`},
	{"ssm:GetParameter", `{"Name":"arn:aws:ssm:us-east-1:222233334444:parameter/shared"}`, `GetParameter ssm:us-east-1:222233334444:parameter/shared`},
	{"ssm:GetParameters", `{"Names":["a","/b"]}`, `GetParameters +GetParameter ssm:here:parameter/a; GetParameters +GetParameter ssm:here:parameter/b`},
	{"ssm:GetParametersByPath", `{"Path":"/prod/"}`, `GetParametersByPath +GetParameter ssm:here:parameter/prod/… =parameter/prod`},
	{"ssm:GetParametersByPath", `{"Path":"/"}`, `GetParametersByPath +GetParameter ssm:here:parameter/…`},
	{"ssm:GetParametersByPath", `{"Path":"/a/../b"}`, `GetParametersByPath +GetParameter ?`},
	{"ssm:SendCommand", `{"DocumentName":"AWS-RunShellScript","InstanceIds":["i-1","mi-2","x/y"]}`, `SendCommand ssm:here:document/AWS-RunShellScript; SendCommand ec2:here:instance/i-1; SendCommand ssm:here:managed-instance/mi-2; SendCommand ?`},
	{"ssm:AddTagsToResource", `{"ResourceType":"Parameter","ResourceId":"/a"}`, `AddTagsToResource ssm:here:parameter/a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"Unheard","ResourceId":"a"}`, `AddTagsToResource ?`},
	{"kms:Decrypt", `{"KeyId":"alias/orders"}`, `Decrypt kms:here:alias/orders`},
	{"kms:Decrypt", `{"KeyId":"1234abcd-12ab"}`, `Decrypt kms:here:key/1234abcd-12ab`},
	{"kms:Decrypt", `{"KeyId":"arn:aws:kms:eu-west-1:222233334444:key/1"}`, `Decrypt kms:eu-west-1:222233334444:key/1`},
	{"kms:Decrypt", `{"KeyId":"alias/a*"}`, `Decrypt ?`},
	{"kms:ReEncrypt", `{"SourceKeyId":"a","DestinationKeyId":"b"}`, `ReEncryptFrom kms:here:key/a; ReEncryptTo kms:here:key/b`},
	// what further members add
	{"s3vectors:QueryVectors", `{"VectorBucketName":"v","IndexName":"i"}`, `QueryVectors s3vectors:here:bucket/v/index/i`},
	{"s3vectors:QueryVectors", `{"VectorBucketName":"v","IndexName":"i","ReturnMetadata":true}`, `QueryVectors,GetVectors s3vectors:here:bucket/v/index/i`},
	{"s3tables:CreateTable", `{"TableBucketARN":"arn:aws:s3tables:eu-west-1:111122223333:bucket/lake","EncryptionConfiguration":{"SseAlgorithm":"AES256"}}`, `CreateTable s3tables:here:bucket/lake; PutTableEncryption s3tables:here:bucket/lake/table/*`},
	{"bedrock-agentcore:InvokeAgentRuntime", `{"AgentRuntimeArn":"arn:aws:bedrock-agentcore:eu-west-1:111122223333:runtime/r"}`, `InvokeAgentRuntime bedrock-agentcore:here:runtime/r`},
	{"bedrock-agentcore:InvokeAgentRuntime", `{"AgentRuntimeArn":"arn:aws:bedrock-agentcore:eu-west-1:111122223333:runtime/r","RuntimeUserId":"u"}`, `InvokeAgentRuntime,InvokeAgentRuntimeForUser bedrock-agentcore:here:runtime/r`},
	{"redshift:GetClusterCredentials", `{"ClusterIdentifier":"c","DbUser":"u"}`, `GetClusterCredentials redshift:here:dbuser:c/u`},
	{"redshift:GetClusterCredentials", `{"ClusterIdentifier":"c","DbUser":"u","DbName":"d","AutoCreate":true,"DbGroups":["g"]}`, `GetClusterCredentials redshift:here:dbname:c/d; GetClusterCredentials,CreateClusterUser redshift:here:dbuser:c/u; JoinGroup redshift:here:dbgroup:c/g`},
	{"apigateway:CreateDomainNameAccessAssociation", `{"DomainNameArn":"arn:aws:apigateway:eu-west-1:111122223333:/domainnames/d+1"}`, `CreateAccessAssociation apigateway:here:/domainnames/d+1; POST apigateway:here:/domainnameaccessassociations`},
	{"secretsmanager:CreateSecret", `{"Name":"a","AddReplicaRegions":[{"Region":"us-east-1"}]}`, `CreateSecret,ReplicateSecretToRegions secretsmanager:here:secret:a =secret:a-?`},
	{"secretsmanager:ValidateResourcePolicy", `{"SecretId":"a"}`, `ValidateResourcePolicy,PutResourcePolicy secretsmanager:here:secret:a =secret:a-?`},
	{"elasticfilesystem:CreateAccessPoint", `{"FileSystemId":"fs-1","Tags":[{"Key":"a"}]}`, `CreateAccessPoint elasticfilesystem:here:file-system/fs-1; TagResource elasticfilesystem:here:access-point/*`},
	{"cloudtrail:ListInsightsMetricData", `{"TrailName":"audit"}`, `ListInsightsData +LookupEvents cloudtrail:here:trail/audit; LookupEvents -`},
	{"cloudtrail:ListInsightsMetricData", `{}`, `LookupEvents -`},
	// what has another action, or parts of its ARN in further members
	{"neptunedata:ExecuteGremlinQuery", `{"GremlinQuery":"g.V()"}`, `ReadDataViaQuery,WriteDataViaQuery,DeleteDataViaQuery ?`},
	{"neptunedata:ExecuteFastReset", `{}`, `ResetDatabase ?`},
	{"neptune-graph:ExecuteQuery", `{"GraphIdentifier":"g-1"}`, `ReadDataViaQuery,WriteDataViaQuery,DeleteDataViaQuery neptune-graph:here:graph/g-1`},
	{"securityhub:BatchUpdateFindingsV2", `{}`, `BatchUpdateFindings ?`},
	{"glue:CreateSchema", `{"RegistryId":{"RegistryName":"r"},"SchemaName":"s"}`, `CreateSchema glue:here:registry/r; CreateSchema glue:here:schema/r/s`},
	{"glue:CreateSchema", `{"RegistryId":{"RegistryArn":"arn:aws:glue:eu-west-1:111122223333:registry/r"},"SchemaName":"s"}`, `CreateSchema glue:here:registry/r; CreateSchema glue:here:schema/r/s`},
	{"glue:CreateSchema", `{"SchemaName":"s"}`, `CreateSchema glue:here:schema/*/s`},
	{"codeartifact:DescribePackage", `{"Domain":"d","Repository":"r","Format":"npm","Package":"p"}`, `DescribePackage codeartifact:here:package/d/r/npm/*/p`},
	{"pi:GetResourceMetrics", `{"ServiceType":"RDS","Identifier":"db-ABC"}`, `GetResourceMetrics pi:here:metrics/rds/db-ABC`},
	{"mobiletargeting:GetJourney", `{"ApplicationId":"a","JourneyId":"j"}`, `GetJourney mobiletargeting:here:apps/a/journeys/j`},
	{"imagebuilder:CreateComponent", `{"Name":"c","SemanticVersion":"1.0.0"}`, `CreateComponent imagebuilder:here:component/c/1.0.0/*`},
	{"lex:GetBotChannelAssociation", `{"BotName":"b","BotAlias":"a","Name":"c"}`, `GetBotChannelAssociation lex:here:bot-channel:b:a:c`},
	{"omics:DeleteAnnotationStoreVersions", `{"Name":"s","Versions":["v1"]}`, `DeleteAnnotationStoreVersions omics:here:annotationStore/s; DeleteAnnotationStoreVersions omics:here:annotationStore/s/version/v1`},
	// functions, rules, logs, models, definitions, zones and catalogs
	{"lambda:Invoke", `{"FunctionName":"orders"}`, `InvokeFunction lambda:here:function:orders`},
	{"lambda:Invoke", `{"FunctionName":"orders:live"}`, `InvokeFunction lambda:here:function:orders:live`},
	{"lambda:Invoke", `{"FunctionName":"orders","Qualifier":"3"}`, `InvokeFunction lambda:here:function:orders:3`},
	{"lambda:Invoke", `{"FunctionName":"orders:live","Qualifier":"3"}`, `InvokeFunction ?`},
	{"lambda:Invoke", `{"FunctionName":"222233334444:function:orders"}`, `InvokeFunction lambda:eu-west-1:222233334444:function:orders`},
	{"lambda:Invoke", `{"FunctionName":"cn-north-1:222233334444:function:orders"}`, `InvokeFunction aws-cn:lambda:cn-north-1:222233334444:function:orders`},
	{"lambda:Invoke", `{"FunctionName":"arn:aws:lambda:us-east-1:222233334444:function:orders:live"}`, `InvokeFunction lambda:us-east-1:222233334444:function:orders:live`},
	{"lambda:Invoke", `{"FunctionName":"a/b"}`, `InvokeFunction ?`},
	{"lambda:CreateAlias", `{"FunctionName":"orders","Name":"live"}`, `CreateAlias lambda:here:function:orders:live =function:orders`},
	{"events:PutRule", `{"EventBusName":"bus","Name":"r"}`, `PutRule events:here:rule/bus/r`},
	{"events:PutTargets", `{"EventBusName":"","Rule":"r"}`, `PutTargets events:here:rule/r`},
	{"events:PutTargets", `{"EventBusName":"arn:aws:events:us-east-1:222233334444:event-bus/bus","Rule":"r"}`, `PutTargets events:us-east-1:222233334444:rule/bus/r`},
	{"events:PutTargets", `{"EventBusName":"a/b","Rule":"r"}`, `PutTargets ?`},
	{"logs:GetLogEvents", `{"LogGroupName":"/aws/lambda/orders","LogStreamName":"s"}`, `GetLogEvents logs:here:log-group:/aws/lambda/orders:log-stream:s =log-group:/aws/lambda/orders`},
	{"logs:FilterLogEvents", `{"LogGroupName":"/aws/lambda/orders"}`, `FilterLogEvents logs:here:log-group:/aws/lambda/orders =log-group:/aws/lambda/orders:log-stream:`},
	{"logs:FilterLogEvents", `{"LogGroupIdentifier":"arn:aws:logs:us-east-1:222233334444:log-group:g:*"}`, `FilterLogEvents logs:us-east-1:222233334444:log-group:g =log-group:g:log-stream:`},
	{"logs:FilterLogEvents", `{"LogGroupName":"a:*"}`, `FilterLogEvents ?`},
	{"logs:GetLogEvents", `{"LogGroupName":"g","LogStreamName":"a*"}`, `GetLogEvents ?`},
	{"logs:ListTagsForResource", `{"ResourceArn":"arn:aws:logs:eu-west-1:111122223333:log-group:g:*"}`, `ListTagsForResource logs:here:log-group:g =log-group:g:`},
	{"logs:PutSubscriptionFilter", `{"LogGroupName":"g","DestinationArn":"arn:aws:kinesis:eu-west-1:111122223333:stream/s"}`, `PutSubscriptionFilter logs:here:log-group:g =log-group:g:`},
	{"logs:PutSubscriptionFilter", `{"LogGroupName":"g","DestinationArn":"arn:aws:logs:eu-west-1:222233334444:destination:d"}`, `PutSubscriptionFilter logs:here:log-group:g =log-group:g:; PutSubscriptionFilter logs:eu-west-1:222233334444:destination:d`},
	{"bedrock:InvokeModel", `{"ModelId":"anthropic.claude-v2:1"}`, `InvokeModel bedrock:eu-west-1::foundation-model/anthropic.claude-v2:1`},
	{"bedrock:InvokeModel", `{"ModelId":"eu.anthropic.claude-v2:1"}`, `InvokeModel bedrock:here:inference-profile/eu.anthropic.claude-v2:1; +InvokeModel bedrock:*::foundation-model/anthropic.claude-v2:1`},
	{"bedrock:InvokeModel", `{"ModelId":"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/us.meta.llama:0"}`, `InvokeModel bedrock:here:inference-profile/us.meta.llama:0; +InvokeModel bedrock:*::foundation-model/meta.llama:0`},
	{"bedrock:InvokeModel", `{"ModelId":"arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc"}`, `InvokeModel bedrock:here:application-inference-profile/abc; +InvokeModel ?`},
	{"bedrock:InvokeModel", `{"ModelId":"anthropic.claude-v2:1","GuardrailIdentifier":"g1"}`, `ApplyGuardrail bedrock:here:guardrail/g1; InvokeModel bedrock:eu-west-1::foundation-model/anthropic.claude-v2:1`},
	{"bedrock:Converse", `{"ModelId":"anthropic.claude-v2:1","GuardrailConfig":{"GuardrailIdentifier":"g1"}}`, `ApplyGuardrail bedrock:here:guardrail/g1; InvokeModel bedrock:eu-west-1::foundation-model/anthropic.claude-v2:1`},
	{"codebuild:BatchGetBuilds", `{"Ids":["shop:1234","arn:aws:codebuild:eu-west-1:111122223333:build/pay:5678","x"]}`, `BatchGetBuilds codebuild:here:project/shop; BatchGetBuilds codebuild:here:project/pay; BatchGetBuilds ?`},
	{"codebuild:StopBuild", `{"Id":"shop:1234"}`, `StopBuild codebuild:here:project/shop`},
	{"codebuild:BatchGetBuilds", `{"Ids":["arn:aws:codebuild:us-east-1:222233334444:build/pay:5678","arn:aws:codebuild:eu-west-1:111122223333:build"]}`, `BatchGetBuilds codebuild:us-east-1:222233334444:project/pay; BatchGetBuilds ?`},
	{"codebuild:BatchGetBuildBatches", `{"Ids":["arn:aws:codebuild:eu-west-1:111122223333:build-batch/pay:5678"]}`, `BatchGetBuildBatches codebuild:here:project/pay`},
	{"codebuild:DescribeTestCases", `{"ReportArn":"arn:aws:codebuild:eu-west-1:111122223333:report/shop-unit:5678"}`, `DescribeTestCases codebuild:here:report-group/shop-unit`},
	{"elasticfilesystem:TagResource", `{"ResourceId":"fs-0a1b"}`, `TagResource elasticfilesystem:here:file-system/fs-0a1b`},
	{"elasticfilesystem:TagResource", `{"ResourceId":"fsap-0a1b"}`, `TagResource elasticfilesystem:here:access-point/fsap-0a1b`},
	{"elasticfilesystem:TagResource", `{"ResourceId":"vol-0a1b"}`, `TagResource ?`},
	{"elasticfilesystem:TagResource", `{"ResourceId":"arn:aws:elasticfilesystem:us-east-1:222233334444:file-system/fs-1"}`, `TagResource elasticfilesystem:us-east-1:222233334444:file-system/fs-1`},
	{"elasticmapreduce:AddTags", `{"ResourceId":"j-2AXXXXXXGAPLF"}`, `AddTags elasticmapreduce:here:cluster/j-2AXXXXXXGAPLF`},
	{"autoscaling:DescribePolicies", `{"AutoScalingGroupName":"web"}`, `+DescribePolicies autoscaling:here:autoScalingGroup:*:autoScalingGroupName/web; DescribePolicies -`},
	{"transfer:UpdateAccess", `{"ServerId":"s-1"}`, `+UpdateAccess transfer:here:server/s-1; UpdateAccess -`},
	{"shield:DescribeProtection", `{"ResourceArn":"arn:aws:elasticloadbalancing:eu-west-1:222233334444:loadbalancer/app/web/0a1b"}`, `DescribeProtection shield::111122223333:protection/*; +DescribeProtection elasticloadbalancing:eu-west-1:222233334444:loadbalancer/app/web/0a1b`},
	{"redshift-serverless:GetCredentials", `{"WorkgroupName":"bi"}`, `GetCredentials redshift-serverless:here:workgroup/*`},
	{"redshift-serverless:GetCredentials", `{"WorkgroupName":"arn:aws:redshift-serverless:eu-west-1:222233334444:workgroup/0a1b"}`, `GetCredentials redshift-serverless:eu-west-1:222233334444:workgroup/0a1b`},
	{"bedrock-agentcore:StartBrowserSession", `{"BrowserIdentifier":"aws.browser.v1"}`, `StartBrowserSession bedrock-agentcore:eu-west-1:aws:browser/aws.browser.v1`},
	{"bedrock-agentcore:InvokeCodeInterpreter", `{"CodeInterpreterIdentifier":"mine-0a1b"}`, `InvokeCodeInterpreter bedrock-agentcore:here:code-interpreter-custom/mine-0a1b`},
	{"s3tables:GetTable", `{"TableBucketARN":"arn:aws:s3tables:us-east-1:222233334444:bucket/lake","Namespace":"n","Name":"t"}`, `GetTable s3tables:us-east-1:222233334444:bucket/lake/table/*`},
	{"s3tables:GetTable", `{"TableBucketARN":"lake","Name":"t"}`, `GetTable ?`},
	{"s3tables:ListTables", `{"TableBucketARN":"arn:aws:s3tables:us-east-1:222233334444:bucket/lake"}`, `ListTables s3tables:us-east-1:222233334444:bucket/lake`},
	{"s3vectors:QueryVectors", `{"VectorBucketName":"v","IndexName":"i"}`, `QueryVectors s3vectors:here:bucket/v/index/i`},
	{"cloudtrail:StartLogging", `{"Name":"audit"}`, `StartLogging cloudtrail:here:trail/audit`},
	{"mobiletargeting:SendMessages", `{"ApplicationId":"0a1b"}`, `SendMessages mobiletargeting:here:apps/0a1b/messages`},
	{"ec2:CreateTags", `{"Resources":["i-0a1b","ami-0a1b","vol-1/2","what-1"]}`, `CreateTags ec2:here:instance/i-0a1b; CreateTags ec2:eu-west-1::image/ami-0a1b; CreateTags ?; CreateTags ?`},
	{"dynamodb:ListStreams", `{"TableName":"orders"}`, `ListStreams dynamodb:here:table/orders/stream/*`},
	{"ses:SendBounce", `{"BounceSender":"a@example.com"}`, `SendBounce ses:here:identity/a@example.com =identity/example.com`},
	{"s3:PutObject", `{"Bucket":"receipts","Key":"k","ACL":"public-read"}`, `PutObject,PutObjectAcl s3:::receipts/k`},
	{"s3:PutObject", `{"Bucket":"receipts","Key":"k","Tagging":"a=b","ObjectLockMode":"GOVERNANCE","ObjectLockLegalHoldStatus":"ON","SSEKMSKeyId":"alias/k"}`, `PutObject,PutObjectTagging,PutObjectRetention,PutObjectLegalHold s3:::receipts/k; kms:GenerateDataKey kms:here:alias/k`},
	{"s3:CreateBucket", `{"Bucket":"receipts","GrantRead":"id=1"}`, `CreateBucket,PutBucketAcl s3:::receipts`},
	{"cognito-identity:GetId", `{"IdentityPoolId":"eu-west-1:1-2"}`, `+GetId cognito-identity:here:identitypool/eu-west-1:1-2; GetId -`},
	{"cognito-identity:GetId", `{"AccountId":"222233334444","IdentityPoolId":"eu-west-1:1-2"}`, `GetId cognito-identity:eu-west-1:222233334444:identitypool/eu-west-1:1-2 @222233334444`},
	{"cognito-identity:GetId", `{"IdentityPoolId":"x"}`, `GetId -`},
	{"ecs:RunTask", `{"TaskDefinition":"web","Cluster":"c"}`, `+RunTask ecs:here:cluster/c; RunTask ecs:here:task-definition/web:? =task-definition/web`},
	{"ecs:RunTask", `{"TaskDefinition":"web:3"}`, `RunTask ecs:here:task-definition/web:3 =task-definition/web`},
	{"batch:SubmitJob", `{"JobDefinition":"d:1","JobQueue":"q"}`, `SubmitJob batch:here:job-queue/q; SubmitJob batch:here:job-definition/d:1 =job-definition/d`},
	{"route53:ChangeResourceRecordSets", `{"HostedZoneId":"/hostedzone/Z1"}`, `ChangeResourceRecordSets route53:::hostedzone/Z1`},
	{"route53:GetHostedZone", `{"Id":"Z1"}`, `GetHostedZone route53:::hostedzone/Z1`},
	{"route53:GetHostedZone", `{"Id":"a/b"}`, `GetHostedZone ?`},
	{"glue:GetCatalog", `{"CatalogId":"222233334444:sales"}`, `GetCatalog glue:eu-west-1:222233334444:catalog/sales @222233334444`},
	{"glue:GetCatalog", `{"CatalogId":"sales"}`, `GetCatalog glue:here:catalog/sales`},
	{"glue:GetCatalog", `{"CatalogId":"111122223333"}`, `GetCatalog glue:here:catalog @111122223333`},
	{"glue:GetTable", `{"CatalogId":"222233334444","DatabaseName":"Db","Name":"T"}`, `GetTable glue:eu-west-1:222233334444:table/Db/T =table/db/t @222233334444`},
	{"iam:GetRole", `{"RoleName":"admin"}`, `GetRole iam::111122223333:role/admin`},
	{"iam:CreatePolicy", `{"PolicyName":"p","Path":"/team/"}`, `CreatePolicy iam::111122223333:policy/team/p`},
	{"iam:CreatePolicy", `{"PolicyName":"p"}`, `CreatePolicy iam::111122223333:policy/p`},
	{"ecr:BatchGetImage", `{"RegistryId":"222233334444","RepositoryName":"a/b"}`, `BatchGetImage ecr:eu-west-1:222233334444:repository/a/b @222233334444`},
	{"ecs:DescribeServices", `{"Cluster":"c","Services":["a","b"]}`, `DescribeServices ecs:here:service/c/a; DescribeServices ecs:here:service/c/b`},
	{"states:StartExecution", `{"StateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:m"}`, `StartExecution states:here:stateMachine:m`},
	{"kinesis:PutRecords", `{"StreamName":"s"}`, `PutRecords +PutRecord kinesis:here:stream/s`},
	{"sts:GetCallerIdentity", `{"X":"y"}`, `GetCallerIdentity -`},
	{"lakeformation:ListPermissions", `{"CatalogId":"111122223333","Resource":{"Table":{"CatalogId":"222233334444"}}}`, `ListPermissions - @222233334444`},
	{"ssm:GetParameter", `{"Name":"a b*"}`, `GetParameter ?`},
	{"nothere:DoThing", `{"Arn":"x"}`, `DoThing ?`},
	{"sagemaker:InvokeEndpoint", `{"EndpointName":"E","InferenceComponentName":"C"}`, `InvokeEndpoint sagemaker:here:endpoint/E =endpoint/e; InvokeEndpoint sagemaker:here:inference-component/C =inference-component/c`},
	{"codebuild:StartBuild", `{"ProjectName":"p"}`, `StartBuild codebuild:here:project/p`},
	{"cloudformation:DescribeStacks", `{"StackName":"s"}`, `DescribeStacks cloudformation:here:stack/s/*`},
	{"apigateway:GetRestApi", `{"RestApiId":"a1"}`, `GET apigateway:eu-west-1::/restapis/a1`},
	{"apigateway:GetRestApis", `{"Limit":1}`, `GET apigateway:eu-west-1::/restapis`},
	{"ecr:GetAuthorizationToken", `{"RegistryIds":["222233334444"]}`, `GetAuthorizationToken -`},
	{"quicksight:ListDashboards", `{"AwsAccountId":"222233334444"}`, `ListDashboards ? @222233334444`},
	{"polly:SynthesizeSpeech", `{"LexiconNames":["l"],"Text":"x"}`, `SynthesizeSpeech polly:here:lexicon/l`},
	{"ecs:RunTask", `{"TaskDefinition":"web:"}`, `RunTask ecs:here:task-definition/web:? =task-definition/web`},
	{"ecs:RunTask", `{"TaskDefinition":"a/b"}`, `RunTask ?`},
	{"ecs:RunTask", `{"TaskDefinition":"web:3/4"}`, `RunTask ?`},
	{"ecs:RunTask", `{"TaskDefinition":"arn:aws:ecs:us-east-1:222233334444:task-definition/web:3"}`, `RunTask ecs:us-east-1:222233334444:task-definition/web:3 =task-definition/web`},
	{"cognito-identity:DescribeIdentityPool", `{"IdentityPoolId":"eu-west-1:1-2"}`, `DescribeIdentityPool cognito-identity:here:identitypool/eu-west-1:1-2`},
	{"cognito-identity:DescribeIdentityPool", `{"IdentityPoolId":"eu-west-1"}`, `DescribeIdentityPool ?`},
	{"cognito-identity:DescribeIdentityPool", `{"IdentityPoolId":"EU:1-2"}`, `DescribeIdentityPool ?`},
	{"cognito-identity:DescribeIdentityPool", `{"IdentityPoolId":"eu-west-1:1/2"}`, `DescribeIdentityPool ?`},
	{"textract:StartDocumentAnalysis", `{"OutputConfig":{"S3Bucket":"arn:aws:s3:eu-west-1:111122223333:accesspoint/ap"}}`, `s3:PutObject s3:here:accesspoint/ap/object/…; StartDocumentAnalysis -`},
	{"textract:StartDocumentAnalysis", `{"OutputConfig":{"S3Bucket":"out"}}`, `s3:PutObject s3:::out/…; StartDocumentAnalysis -`},
	{"s3:PutBucketLogging", `{"Bucket":"receipts","BucketLoggingStatus":{"LoggingEnabled":{"TargetBucket":"logs"}}}`, `PutBucketLogging s3:::receipts; PutObject s3:::logs/…`},
	{"s3:GetObject", `{"Bucket":"arn:aws:s3:::receipts","Key":"a"}`, `GetObject s3:::receipts/a`},
	{"s3:GetObject", `{"Bucket":"arn:aws:s3:::receipts","Key":"../a"}`, `GetObject ?`},
	{"s3:GetObject", `{"Bucket":"azAZ09-_.x","Key":"a"}`, `GetObject s3:::azAZ09-_.x/a`},
	{"s3:GetObject", `{"Bucket":"ab","Key":"a"}`, `GetObject ?`},
	{"s3:GetObject", `{"Bucket":"a..b","Key":"a"}`, `GetObject ?`},
	{"s3:GetObject", `{"Bucket":".ab","Key":"a"}`, `GetObject ?`},
	{"s3:PutObject", `{"Bucket":"b--use1-az4--x-s3","Key":"a"}`, `s3express:CreateSession s3express:here:bucket/b--use1-az4--x-s3`},
	{"s3:PutBucketPolicy", `{"Bucket":"b--use1-az4--x-s3"}`, `s3express:PutBucketPolicy s3express:here:bucket/b--use1-az4--x-s3`},
	{"s3:ListObjectVersions", `{"Bucket":"receipts"}`, `ListBucketVersions s3:::receipts`},
	{"ses:SendEmail", `{"Source":"<a@example.com>"}`, `SendEmail ses:here:identity/a@example.com =identity/example.com`},
	{"ssm:AddTagsToResource", `{"ResourceType":"Automation","ResourceId":"a"}`, `AddTagsToResource ssm:here:automation-execution/a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"Association","ResourceId":"a"}`, `AddTagsToResource ssm:here:association/a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"Document","ResourceId":"a"}`, `AddTagsToResource ssm:here:document/a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"MaintenanceWindow","ResourceId":"a"}`, `AddTagsToResource ssm:here:maintenancewindow/a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"ManagedInstance","ResourceId":"mi-a"}`, `AddTagsToResource ssm:here:managed-instance/mi-a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"OpsItem","ResourceId":"a"}`, `AddTagsToResource ssm:here:opsitem/a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"OpsMetadata","ResourceId":"a"}`, `AddTagsToResource ssm:here:opsmetadata/a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"PatchBaseline","ResourceId":"a"}`, `AddTagsToResource ssm:here:patchbaseline/a`},
	{"ssm:AddTagsToResource", `{"ResourceType":"Document","ResourceId":"a*"}`, `AddTagsToResource ?`},
	{"ssm:DeleteParameters", `{"Names":["a"]}`, `DeleteParameters +DeleteParameter ssm:here:parameter/a`},
	{"ssm:GetParameterHistory", `{"Name":"a"}`, `GetParameterHistory +GetParameter ssm:here:parameter/a`},
	{"firehose:PutRecordBatch", `{"DeliveryStreamName":"s"}`, `PutRecordBatch +PutRecord firehose:here:deliverystream/s`},
	{"ecr:BatchCheckLayerAvailability", `{"RepositoryName":"r"}`, `BatchCheckLayerAvailability ecr:here:repository/r`},
	{"account:GetContactInformation", `{"AccountId":"222233334444"}`, `GetContactInformation ? @222233334444`},
	{"account:GetContactInformation", `{"AccountId":"me"}`, `GetContactInformation ?`},
	{"glue:GetPartition", `{"DatabaseName":"d","TableName":"t"}`, `GetPartition glue:here:table/d/t`},
	{"glue:GetCatalog", `{"CatalogId":"a:b:c"}`, `GetCatalog ?`},
	{"glue:GetCatalog", `{"CatalogId":"arn:aws:glue:us-east-1:222233334444:catalog/sales"}`, `GetCatalog glue:us-east-1:222233334444:catalog/sales`},
	{"lambda:Invoke", `{"FunctionName":"a:b:c"}`, `InvokeFunction ?`},
	{"lambda:Invoke", `{"FunctionName":"arn:aws:lambda:eu-west-1:111122223333:layer:x"}`, `InvokeFunction lambda:here:layer:x`},
	{"lambda:Invoke", `{"FunctionName":"azAZ09-_"}`, `InvokeFunction lambda:here:function:azAZ09-_`},
	{"logs:FilterLogEvents", `{"LogGroupIdentifier":"arn:aws:logs:us-east-1:222233334444:log-group:g"}`, `FilterLogEvents logs:us-east-1:222233334444:log-group:g =log-group:g:log-stream:`},
	{"logs:GetLogEvents", `{"LogGroupName":"g","LogStreamName":"a:b"}`, `GetLogEvents ?`},
	{"kms:Decrypt", `{"KeyId":"alias/"}`, `Decrypt ?`},
	{"kms:Decrypt", `{"KeyId":"a/b"}`, `Decrypt ?`},
	{"events:PutTargets", `{"EventBusName":"default","Rule":"arn:aws:events:us-east-1:222233334444:rule/r"}`, `PutTargets events:us-east-1:222233334444:rule/r`},
	{"events:PutTargets", `{"EventBusName":"arn:aws:events","Rule":"r"}`, `PutTargets ?`},
	{"events:PutTargets", `{"EventBusName":"bus","Rule":"a/b"}`, `PutTargets ?`},
	{"sqs:SendMessage", `{"QueueUrl":"https:///111122223333/orders"}`, `SendMessage ?`},
	{"sqs:SendMessage", `{"QueueUrl":"sqs.eu-west-1.amazonaws.com/111122223333/orders"}`, `SendMessage sqs:here:orders`},
	{"sqs:SendMessage", `{"QueueUrl":"https://sqs-fips.us-east-1.amazonaws.com/111122223333/orders"}`, `SendMessage sqs:here:orders; SendMessage sqs:us-east-1:111122223333:orders`},
	{"sns:Publish", `{"PhoneNumber":"0-9 +"}`, `Publish sns:::phone/0-9 +`},
	{"glacier:ListVaults", `{"AccountId":"222233334444"}`, `ListVaults - @222233334444`},
	{"s3:GetObject", `{"Bucket":"arn:aws:s3:::receipts/..","Key":"a"}`, `GetObject ?`},
	{"s3:GetObject", `{"Bucket":"arn:aws:s3","Key":"a"}`, `GetObject ?`},
	{"sqs:SendMessage", `{"QueueUrl":"arn:aws:sqs:eu-west-1:111122223333:a b"}`, `SendMessage sqs:here:a b`},
	{"sqs:SendMessage", `{"QueueUrl":"arn:aws:sqs:eu-west-1:111122223333:a\u007fb"}`, `SendMessage ?`},
	{"organizations:DescribeAccount", `{"AccountId":"222233334444"}`, `DescribeAccount organizations::111122223333:account/*/222233334444`},
	{"organizations:AttachPolicy", `{"PolicyId":"p-0a1b","TargetId":"ou-ab12-cd34"}`, `AttachPolicy organizations::111122223333:policy/*/*/p-0a1b; AttachPolicy organizations::111122223333:ou/*/ou-ab12-cd34`},
	{"organizations:ListChildren", `{"ParentId":"x-1"}`, `ListChildren ?`},
	{"rds:DescribeDBInstances", `{"DBInstanceIdentifier":"MyDB"}`, `DescribeDBInstances rds:here:db:MyDB =db:mydb`},
	{"eks:DescribeNodegroup", `{"ClusterName":"c","NodegroupName":"n"}`, `DescribeNodegroup eks:here:nodegroup/c/n/*`},
	{"autoscaling:SetDesiredCapacity", `{"AutoScalingGroupName":"web"}`, `SetDesiredCapacity autoscaling:here:autoScalingGroup:*:autoScalingGroupName/web`},
	{"appsync:GetGraphqlApi", `{"ApiId":"a1b2"}`, `GetGraphqlApi appsync:here:apis/a1b2`},
	{"wafv2:GetWebACL", `{"Name":"n","Scope":"REGIONAL","Id":"1"}`, `GetWebACL wafv2:here:*/webacl/n/1`},
	{"events:PutEvents", `{"Entries":[{"EventBusName":"bus"},{"Source":"x"}]}`, `PutEvents events:here:event-bus/bus; PutEvents events:here:event-bus/default`},
}

func TestTouches(t *testing.T) {
	for _, tt := range touchCases {
		assert.Equal(t, tt.touches, touchesOf(tt.operation, standIn(t, tt.input)), "%s %s", tt.operation, tt.input)
	}
}

// Every parser is among the cases.
func TestTouchesCoverEveryParser(t *testing.T) {
	seen := map[uintptr]bool{}
	for _, tt := range touchCases {
		service, name, _ := strings.Cut(tt.operation, ":")
		for _, s := range NewOp(service, name, reflect.TypeOf(standIn(t, tt.input))).steps {
			seen[reflect.ValueOf(s.parse).Pointer()] = true
		}
	}
	for _, p := range parsers {
		assert.True(t, seen[reflect.ValueOf(p.parse).Pointer()], p.name)
	}
}

// Without an input, resources are given by ARNs or by what follows their fifth colon.
func TestTouchesOfARNs(t *testing.T) {
	for _, tt := range []struct{ operation, arns, touches string }{
		{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "GetItem dynamodb:here:table/orders"},
		{"dynamodb:GetItem", "table/orders", "GetItem dynamodb:here:table/orders"},
		{"dynamodb:GetItem", "table/a table/b", "GetItem dynamodb:here:table/a; GetItem dynamodb:here:table/b"},
		{"dynamodb:GetItem", "table/a table/a", "GetItem dynamodb:here:table/a"},
		{"dynamodb:GetItem", "", "GetItem ?"},
		{"dynamodb:GetItem", "*", "GetItem ?"},
		{"dynamodb:GetItem", "arn:aws:dynamodb", "GetItem ?"},
		{"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/../x", "GetItem ?"},
		{"dynamodb:ListTables", "", "ListTables -"},
		{"dynamodb:BatchGetItem", "table/a", "BatchGetItem +GetItem dynamodb:here:table/a"},
		{"dynamodb:BatchWriteItem", "table/a", "BatchWriteItem +PutItem +DeleteItem dynamodb:here:table/a"},
		{"s3:GetObject", "receipts/a", "GetObject s3:::receipts/a"},
		{"s3:GetObject", "arn:aws:s3:::receipts/*", "GetObject s3:::receipts/…"},
		{"s3:GetObject", "arn:aws:s3:::receipts/a/../b", "GetObject s3:::receipts/a/../b"},
		{"s3:GetObject", "arn:aws:s3:eu-west-1:222233334444:accesspoint:ap/object/a",
			"GetObject s3:eu-west-1:222233334444:accesspoint/ap/object/a"},
		{"s3:GetObject", "arn:aws:s3express:eu-west-1:111122223333:bucket/b--use1-az4--x-s3",
			"s3express:CreateSession s3express:here:bucket/b--use1-az4--x-s3"},
		{"s3:DeleteObjects", "arn:aws:s3:::receipts/a", "DeleteObject,DeleteObjectVersion s3:::receipts/a"},
		{"logs:FilterLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:g:*",
			"FilterLogEvents logs:here:log-group:g =log-group:g:"},
		{"logs:GetLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:g:log-stream:s",
			"GetLogEvents logs:here:log-group:g:log-stream:s =log-group:g"},
		{"sns:Publish", "alerts", "Publish sns:here:alerts"},
		{"sns:Unsubscribe", "alerts:7a", "Unsubscribe sns:here:alerts:7a =alerts"},
		{"secretsmanager:GetSecretValue", "secret:db", "GetSecretValue secretsmanager:here:secret:db =secret:db-?"},
		{"secretsmanager:GetSecretValue", "secret:db-A1b2C3", "GetSecretValue secretsmanager:here:secret:db-A1b2C3 =secret:db"},
		{"secretsmanager:GetSecretValue", "secret:db-backup", "GetSecretValue secretsmanager:here:secret:db-backup =secret:db-backup-?"},
		{"ecs:RunTask", "task-definition/web:3", "RunTask ecs:here:task-definition/web:3 =task-definition/web"},
		{"batch:SubmitJob", "job-definition/d:1", "SubmitJob batch:here:job-definition/d:1 =job-definition/d"},
		{"textract:DetectDocumentText", "arn:aws:s3:::scans/a", "s3:GetObject,s3:PutObject s3:::scans/a; DetectDocumentText -"},
		{"sqs:SendMessage", "a\x00b", "SendMessage ?"},
	} {
		assert.Equal(t, tt.touches, touchesOf(tt.operation, nil, strings.Fields(tt.arns)...), "%s %s", tt.operation, tt.arns)
	}
}

// The owner that the caller of Of names is that of the operation's resources; of S3's, it is the
// bucket's alone.
func TestTouchesOfARNsOfAnOwner(t *testing.T) {
	at := here
	at.Owner = "222233334444"
	const kmsKey = "arn:aws:kms:eu-west-1:111122223333:key/1"
	for operation, want := range map[string]string{
		"s3:GetObject receipts/a":    "GetObject s3:::receipts/a @222233334444",
		"s3:PutObject " + kmsKey:     "kms:GenerateDataKey kms:here:key/1; PutObject ? @222233334444",
		"sqs:SendMessage receipts/a": "SendMessage sqs:here:receipts/a @222233334444",
	} {
		operation, arn, _ := strings.Cut(operation, " ")
		service, name, _ := strings.Cut(operation, ":")
		var ts Touches
		ts.Of(NewOp(service, name, nil), nil, []string{arn}, &at)
		assert.Equal(t, want, describe(&ts))
	}
}

// IAM has no resource for the operation. What it names counts for whitelists if the ARN, or the
// owner that is named, shows another account.
func TestTouchesOfAnotherAccountsWithoutAResource(t *testing.T) {
	const own, other = "111122223333", "222233334444"
	for _, tt := range []struct{ account, owner, want string }{
		{own, "", "+DescribePolicies autoscaling:here:autoScalingGroup:1:web; DescribePolicies -"},
		{own, own, "+DescribePolicies autoscaling:here:autoScalingGroup:1:web @111122223333; DescribePolicies - @111122223333"},
		{other, "", "DescribePolicies autoscaling:eu-west-1:222233334444:autoScalingGroup:1:web"},
		{own, other, "DescribePolicies autoscaling:here:autoScalingGroup:1:web @222233334444"},
		{other, own, "DescribePolicies autoscaling:eu-west-1:222233334444:autoScalingGroup:1:web @111122223333"},
	} {
		at := here
		at.Owner = tt.owner
		var ts Touches
		ts.Of(NewOp("autoscaling", "DescribePolicies", nil), nil, []string{"arn:aws:autoscaling:eu-west-1:" + tt.account + ":autoScalingGroup:1:web"}, &at)
		assert.Equal(t, tt.want, describe(&ts), "%s of %s", tt.account, tt.owner)
	}
}
