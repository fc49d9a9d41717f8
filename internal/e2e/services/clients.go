// Package services drives the SDK's clients of many services by reflection, to see that the guard reads each of their operations.
package services

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// clients makes a client of each service, by the name of its package.
var clients = map[string]func(aws.Config) any{
	"athena":         func(c aws.Config) any { return athena.NewFromConfig(c) },
	"dynamodb":       func(c aws.Config) any { return dynamodb.NewFromConfig(c) },
	"eventbridge":    func(c aws.Config) any { return eventbridge.NewFromConfig(c) },
	"firehose":       func(c aws.Config) any { return firehose.NewFromConfig(c) },
	"kinesis":        func(c aws.Config) any { return kinesis.NewFromConfig(c) },
	"kms":            func(c aws.Config) any { return kms.NewFromConfig(c) },
	"lambda":         func(c aws.Config) any { return lambda.NewFromConfig(c) },
	"s3":             func(c aws.Config) any { return s3.NewFromConfig(c) },
	"secretsmanager": func(c aws.Config) any { return secretsmanager.NewFromConfig(c) },
	"sesv2":          func(c aws.Config) any { return sesv2.NewFromConfig(c) },
	"sfn":            func(c aws.Config) any { return sfn.NewFromConfig(c) },
	"sns":            func(c aws.Config) any { return sns.NewFromConfig(c) },
	"sqs":            func(c aws.Config) any { return sqs.NewFromConfig(c) },
	"ssm":            func(c aws.Config) any { return ssm.NewFromConfig(c) },
	"sts":            func(c aws.Config) any { return sts.NewFromConfig(c) },
}

// operations returns the methods of a client that are operations: those that take a context, an input and options.
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
