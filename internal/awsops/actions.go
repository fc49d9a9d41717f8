package awsops

import "strings"

// renames lists the operations that IAM knows under other names.
const renames = `
dynamodb:BatchExecuteStatement=PartiQLDelete,PartiQLInsert,PartiQLSelect,PartiQLUpdate
dynamodb:ExecuteStatement=PartiQLDelete,PartiQLInsert,PartiQLSelect,PartiQLUpdate
dynamodb:ExecuteTransaction=PartiQLDelete,PartiQLInsert,PartiQLSelect,PartiQLUpdate
dynamodb:TransactGetItems=GetItem
dynamodb:TransactWriteItems=ConditionCheckItem,DeleteItem,PutItem,UpdateItem
lambda:Invoke=InvokeFunction
lambda:InvokeWithResponseStream=InvokeFunction
s3:CopyObject=PutObject,GetObject
s3:DeleteObjects=DeleteObject
s3:HeadBucket=ListBucket
s3:HeadObject=GetObject
s3:ListBuckets=ListAllMyBuckets
s3:ListObjects=ListBucket
s3:ListObjectsV2=ListBucket
s3:UploadPart=PutObject
s3:UploadPartCopy=PutObject,GetObject
sns:PublishBatch=Publish
sqs:ChangeMessageVisibilityBatch=ChangeMessageVisibility
sqs:DeleteMessageBatch=DeleteMessage
sqs:SendMessageBatch=SendMessage
`

// Actions returns the IAM actions that an operation stands for, separated by commas, the main one first: actions of another
// service carry its prefix ("s3express:CreateSession"). An operation that IAM knows by its own name gives "".
func Actions(prefix, operation string) string {
	rest, _ := find(renames, prefix+":"+operation)
	return strings.TrimPrefix(rest, "=")
}

// resources says which members of an operation's input name what it touches.
const resources = `
dynamodb=TableName+IndexName=table/$/index/$@Query|Scan TableName=table/$ TableArn SourceTableArn ResourceArn StreamArn BackupArn ExportArn ImportArn GlobalTableName=:global-table/$ SourceTableName=table/$ TargetTableName=table/$ RequestItems{}=table/$ TransactItems[].ConditionCheck.TableName=table/$!ConditionCheckItem TransactItems[].Put.TableName=table/$!PutItem TransactItems[].Delete.TableName=table/$!DeleteItem TransactItems[].Update.TableName=table/$!UpdateItem TransactItems[].Get.TableName=table/$ Statement~partiql Statements[].Statement~partiql TransactStatements[].Statement~partiql
lambda=FunctionName+Qualifier~function FunctionName~function FunctionArn LayerName=layer:$ CodeSigningConfigArn EventSourceArn UUID=event-source-mapping:$ Resource
s3=CopySource~copysource!GetObject Bucket+Key~bucket Bucket+Delete.Objects[].Key~bucket Bucket~bucket BucketLoggingStatus.LoggingEnabled.TargetBucket~bucket!PutObject
sns=TopicArn TargetArn ResourceArn SubscriptionArn PhoneNumber~phone Name=$@CreateTopic PlatformApplicationArn EndpointArn
sqs=QueueUrl~queue QueueName=$ SourceArn DestinationArn!SendMessage
`

// Resources returns the resource paths of a service; see gen/resources.txt for their grammar.
func Resources(prefix string) string {
	rest, _ := find(resources, prefix)
	return strings.TrimPrefix(rest, "=")
}

// TakesNone reports whether IAM knows no resource for an operation.
func TakesNone(prefix, operation string) bool {
	switch prefix + ":" + operation {
	case "s3:ListBuckets", "s3:ListDirectoryBuckets", "sqs:ListQueues", "sns:ListTopics", "lambda:ListFunctions", "dynamodb:ListTables", "sts:GetCallerIdentity":
		return true
	}
	return false
}
