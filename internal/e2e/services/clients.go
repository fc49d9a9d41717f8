// Package services drives the SDK's clients of many services by reflection, to see that the guard
// reads each of their operations.
package services

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/appconfig"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagentcore"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagentruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/comprehend"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iot"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	"github.com/aws/aws-sdk-go-v2/service/pipes"
	"github.com/aws/aws-sdk-go-v2/service/polly"
	"github.com/aws/aws-sdk-go-v2/service/rdsdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/s3vectors"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/shield"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/timestreamwrite"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/translate"
	"github.com/aws/aws-sdk-go-v2/service/verifiedpermissions"
	"github.com/aws/aws-sdk-go-v2/service/workspaces"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// clients makes a client of each service, by the name of its package.
var clients = map[string]func(aws.Config) any{
	"athena":                  func(c aws.Config) any { return athena.NewFromConfig(c) },
	"workspaces":              func(c aws.Config) any { return workspaces.NewFromConfig(c) },
	"verifiedpermissions":     func(c aws.Config) any { return verifiedpermissions.NewFromConfig(c) },
	"transfer":                func(c aws.Config) any { return transfer.NewFromConfig(c) },
	"s3vectors":               func(c aws.Config) any { return s3vectors.NewFromConfig(c) },
	"shield":                  func(c aws.Config) any { return shield.NewFromConfig(c) },
	"s3tables":                func(c aws.Config) any { return s3tables.NewFromConfig(c) },
	"redshiftserverless":      func(c aws.Config) any { return redshiftserverless.NewFromConfig(c) },
	"codebuild":               func(c aws.Config) any { return codebuild.NewFromConfig(c) },
	"cloudtrail":              func(c aws.Config) any { return cloudtrail.NewFromConfig(c) },
	"bedrockagentcore":        func(c aws.Config) any { return bedrockagentcore.NewFromConfig(c) },
	"autoscaling":             func(c aws.Config) any { return autoscaling.NewFromConfig(c) },
	"appsync":                 func(c aws.Config) any { return appsync.NewFromConfig(c) },
	"appconfig":               func(c aws.Config) any { return appconfig.NewFromConfig(c) },
	"apigateway":              func(c aws.Config) any { return apigateway.NewFromConfig(c) },
	"batch":                   func(c aws.Config) any { return batch.NewFromConfig(c) },
	"bedrock":                 func(c aws.Config) any { return bedrock.NewFromConfig(c) },
	"bedrockagentruntime":     func(c aws.Config) any { return bedrockagentruntime.NewFromConfig(c) },
	"bedrockruntime":          func(c aws.Config) any { return bedrockruntime.NewFromConfig(c) },
	"cloudfront":              func(c aws.Config) any { return cloudfront.NewFromConfig(c) },
	"cloudwatch":              func(c aws.Config) any { return cloudwatch.NewFromConfig(c) },
	"cloudwatchlogs":          func(c aws.Config) any { return cloudwatchlogs.NewFromConfig(c) },
	"cognitoidentity":         func(c aws.Config) any { return cognitoidentity.NewFromConfig(c) },
	"cognitoidentityprovider": func(c aws.Config) any { return cognitoidentityprovider.NewFromConfig(c) },
	"comprehend":              func(c aws.Config) any { return comprehend.NewFromConfig(c) },
	"dynamodb":                func(c aws.Config) any { return dynamodb.NewFromConfig(c) },
	"dynamodbstreams":         func(c aws.Config) any { return dynamodbstreams.NewFromConfig(c) },
	"ecr":                     func(c aws.Config) any { return ecr.NewFromConfig(c) },
	"ecs":                     func(c aws.Config) any { return ecs.NewFromConfig(c) },
	"elasticache":             func(c aws.Config) any { return elasticache.NewFromConfig(c) },
	"eventbridge":             func(c aws.Config) any { return eventbridge.NewFromConfig(c) },
	"firehose":                func(c aws.Config) any { return firehose.NewFromConfig(c) },
	"glue":                    func(c aws.Config) any { return glue.NewFromConfig(c) },
	"iam":                     func(c aws.Config) any { return iam.NewFromConfig(c) },
	"iot":                     func(c aws.Config) any { return iot.NewFromConfig(c) },
	"kinesis":                 func(c aws.Config) any { return kinesis.NewFromConfig(c) },
	"kms":                     func(c aws.Config) any { return kms.NewFromConfig(c) },
	"lambda":                  func(c aws.Config) any { return lambda.NewFromConfig(c) },
	"opensearch":              func(c aws.Config) any { return opensearch.NewFromConfig(c) },
	"pipes":                   func(c aws.Config) any { return pipes.NewFromConfig(c) },
	"polly":                   func(c aws.Config) any { return polly.NewFromConfig(c) },
	"rdsdata":                 func(c aws.Config) any { return rdsdata.NewFromConfig(c) },
	"redshiftdata":            func(c aws.Config) any { return redshiftdata.NewFromConfig(c) },
	"rekognition":             func(c aws.Config) any { return rekognition.NewFromConfig(c) },
	"route53":                 func(c aws.Config) any { return route53.NewFromConfig(c) },
	"s3":                      func(c aws.Config) any { return s3.NewFromConfig(c) },
	"s3control":               func(c aws.Config) any { return s3control.NewFromConfig(c) },
	"scheduler":               func(c aws.Config) any { return scheduler.NewFromConfig(c) },
	"secretsmanager":          func(c aws.Config) any { return secretsmanager.NewFromConfig(c) },
	"servicediscovery":        func(c aws.Config) any { return servicediscovery.NewFromConfig(c) },
	"ses":                     func(c aws.Config) any { return ses.NewFromConfig(c) },
	"sesv2":                   func(c aws.Config) any { return sesv2.NewFromConfig(c) },
	"sfn":                     func(c aws.Config) any { return sfn.NewFromConfig(c) },
	"sns":                     func(c aws.Config) any { return sns.NewFromConfig(c) },
	"sqs":                     func(c aws.Config) any { return sqs.NewFromConfig(c) },
	"ssm":                     func(c aws.Config) any { return ssm.NewFromConfig(c) },
	"sts":                     func(c aws.Config) any { return sts.NewFromConfig(c) },
	"timestreamwrite":         func(c aws.Config) any { return timestreamwrite.NewFromConfig(c) },
	"transcribe":              func(c aws.Config) any { return transcribe.NewFromConfig(c) },
	"translate":               func(c aws.Config) any { return translate.NewFromConfig(c) },
	"xray":                    func(c aws.Config) any { return xray.NewFromConfig(c) },
}

// operations returns the methods of a client that are operations: those that take a context, an
// input and options.
func operations(client any) map[string]reflect.Value {
	v := reflect.ValueOf(client)
	ops := map[string]reflect.Value{}
	for i := range v.NumMethod() {
		m := v.Method(i)
		if t := m.Type(); t.NumIn() == 3 && t.IsVariadic() && t.NumOut() == 2 && t.In(1).Kind() == reflect.Pointer {
			ops[v.Type().Method(i).Name] = m
		}
	}
	return ops
}
